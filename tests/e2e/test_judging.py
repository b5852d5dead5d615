"""What an interrogator thinks: beliefs, tags, the time that is left, and the verdict."""

import datetime as dt
import re

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from tests.conftest import LiveServer
from tests.e2e.acting import look
from tests.e2e.conftest import People
from tests.e2e.line import Line
from tests.e2e.seated import SeatedRoom, enter, live_room

pytestmark = pytest.mark.e2e

CLOCK = re.compile(r"^\d:\d\d$")
SLOW = dt.timedelta(minutes=1)


def left(seated: SeatedRoom) -> dt.timedelta:
    """What is left of a room's time."""
    ends_at = seated.room.ends_at
    assert ends_at is not None
    return ends_at - timezone.now()


def running_out(
    server: LiveServer, people: People, *, grace: str = "1 h"
) -> tuple[SeatedRoom, Page, Page]:
    """A room whose time is up in a moment, and the pages of its two people."""
    seated = live_room(grace=grace)
    asker, witness = people.person(), people.person(width=375, height=740)
    enter(asker, seated.interrogator, server)
    seated.has_left(dt.timedelta(seconds=2))
    # Both learn of the new end as they would of any change: when they connect.
    asker.reload()
    seated.witness.open(witness, server)
    return seated, asker, witness


def test_belief_is_saved_and_is_there_after_a_reload(server: LiveServer, people: People) -> None:
    page = enter(people.person(), live_room().interrogator, server)
    slider = page.get_by_role("slider", name="Who is the human?")
    slider.focus()
    for _ in range(5):
        page.keyboard.press("ArrowRight")
    expect(slider).to_have_attribute("aria-valuetext", "A 45 % · B 55 %")
    expect(page.locator("#belief-saved")).to_contain_text("A 45 % · B 55 %")
    expect(page.locator("#belief-saved")).to_contain_text("Saved at")
    page.reload()

    expect(page.locator("#belief-saved")).to_contain_text("A 45 % · B 55 %")
    expect(slider).to_have_value("55")


def test_message_is_tagged_by_keyboard_alone(server: LiveServer, people: People) -> None:
    seated = live_room()
    seated.interrogator.say("what did you have for breakfast?", pane=seated.made.human_pane)
    page = enter(people.person(), seated.interrogator, server)
    pane = page.locator(seated.human_pane)
    pane.get_by_role("button", name="Tag", exact=True).focus()
    page.keyboard.press("Enter")
    boxes = pane.get_by_role("group", name="Strategies of this message").get_by_role("checkbox")
    expect(boxes.first).to_be_focused()
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    expect(boxes.nth(1)).to_be_checked()
    tags = pane.locator(".message-tags")
    expect(tags).to_have_text(re.compile(r".+ · .+"))
    chosen = tags.inner_text()
    page.keyboard.press("Escape")

    expect(pane.get_by_role("button", name="Change tags")).to_be_focused()
    expect(boxes).to_have_count(0)
    seated.has_tagged(page, n=2)
    page.reload()
    expect(tags).to_have_text(chosen)


def test_list_of_tags_stays_in_place_when_news_arrives(server: LiveServer, people: People) -> None:
    seated = live_room()
    seated.interrogator.say("what did you have?", pane=seated.made.human_pane)
    seated.witness.say("toast", "and an egg")
    page = people.person()
    line = Line(page)
    pane = enter(page, seated.interrogator, server).locator(seated.human_pane)
    expect(pane.locator(".message")).to_have_count(3)
    pane.get_by_role("button", name="Tag", exact=True).click()
    first = pane.get_by_role("checkbox").first
    first.check()
    seated.has_tagged(page, n=1)
    seated.witness.say("and tea", "and more tea", "and then it was noon")

    expect(pane.get_by_role("button", name="3 new")).to_be_visible()
    expect(first).to_be_focused()
    expect(first).to_be_in_viewport(ratio=1)
    line.hold()  # Once the list is closed, whatever comes moves a log that was at its end.
    pane.get_by_role("button", name="Done").click()
    pane.get_by_role("button", name="3 new").click()
    expect(pane.get_by_text("and then it was noon")).to_be_in_viewport()


def test_countdown_runs_on_the_servers_clock(server: LiveServer, people: People) -> None:
    seated = live_room()
    page = people.person()
    # A browser whose own clock is an hour wrong; its timers run on.
    page.add_init_script("const now = Date.now; Date.now = () => now() + 3600000;")
    enter(page, seated.interrogator, server)
    shown = page.get_by_role("timer")

    expect(shown).to_contain_text(re.compile(r"\d:\d\d"))
    value = page.locator("#countdown-value")
    most = left(seated)
    before = value.inner_text()
    minutes, seconds = map(int, before.split(":"))
    given = dt.timedelta(minutes=minutes, seconds=seconds)
    # The clock is as far behind as the page was slow to hear of it: not by an hour.
    assert left(seated) - SLOW <= given <= most + SLOW
    expect(value).not_to_have_text(before)
    expect(value).to_have_text(CLOCK)


def test_last_minute_is_announced(server: LiveServer, people: People) -> None:
    seated = live_room()
    page = people.person()
    page.clock.install()
    line = Line(page)
    enter(page, seated.interrogator, server)
    expect(page.get_by_role("timer")).to_contain_text(re.compile(r"\d:\d\d"))
    line.hold()  # The server would set the clock right.
    page.clock.pause_at(seated.room.ends_at - dt.timedelta(seconds=45))
    page.clock.run_for(20_000)

    expect(page.locator("#countdown")).to_have_class(re.compile("room-clock-short"))
    expect(page.locator("#announcer")).to_have_text("30 seconds left.")


def test_time_up_asks_for_the_verdict_and_takes_it(server: LiveServer, people: People) -> None:
    seated, asker, witness = running_out(server, people)
    dialog = asker.get_by_role("dialog", name="Your verdict")
    expect(dialog).to_contain_text("You can still decide for")
    expect(witness.locator(".composer")).to_contain_text("The interrogator decides now.")
    for page in (asker, witness):
        expect(page.locator("#countdown-value")).to_have_text("Time is up")
        expect(page.locator(".composer button").first).to_be_disabled()
    dialog.get_by_label("B is the human").check()
    dialog.get_by_label("How sure are you?").fill("60")
    look(asker, "time-up")
    asker.set_viewport_size({"width": 375, "height": 740})
    look(asker, "time-up-375")
    dialog.get_by_role("button", name="Review").click()
    asker.get_by_role("button", name="Give this verdict").click()

    expect(asker.get_by_text("Your verdict is recorded")).to_be_visible()
    expect(witness.get_by_text("The interrogator has decided.")).to_be_visible()
    assert seated.room.end_reason == "verdict"


def test_room_ends_when_the_time_for_a_verdict_is_over(server: LiveServer, people: People) -> None:
    seated, asker, witness = running_out(server, people, grace="1 s")

    for page in (asker, witness):
        expect(page.get_by_text("The time is up.", exact=True)).to_be_visible()
    expect(asker.get_by_role("dialog")).to_have_count(0)
    assert seated.room.end_reason == "time_up"


def test_time_up_takes_no_key_that_was_meant_for_a_message(
    server: LiveServer, people: People
) -> None:
    seated = live_room()
    page = people.person()
    page.clock.install()
    line = Line(page)
    enter(page, seated.interrogator, server)
    page.locator("#pane-A textarea").press_sequentially("a ")
    line.hold()  # The server would set the clock right.
    page.clock.pause_at(seated.room.ends_at + dt.timedelta(seconds=1))
    dialog = page.get_by_role("dialog", name="Your verdict")
    expect(dialog.get_by_role("heading", name="Your verdict")).to_be_focused()
    for key in (*"b c ", "Tab", "Space", "ArrowDown", "Enter", "Escape"):
        page.keyboard.press(key)

    expect(dialog.get_by_role("heading", name="Your verdict")).to_be_focused()
    expect(dialog.locator("input:checked")).to_have_count(0)
    expect(dialog.locator("#verdict-confidence-now")).to_have_text("Not chosen yet")
    page.clock.run_for(900)
    page.keyboard.press("x")  # Still writing: the next half second counts as well.
    page.clock.run_for(400)
    page.keyboard.press("Tab")
    expect(dialog.get_by_label("A is the human")).not_to_be_focused()
    page.clock.run_for(500)
    page.keyboard.press("Tab")
    expect(dialog.get_by_label("A is the human")).to_be_focused()
    expect(page.locator("#pane-A textarea")).to_have_value("a ")


def test_verdict_that_is_half_given_survives_a_reload(server: LiveServer, people: People) -> None:
    page = enter(people.person(), live_room().interrogator, server)
    dialog = page.get_by_role("dialog", name="Your verdict")
    sure = page.locator("#verdict-confidence-now")
    page.get_by_role("button", name="Give your verdict").click()
    dialog.get_by_label("What gave it away?").fill("It never\nasked anything")
    page.reload()
    page.get_by_role("button", name="Give your verdict").click()
    expect(dialog.get_by_label("What gave it away?")).to_have_value("It never\nasked anything")
    expect(dialog.locator("input:checked")).to_have_count(0)
    expect(sure).to_have_text("Not chosen yet")
    dialog.get_by_label("B is the human").check()
    dialog.get_by_label("How sure are you?").fill("85")
    page.reload()
    page.get_by_role("button", name="Give your verdict").click()

    expect(dialog.get_by_label("B is the human")).to_be_checked()
    expect(sure).to_have_text("85 %")
    dialog.get_by_role("button", name="Review").click()
    expect(page.locator("#verdict-claim")).to_have_text("B is the human, and you are 85 % sure.")


def test_confidence_is_chosen_where_the_slider_is_pressed(
    server: LiveServer, people: People
) -> None:
    page = enter(people.person(), live_room().interrogator, server)
    page.get_by_role("button", name="Give your verdict").click()
    page.get_by_label("How sure are you?").click()  # In its middle, where it starts.

    expect(page.locator("#verdict-confidence-now")).to_have_text("75 %")


def test_verdict_needs_a_choice_and_a_second_look(server: LiveServer, people: People) -> None:
    seated = live_room()
    page = enter(people.person(), seated.interrogator, server)
    page.get_by_role("button", name="Give your verdict").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Review").click()
    expect(dialog.get_by_text("Choose A or B.")).to_be_visible()
    expect(dialog.get_by_label("A is the human")).to_be_focused()
    page.keyboard.press("Space")
    look(page, "verdict-unset")
    dialog.get_by_role("button", name="Review").click()
    expect(dialog.get_by_role("alert")).to_contain_text("Say how sure you are")
    sure = dialog.get_by_label("How sure are you?")
    expect(sure).to_be_focused()
    expect(sure).to_have_attribute("aria-valuetext", "Not chosen yet")
    look(page, "verdict-unsure")
    page.keyboard.press("ArrowRight")
    expect(sure).to_have_attribute("aria-valuetext", "76 %")
    expect(dialog.get_by_role("alert")).to_have_count(0)
    sure.fill("70")
    dialog.get_by_role("button", name="Review").click()
    claim = dialog.locator("#verdict-claim")
    expect(claim).to_have_text("A is the human, and you are 70 % sure.")
    expect(claim).to_be_focused()
    dialog.get_by_role("button", name="Back").click()
    expect(dialog.get_by_label("A is the human")).to_be_checked()
    page.keyboard.press("Escape")

    expect(dialog).to_have_count(0)
    expect(page.get_by_role("button", name="Give your verdict")).to_be_focused()
    assert seated.room.phase == "live"
