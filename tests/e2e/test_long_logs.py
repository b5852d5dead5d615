"""Conversations longer than what a page holds: what the seat knows, and any place of the log."""

import datetime as dt
import re

import pytest
from playwright.sync_api import Locator, Page, expect

from arena import clock
from arena.event_kinds import Message
from arena.events import Decision, Draft, append_now
from arena.models import Seat
from tests.conftest import LiveServer
from tests.e2e.acting import apart, believe, look, say
from tests.e2e.conftest import People
from tests.e2e.examining import examine
from tests.e2e.seated import SeatedRoom, enter, live_room, take
from tests.kit.factories import make_room
from tests.kit.long_rooms import ago
from tests.kit.stubborn import turns

pytestmark = pytest.mark.e2e

#: More than a page's script holds of a conversation, and than the newest page of the log has.
MOST = 300
TOP = """log => {
    const top = log.getBoundingClientRect().top;
    const shown = [...log.querySelectorAll(".message")]
        .find(message => message.getBoundingClientRect().bottom > top);
    return [shown.querySelector(".message-text").textContent, shown.getBoundingClientRect().top];
}"""
TO = "(log, top) => { log.scrollTop = top; }"


def said(seated: SeatedRoom, n: int, *, begin: int = 0, pane: str | None = None) -> None:
    """Have a witness say "line <k>", n times, in one commit."""
    where = pane or str(seated.made.human_pane)
    drafts = tuple(
        Draft(seat=where, pane=where, body=Message(text=f"line {k}"))
        for k in range(begin, begin + n)
    )
    apart(append_now, seated.made.room.id, lambda room, now: Decision(events=drafts))


def day_line(page: Page, moment: dt.datetime) -> str:
    """How this browser writes the day of a moment, year and all."""
    wanted = {"weekday": "long", "day": "numeric", "month": "long", "year": "numeric"}
    return str(
        page.evaluate(
            "([at, wanted]) => new Intl.DateTimeFormat(undefined, wanted).format(new Date(at))",
            [moment.isoformat(), wanted],
        )
    )


def year_long() -> tuple[SeatedRoom, dt.datetime]:
    """A room of 400 days that went live 200 days ago, and spoke then and a hundred days ago."""
    began = clock.now() - dt.timedelta(days=200)
    with ago(days=200):
        made = apart(make_room, duration="400 days")
        seated = SeatedRoom(
            made=made,
            interrogator=apart(take, made.interrogator),
            witness=apart(take, made.witness),
        )
        seated.interrogator.ready()
        seated.witness.ready()
        said(seated, 450)
    with ago(days=100):
        said(seated, 450, begin=450)
    return seated, began


def first_and_last(pane: Locator) -> list[str]:
    texts = pane.locator(".message-text").all_text_contents()
    return [texts[0], texts[-1]]


def test_what_a_seat_did_is_shown_however_much_came_after_it(
    server: LiveServer, people: People
) -> None:
    seated = live_room()
    human, machine = seated.human_pane, f"#pane-{seated.made.machine_pane}"
    page = enter(people.person(), seated.interrogator, server)
    first = 0 if seated.made.human_pane == "A" else 1
    say(page, "Why?", pane=first)
    page.locator(human).get_by_role("button", name="Tag", exact=True).click()
    page.locator(human).get_by_label("Logic").check()
    seated.has_tagged(page, n=1)
    believe(page, "A 90 % · B 10 %")
    said(seated, 1, pane=seated.made.machine_pane)
    said(seated, 410)

    page.reload()
    expect(page.locator("#belief-saved")).to_contain_text("A 90 %")
    expect(page.locator("#belief-now")).to_contain_text("A 90 %")
    # Its only message is older than the newest 200 events, and nobody asked it anything.
    expect(page.locator(machine).get_by_text("line 0")).to_be_visible()
    expect(page.locator(machine).locator(".pane-empty")).to_be_hidden()
    pane = page.locator(human)
    pane.locator("summary", has_text="Go to").click()
    pane.get_by_role("button", name="First message").click()
    mine = pane.locator(".message-mine", has_text="Why?")
    expect(mine).to_be_in_viewport()
    expect(mine.locator(".message-tags")).to_have_text("Logic")
    expect(mine.get_by_role("button", name="Change tags")).to_be_visible()


def test_any_place_of_a_year_is_gone_to_and_little_of_it_held(
    server: LiveServer, people: People
) -> None:
    seated, began = year_long()
    page = enter(people.person(), seated.interrogator, server)
    pane = page.locator(seated.human_pane)
    messages, log = pane.locator(".message"), pane.locator(".log")
    expect(pane.get_by_text("line 899", exact=True)).to_be_in_viewport()
    examine(page, "long-log-end")

    # By keyboard: the menu, the first message, and on from there.
    menu = pane.locator("summary", has_text="Go to")
    menu.focus()
    page.keyboard.press("Enter")
    examine(page, "long-log-menu")
    menu.focus()  # On a telephone the pane was behind its tab.
    page.keyboard.press("Tab")
    page.keyboard.press("Escape")
    expect(menu).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(pane.get_by_text("line 0", exact=True)).to_be_in_viewport()
    expect(log).to_be_focused()
    expect(pane.locator(".day-line").first).to_have_text(day_line(page, began))
    expect(pane.get_by_role("button", name="Earlier messages")).to_be_hidden()
    examine(page, "long-log-first")

    while pane.get_by_text("line 500", exact=True).count() == 0:
        page.keyboard.press("End")
        page.wait_for_timeout(50)
        assert messages.count() <= MOST
    assert pane.get_by_text("line 0", exact=True).count() == 0

    menu.click()
    pane.get_by_label("Day").fill((clock.now() - dt.timedelta(days=150)).strftime("%Y-%m-%d"))
    pane.get_by_role("button", name="Go", exact=True).click()
    expect(pane.get_by_text("line 450", exact=True)).to_be_in_viewport()
    pane.get_by_role("button", name="Newest messages").click()
    expect(pane.get_by_text("line 899", exact=True)).to_be_in_viewport()
    expect(pane.get_by_role("button", name="Newest messages")).to_be_hidden()


def test_news_and_pages_leave_what_is_read_where_it_is(server: LiveServer, people: People) -> None:
    seated = live_room()
    said(seated, 900)
    page = enter(people.person(), seated.interrogator, server)
    pane = page.locator(seated.human_pane)
    log = pane.locator(".log")
    before = first_and_last(pane)[0]
    for _ in range(4):
        # So near the top that the page before comes by itself.
        log.evaluate(TO, 120)
        text, top = log.evaluate(TOP)
        expect(pane.locator(".message-text").first).not_to_have_text(before)
        before = first_and_last(pane)[0]
        text_after, top_after = log.evaluate(TOP)
        assert (text_after, abs(top_after - top) < 2) == (text, True)
        assert pane.locator(".message").count() <= MOST

    text, top = log.evaluate(TOP)
    said(seated, 350, begin=900)
    expect(pane.get_by_role("button", name="350 new")).to_be_visible()
    assert log.evaluate(TOP) == [text, top]
    pane.get_by_role("button", name="350 new").click()
    expect(pane.get_by_text("line 1249", exact=True)).to_be_in_viewport()
    assert pane.locator(".message").count() <= MOST
    pane.locator("textarea").fill("Mine")
    pane.locator("textarea").press("Enter")
    expect(pane.locator(".message-mine", has_text="Mine")).to_be_in_viewport()


def test_place_where_one_had_read_to_is_found_on_return(server: LiveServer, people: People) -> None:
    seated = live_room()
    said(seated, 3)
    page = enter(people.person(), seated.interrogator, server)
    expect(page.locator(seated.human_pane).get_by_text("line 2")).to_be_in_viewport()
    page.goto(f"{server.url}/")
    seated_read(page, seated)
    said(seated, 40, begin=3)

    # In another browser: the place is the seat's.
    again = enter(people.person(), seated.interrogator, server)
    pane = again.locator(seated.human_pane)
    line = pane.locator(".unread-line")
    expect(line).to_have_text("New since you were here")
    expect(line).to_be_in_viewport()
    expect(pane.get_by_text("line 3", exact=True)).to_be_in_viewport()
    expect(pane.get_by_text("line 42", exact=True)).not_to_be_in_viewport()
    examine(again, "unread")
    said(seated, 400, begin=43)

    third = people.person()
    third.context.add_cookies(again.context.cookies())  # type: ignore[arg-type]
    enter(third, seated.interrogator, server)
    pane = third.locator(seated.human_pane)
    pane.get_by_role("button", name=re.compile("100 or more new since you were here")).click()
    expect(pane.locator(".unread-line")).to_be_in_viewport()
    look(third, "unread-far")


def seated_read(page: Page, seated: SeatedRoom) -> None:
    """Wait until the interrogator's place in the human's pane is stored."""
    field = f"read_{str(seated.made.human_pane).lower()}"
    waits = turns("a place that was read")
    while getattr(apart(Seat.objects.get, id=seated.interrogator.seat.id), field) is None:
        page.wait_for_timeout(1000 * next(waits))
