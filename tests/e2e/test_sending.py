"""What becomes of a message between Enter and the log, on good lines and bad ones."""

import datetime as dt
import re

import pytest
from django.utils import timezone
from playwright.sync_api import Locator, Page, expect

from tests.conftest import LiveServer
from tests.e2e.acting import look
from tests.e2e.conftest import People
from tests.e2e.line import Line
from tests.e2e.seated import SeatedRoom, enter, live_room

pytestmark = pytest.mark.e2e

UNSENT = re.compile("message-unsent")
#: For the page's own clock to stop: after its present moment, and before anything runs out.
SOON = dt.timedelta(minutes=1)
OFFLINE = "Will be sent when the connection is back"


def write(pane: Locator, *texts: str) -> None:
    """Write messages and send them, whatever becomes of them."""
    for text in texts:
        pane.locator("textarea").fill(text)
        pane.locator("textarea").press("Enter")


def at_work(people: People, server: LiveServer) -> tuple[SeatedRoom, Page, Line, Locator]:
    """A live room, its interrogator's page, the line of that page, and the person's pane."""
    seated = live_room()
    page = people.person()
    page.clock.install()
    line = Line(page)
    enter(page, seated.interrogator, server)
    return seated, page, line, page.locator(seated.human_pane)


def test_message_is_shown_at_once_and_marked_until_it_is_stored(
    server: LiveServer, people: People
) -> None:
    _, page, line, pane = at_work(people, server)
    page.clock.pause_at(timezone.now() + SOON)
    line.hold()
    write(pane, "on its way")

    bubble = pane.locator(".message-mine")
    expect(bubble).to_have_class(UNSENT)
    page.clock.run_for(2_000)  # Long enough to say so, and not to take the line for dead.
    expect(bubble).to_contain_text("Sending…")
    line.release()
    expect(bubble).not_to_have_class(UNSENT)
    expect(bubble).to_have_count(1)
    expect(bubble).not_to_contain_text("Sending…")


def test_messages_written_offline_are_sent_once_and_in_order(
    server: LiveServer, people: People
) -> None:
    seated, page, line, pane = at_work(people, server)
    texts = ["before", "one", "two", "three"]
    write(pane, "before")
    expect(pane.locator(".message-mine")).not_to_have_class(UNSENT)
    page.clock.pause_at(timezone.now() + SOON)
    line.cut()
    write(pane, *texts[1:])

    expect(pane.get_by_text(OFFLINE)).to_have_count(3)
    expect(page.locator("#banner-text")).to_be_empty()
    page.clock.run_for(5_000)
    expect(page.locator("#banner-text")).to_contain_text("The connection is lost")
    line.mend()
    page.clock.resume()
    page.get_by_role("button", name="Try now").click()
    expect(page.locator(".message-unsent")).to_have_count(0)
    expect(page.locator("#banner-text")).to_be_empty()
    expect(pane.locator(".message-mine .message-text")).to_have_text(texts)
    assert seated.said() == texts


def test_message_whose_acknowledgement_was_lost_is_stored_once(
    server: LiveServer, people: People
) -> None:
    seated, page, line, pane = at_work(people, server)
    line.loses_ack = True
    write(pane, "said once", "and then this")

    expect(pane.locator(".message-mine")).to_have_count(2)
    expect(page.locator(".message-unsent")).to_have_count(0)
    assert seated.said() == ["said once", "and then this"]
    assert not line.loses_ack


def test_unsent_message_survives_a_reload(server: LiveServer, people: People) -> None:
    seated, page, line, pane = at_work(people, server)
    line.cut()
    write(pane, "kept through the reload")
    expect(pane.get_by_text(OFFLINE)).to_be_visible()
    line.mend()
    page.reload()

    expect(pane.locator(".message-mine")).to_have_text(re.compile("kept through the reload"))
    expect(page.locator(".message-unsent")).to_have_count(0)
    assert seated.said() == ["kept through the reload"]


def test_refused_message_says_why_and_can_be_sent_again(server: LiveServer, people: People) -> None:
    seated, page, line, pane = at_work(people, server)
    page.clock.pause_at(timezone.now() + SOON)
    line.hold()
    seated.pause()
    write(pane, "in the pause", "behind it")
    line.release()

    expect(pane.locator(".message-failed")).to_contain_text("Not sent. The room is paused")
    expect(pane.locator(".message-mine").last).to_contain_text(
        "Waits for the message that was not sent"
    )
    seated.resume()
    expect(page.locator("#banner-text")).to_be_empty()
    pane.get_by_role("button", name="Try again").click()
    expect(page.locator(".message-unsent")).to_have_count(0)
    assert seated.said() == ["in the pause", "behind it"]


def test_refused_message_can_be_removed(server: LiveServer, people: People) -> None:
    seated, page, _, pane = at_work(people, server)
    write(pane, "\u200b", "something")
    expect(pane.locator(".message-failed")).to_contain_text("Not sent.")
    pane.get_by_role("button", name="Remove").click()

    expect(page.locator(".message-unsent")).to_have_count(0)
    expect(pane.locator(".message-mine")).to_have_count(1)
    assert seated.said() == ["something"]


def test_message_over_the_limit_stays_in_its_field(server: LiveServer, people: People) -> None:
    _, _, _, pane = at_work(people, server)
    field = pane.locator("textarea")
    field.fill("x" * 299)
    expect(pane.locator(".counter")).to_have_text("1 left")
    field.fill("x" * 302)
    field.press("Enter")

    expect(pane.locator(".counter")).to_have_text("2 too many")
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_have_value("x" * 302)
    expect(pane.locator(".message")).to_have_count(0)


def test_enter_that_takes_a_candidate_in_safari_does_not_send(
    server: LiveServer, people: People
) -> None:
    _, _, _, pane = at_work(people, server)
    field = pane.locator("textarea")
    field.fill("にほん")
    # Safari ends the composition before it tells of the key, and says so by its code alone.
    field.evaluate(
        """field => field.dispatchEvent(new KeyboardEvent("keydown",
            {key: "Enter", keyCode: 229, isComposing: false, bubbles: true, cancelable: true}))"""
    )
    expect(field).to_have_value("にほん")
    expect(pane.locator(".message")).to_have_count(0)
    field.press("Enter")

    expect(pane.locator(".message-mine .message-text")).to_have_text("にほん")


HANDS_OVER = """(target, [type, withText]) => {
    const data = new DataTransfer();
    data.items.add(new File(["x"], "cat.png", {type: "image/png"}));
    if (withText) data.setData("text/plain", "a cat");
    const made = type === "paste"
        ? new ClipboardEvent(type, {clipboardData: data, bubbles: true, cancelable: true})
        : new DragEvent(type, {dataTransfer: data, bubbles: true, cancelable: true});
    return target.dispatchEvent(made);
}"""


@pytest.mark.parametrize("how", ["paste", "drop"])
def test_picture_is_answered_with_a_sentence(server: LiveServer, people: People, how: str) -> None:
    _, page, _, pane = at_work(people, server)
    target = pane.locator("textarea" if how == "paste" else ".log")
    is_left_to_browser = target.evaluate(HANDS_OVER, [how, False])

    assert not is_left_to_browser
    expect(pane.locator(".composer")).to_contain_text("Only text can be sent here")
    expect(page.locator("#announcer")).to_contain_text("Only text can be sent here")
    look(page, f"{how}-refused")
    pane.locator("textarea").fill("words, then")
    expect(pane.locator(".composer")).not_to_contain_text("Only text can be sent here")


def test_text_that_was_copied_with_its_picture_is_pasted(
    server: LiveServer, people: People
) -> None:
    _, _, _, pane = at_work(people, server)

    assert pane.locator("textarea").evaluate(HANDS_OVER, ["paste", True])
    expect(pane.locator(".composer")).not_to_contain_text("Only text can be sent here")


def test_words_of_people_are_not_to_be_translated(server: LiveServer, people: People) -> None:
    seated = live_room()
    seated.interrogator.say("bonjour", pane=seated.made.human_pane)
    page = enter(people.person(), seated.interrogator, server)
    expect(page.locator(".message-text")).to_have_attribute("translate", "no")
    seated.interrogator.decide(human="A")
    page.get_by_role("link", name="Go on to the debrief").click()
    line = page.locator(".line-text").filter(has_text="bonjour")
    expect(line).to_have_attribute("translate", "no")


def test_two_tabs_of_a_long_room_lose_nothing(server: LiveServer, people: People) -> None:
    seated = live_room(duration="2 days")
    first = people.person()
    second = first.context.new_page()
    lines = Line(first), Line(second)
    for page in (first, second):
        enter(page, seated.interrogator, server)
    for line in lines:
        line.cut()
    field = "#pane-A textarea"
    write(first.locator("#pane-A"), "from the first")
    write(second.locator("#pane-A"), "from the second")
    for page in (first, second):
        expect(page.get_by_text(OFFLINE).last).to_be_visible()
    first.locator(field).fill("half a thought")
    expect(second.locator(field)).to_have_value("half a thought")
    second.locator(field).fill("half a thought, and the rest")
    second.locator("#pane-B textarea").fill("another")
    first.close()
    second.close()
    page = enter(first.context.new_page(), seated.interrogator, server)

    expect(page.locator("#pane-A .message-mine .message-text")).to_have_text(
        ["from the first", "from the second"]
    )
    expect(page.locator(".message-unsent")).to_have_count(0)
    expect(page.locator(field)).to_have_value("half a thought, and the rest")
    expect(page.locator("#pane-B textarea")).to_have_value("another")
    assert seated.said() == ["from the first", "from the second"]


def test_message_of_a_closed_tab_is_sent_by_the_one_that_is_left(
    server: LiveServer, people: People
) -> None:
    seated = live_room(duration="2 days")
    first = people.person()
    second = first.context.new_page()
    line = Line(first)
    for page in (first, second):
        enter(page, seated.interrogator, server)
    line.cut()
    write(first.locator("#pane-A"), "left behind")
    expect(first.get_by_text(OFFLINE)).to_be_visible()
    first.close()
    second.evaluate("window.dispatchEvent(new Event('focus'))")

    expect(second.locator("#pane-A .message-mine .message-text")).to_have_text("left behind")
    expect(second.locator(".message-unsent")).to_have_count(0)
    assert seated.said() == ["left behind"]
