"""A seat that was given to another browser: what the one that held it says, and what it keeps."""

import re

import pytest
from playwright.sync_api import Page, expect

from arena import services
from tests.conftest import LiveServer
from tests.e2e.acting import apart, look
from tests.e2e.conftest import People
from tests.e2e.examining import examine
from tests.e2e.line import Line
from tests.e2e.seated import Place, SeatedRoom, enter, live_room, take, take_seats

pytestmark = pytest.mark.e2e

GONE = "This seat is not in this browser any more"


def taken_away(server: LiveServer, people: People) -> tuple[SeatedRoom, Page, Line, str]:
    """A room, its interrogator's page with words unsent, its line, and the seat's new link."""
    seated = live_room()
    page = people.person()
    page.clock.install()
    line = Line(page)
    enter(page, seated.interrogator, server)
    line.cut()
    pane = page.locator(seated.human_pane)
    pane.locator("textarea").fill("on its way")
    pane.locator("textarea").press("Enter")
    pane.locator("textarea").fill("half a thought")
    token = apart(services.reissue, seated.interrogator.seat)
    line.mend()
    page.clock.run_for(10_000)
    expect(page.get_by_role("heading", name=GONE)).to_be_visible()
    people.faults.clear()  # What the line carries to a server that has closed already.
    return seated, page, line, token


def test_page_says_that_its_seat_is_elsewhere_and_keeps_what_was_not_sent(
    server: LiveServer, people: People
) -> None:
    seated, page, _, _ = taken_away(server, people)
    pane = page.locator(seated.human_pane)

    expect(page.locator("#moved")).to_contain_text("What you had not sent was not sent.")
    expect(page.locator("#moved")).to_contain_text("ask the host of the study")
    expect(page.locator("#banner-text")).to_be_empty()
    expect(pane.locator(".message-unsent")).to_have_text(re.compile("on its way.*Not sent", re.S))
    expect(pane.locator("textarea")).to_have_value("half a thought")
    expect(pane.locator("textarea")).not_to_be_editable()
    expect(page.get_by_role("button", name="Give your verdict")).to_be_hidden()
    examine(page, "moved")
    page.set_viewport_size({"width": 375, "height": 740})
    look(page, "moved-375")
    assert seated.said() == []


def test_page_without_its_seat_does_not_try_again_by_itself(
    server: LiveServer, people: People
) -> None:
    _, page, line, _ = taken_away(server, people)
    before = line.n_opened
    page.clock.run_for(600_000)
    page.get_by_role("button", name="try again").click()

    expect(page.get_by_role("heading", name=GONE)).to_be_visible()
    assert line.n_opened == before + 1
    people.faults.clear()


def test_page_goes_on_when_its_browser_has_the_seat_again(
    server: LiveServer, people: People
) -> None:
    seated, page, _, token = taken_away(server, people)
    secret = apart(take, token).secret
    cookie = {"name": f"seat-{seated.made.code}", "value": secret, "url": server.url}
    page.context.add_cookies([cookie])  # type: ignore[list-item]
    page.get_by_role("button", name="try again").click()

    expect(page.locator("#moved")).to_be_hidden()
    expect(page.locator(".message-unsent")).to_have_count(0)
    expect(page.locator(seated.human_pane).locator("textarea")).to_have_value("half a thought")
    expect(page.locator(seated.human_pane).locator("textarea")).to_be_editable()
    assert seated.said() == ["on its way"]


def test_open_page_is_told_when_somebody_takes_the_seat(server: LiveServer, people: People) -> None:
    seated = live_room()
    page = enter(people.person(), seated.witness, server)
    token = apart(services.reissue, seated.witness.seat)
    new = people.person()
    enter(new, apart(take, token), server)

    expect(page.get_by_role("heading", name=GONE)).to_be_visible()


def test_lobby_without_its_seat_shows_nothing_to_do(server: LiveServer, people: People) -> None:
    seated = take_seats()
    page = seated.witness.open(people.person(), server)
    expect(page.get_by_role("button", name="I agree and take my seat")).to_be_visible()
    taken: Place = apart(take, apart(services.reissue, seated.witness.seat))

    expect(page.get_by_role("heading", name=GONE)).to_be_visible()
    expect(page.get_by_role("button", name="I agree and take my seat")).to_be_hidden()
    expect(page.get_by_role("button", name="Leave", exact=True)).to_be_disabled()
    assert taken.seat.id == seated.witness.seat.id
    look(page, "moved-lobby")
