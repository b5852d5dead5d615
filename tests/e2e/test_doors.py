"""A slow line, an impatient hand: what a form asks for is done once, and its person gets in."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Frame, Locator, Page, expect

from arena.models import Event, Participant
from tests.conftest import LiveServer
from tests.e2e.acting import apart
from tests.e2e.conftest import People
from tests.e2e.seated import take_seats
from tests.kit.bad_line import BadLine
from tests.kit.factories import MadeRoom, make_room

pytestmark = pytest.mark.e2e


@pytest.fixture
def line(server: LiveServer) -> Iterator[BadLine]:
    with BadLine(server) as line:
        yield line


def hand_on(button: Locator) -> Callable[[], None]:
    """What clicks on a button as a hand does, without waiting for what comes of it."""
    box = button.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    return lambda: button.page.mouse.click(x, y)


def click_twice(button: Locator, line: BadLine, *, n_sent: int) -> None:
    """Click again while the server's answer is on its way."""
    click = hand_on(button)
    with line.holding():
        click()
        line.has_answered(1)
        click()
        line.has_answered(n_sent)


def stored(made: MadeRoom, kind: str) -> int:
    return apart(Event.objects.filter(room=made.room, kind=kind).count)


@pytest.mark.parametrize(("scripts", "n_sent"), [(True, 1), (False, 2)])
def test_two_clicks_take_one_seat(
    line: BadLine, people: People, scripts: bool, n_sent: int
) -> None:
    made, n_people = apart(make_room), apart(Participant.objects.count)
    page = people.person(scripts=scripts)
    page.goto(f"{line.url}/join/{made.witness}/")
    click_twice(page.get_by_role("button", name="Take my seat"), line, n_sent=n_sent)
    _is_in_the_room(page, line, made)
    assert line.n_answered == n_sent
    assert stored(made, "claimed") == 1
    assert apart(Participant.objects.count) == n_people + 1


def _is_in_the_room(page: Page, line: BadLine, made: MadeRoom) -> None:
    # Not by waiting for a navigation: of two that were begun, the first is given up.
    expect(page).to_have_url(f"{line.url}/room/{made.code}/")
    expect(page.get_by_role("heading", level=1)).to_contain_text("A study for tests")


@pytest.mark.parametrize("scripts", [True, False])
def test_link_opened_again_makes_up_for_a_lost_answer(
    line: BadLine, people: People, scripts: bool
) -> None:
    made = apart(make_room)
    page = people.person(scripts=scripts)
    link = f"{line.url}/join/{made.witness}/"
    page.goto(link)
    with line.losing(), page.expect_event("framenavigated", _is_error_page):
        hand_on(page.get_by_role("button", name="Take my seat"))()
    page.goto(link)
    expect(page.get_by_role("heading", name="This seat is yours")).to_be_visible()
    page.get_by_role("link", name="Go to your room").click()
    _is_in_the_room(page, line, made)
    assert stored(made, "claimed") == 1
    # Elsewhere the link opens nothing.
    other = people.person(scripts=False)
    assert other.request.get(link).status == 409


def _is_error_page(frame: Frame) -> bool:
    return frame.url.startswith("chrome-error:")


@pytest.mark.parametrize(("scripts", "n_sent"), [(True, 1), (False, 2)])
def test_two_clicks_ask_for_help_once(
    server: LiveServer, line: BadLine, people: People, scripts: bool, n_sent: int
) -> None:
    seated = take_seats()
    page = seated.witness.open(people.person(scripts=scripts), server)
    page.goto(f"{line.url}/room/{seated.made.code}/help/")
    click_twice(page.get_by_role("button", name="Ask for help"), line, n_sent=n_sent)
    expect(page.get_by_text("Your request is with the host.")).to_be_visible()
    assert line.n_answered == n_sent
    assert stored(seated.made, "help") == 1


def test_form_can_be_sent_again_when_nothing_came_of_it(server: LiveServer, people: People) -> None:
    seated = take_seats()
    page = seated.witness.open(people.person(), server)
    page.clock.install(time="2026-01-01T12:00:00")
    page.goto(f"{server.url}/room/{seated.made.code}/help/")
    page.clock.pause_at("2026-01-01T18:00:00")
    button = page.get_by_role("button", name="Ask for help")
    # An answer that leaves the page as it is, as a click on the browser's Stop does.
    page.route("**/help/", lambda route: route.fulfill(status=204), times=1)
    button.click()
    expect(button).to_have_attribute("aria-disabled", "true")
    page.clock.run_for(5_000)
    expect(button).to_have_attribute("aria-disabled", "false")
    button.click()
    expect(page.get_by_text("Your request is with the host.")).to_be_visible()


@pytest.mark.parametrize("choice", ["Keep my words", "Erase my words"])
def test_two_clicks_withdraw_once(
    server: LiveServer, line: BadLine, people: People, choice: str
) -> None:
    seated = take_seats()
    page = seated.witness.open(people.person(scripts=False), server)
    page.goto(f"{line.url}/room/{seated.made.code}/withdraw/")
    page.get_by_label(choice).check()
    page.get_by_label("I understand that this cannot be undone.").check()
    click_twice(page.get_by_role("button", name="Withdraw"), line, n_sent=2)
    expect(page.get_by_role("heading", name="You have withdrawn")).to_be_visible()
    assert stored(seated.made, "left") == 1
