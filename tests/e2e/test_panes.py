"""Two conversations at once: side by side, as tabs, by keyboard, and with a long history."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.conftest import LiveServer
from tests.e2e.conftest import People
from tests.e2e.seated import SeatedRoom, enter, live_room

pytestmark = pytest.mark.e2e

# Everything of a pane that may differ from the other's: its name, its shortcut, its ids.
NAMES = re.compile(r"Witness [AB]|pane-[AB]|Ctrl [12]|Control\+[12] Meta\+[12]")
FIRST_VISIBLE = """log => {
    const top = log.getBoundingClientRect().top;
    const all = [...log.querySelectorAll(".message")];
    const shown = all.find(message => message.getBoundingClientRect().top > top);
    return [shown.querySelector('.message-text').textContent, shown.getBoundingClientRect().top];
}"""
SCROLL = """(log, top) => new Promise(done => {
    log.addEventListener("scroll", done, {once: true});
    log.scrollTop = top;
}).then(() => undefined)"""
DISTANCE_TO_END = "log => log.scrollHeight - log.scrollTop - log.clientHeight"


def with_history(server: LiveServer, people: People, *, n: int) -> tuple[SeatedRoom, Page, Locator]:
    """A room whose witness has said `n` things, the interrogator's page, and the witness's pane."""
    seated = live_room()
    seated.witness.say(*(f"line {k}" for k in range(n)))
    page = enter(people.person(), seated.interrogator, server)
    return seated, page, page.locator(seated.human_pane)


def narrow(server: LiveServer, people: People) -> tuple[SeatedRoom, Page]:
    """A live room, and its interrogator's page on a telephone."""
    seated = live_room()
    return seated, enter(people.person(width=375, height=740), seated.interrogator, server)


def scroll(log: Locator, top: int) -> None:
    """Scroll as a reader does, and let the page notice it."""
    log.evaluate(SCROLL, top)


def side(page: Page, pane: str | None) -> tuple[Locator, Locator]:
    """The tab and the pane of one witness."""
    return page.locator(f"#tab-{pane}"), page.locator(f"#pane-{pane}")


def test_earlier_messages_are_added_above_the_place_that_is_read(
    server: LiveServer, people: People
) -> None:
    _, _, pane = with_history(server, people, n=260)
    messages = pane.locator(".message-text")
    expect(messages).to_have_count(200)
    log = pane.locator(".log")
    # Far enough from the top that nothing comes by itself.
    scroll(log, 3000)
    text, top = log.evaluate(FIRST_VISIBLE)
    pane.get_by_role("button", name="Earlier messages").click()
    expect(messages).to_have_text([f"line {k}" for k in range(260)])

    text_after, top_after = log.evaluate(FIRST_VISIBLE)
    assert text_after == text
    assert abs(top_after - top) < 2
    expect(pane.get_by_role("button", name="Earlier messages")).to_be_hidden()
    expect(log).to_be_focused()


def test_new_messages_below_are_counted_and_one_click_away(
    server: LiveServer, people: People
) -> None:
    seated, _, pane = with_history(server, people, n=40)
    log = pane.locator(".log")
    expect(pane.locator(".message")).to_have_count(40)
    scroll(log, 0)
    expect(log).to_have_js_property("scrollTop", 0)
    seated.witness.say("first news", "second news")

    pill = pane.get_by_role("button", name="2 new")
    expect(pill).to_be_visible()
    expect(log).to_have_js_property("scrollTop", 0)
    pill.click()
    expect(pane.get_by_text("second news")).to_be_in_viewport()
    expect(pane.locator(".newer")).to_be_hidden()
    assert log.evaluate(DISTANCE_TO_END) < 2


def test_reader_at_the_end_stays_at_the_end(server: LiveServer, people: People) -> None:
    seated, _, pane = with_history(server, people, n=40)
    expect(pane.get_by_text("line 39")).to_be_in_viewport()
    seated.witness.say("the newest line")

    expect(pane.get_by_text("the newest line")).to_be_in_viewport()
    expect(pane.locator(".newer")).to_be_hidden()


def test_history_is_not_read_out_and_news_is(server: LiveServer, people: People) -> None:
    _, _, pane = with_history(server, people, n=3)

    expect(pane.get_by_role("log")).to_have_attribute("aria-live", "polite")
    expect(pane.locator(".message")).to_have_count(3)
    pane.locator("textarea").fill("mine")
    pane.locator("textarea").press("Enter")
    expect(pane.locator(".message-mine")).to_have_attribute("aria-live", "off")


def test_panes_are_alike_but_for_their_names(server: LiveServer, people: People) -> None:
    page = enter(people.person(), live_room().interrogator, server)
    a, b = page.locator("#pane-A"), page.locator("#pane-B")

    size_a, size_b = a.bounding_box(), b.bounding_box()
    assert size_a and size_b
    assert abs(size_a["width"] - size_b["width"]) <= 1
    assert size_a["height"] == size_b["height"]
    html_a, html_b = (NAMES.sub("", pane.evaluate("pane => pane.outerHTML")) for pane in (a, b))
    assert html_a == html_b


def test_message_in_the_hidden_tab_is_counted_on_it(server: LiveServer, people: People) -> None:
    seated, page = narrow(server, people)
    tab, pane = side(page, seated.made.machine_pane)
    human_tab, human_pane = side(page, seated.made.human_pane)
    tab.click()
    seated.witness.say("psst", "over here")

    expect(human_tab.locator(".unread")).to_have_text("2 new")
    expect(page.locator("#announcer")).to_contain_text("New message from Witness")
    expect(tab.locator(".unread")).to_be_hidden()
    human_tab.click()
    expect(human_pane.get_by_text("over here")).to_be_in_viewport()
    expect(pane).to_be_hidden()
    expect(human_tab.locator(".unread")).to_be_hidden()


def test_tabs_follow_the_arrow_keys(server: LiveServer, people: People) -> None:
    _, page = narrow(server, people)
    (tab, pane), (other_tab, other_pane) = side(page, "A"), side(page, "B")
    tab.focus()
    for key, chosen, shown in (
        ("ArrowRight", other_tab, other_pane),
        ("ArrowRight", tab, pane),
        ("End", other_tab, other_pane),
        ("Home", tab, pane),
        ("ArrowLeft", other_tab, other_pane),
    ):
        page.keyboard.press(key)
        expect(chosen).to_be_focused()
        expect(chosen).to_have_attribute("aria-selected", "true")
        expect(shown).to_be_visible()
    expect(pane).to_be_hidden()
    expect(other_pane).to_have_role("tabpanel")


def test_composers_are_reached_and_used_by_keyboard(server: LiveServer, people: People) -> None:
    page = enter(people.person(), live_room().interrogator, server)
    a, b = page.locator("#pane-A textarea"), page.locator("#pane-B textarea")
    expect(a).to_be_focused()
    page.keyboard.press("Control+2")
    expect(b).to_be_focused()
    page.keyboard.type("first")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("second")
    expect(b).to_have_value("first\nsecond")
    page.keyboard.press("Enter")

    expect(page.locator("#pane-B .message-mine .message-text")).to_have_text("first\nsecond")
    expect(b).to_have_value("")
    expect(b).to_be_focused()
    page.keyboard.press("Control+1")
    expect(a).to_be_focused()


def test_drafts_of_both_panes_survive_a_reload(server: LiveServer, people: People) -> None:
    page = enter(people.person(), live_room().interrogator, server)
    page.locator("#pane-A textarea").fill("half\na thought")
    page.locator("#pane-B textarea").fill("and another")
    page.reload()

    expect(page.locator("#pane-A textarea")).to_have_value("half\na thought")
    expect(page.locator("#pane-B textarea")).to_have_value("and another")
