"""Lines that die without a word, and computers that sleep: what a page notices, and how soon.

The page's clock stands still and is moved by hand: so many seconds are so many, on any machine.
"""

import datetime as dt
import re
from collections.abc import Iterator

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from arena import clock
from tests.conftest import LiveServer
from tests.e2e.acting import look
from tests.e2e.conftest import People
from tests.e2e.relay import Relay
from tests.e2e.seated import SeatedRoom, enter, live_room
from tests.e2e.test_judging import SLOW
from tests.e2e.test_sending import SOON, write
from tests.kit.long_rooms import ago

pytestmark = pytest.mark.e2e

FIVE_SECONDS_MS = 5_000
#: After so long the countdown has been drawn anew.
TICK_MS = 250
SLEEP = dt.timedelta(minutes=30)
LOST = "The connection is lost"


@pytest.fixture
def relay(server: LiveServer) -> Iterator[Relay]:
    with Relay(server) as made:
        yield made


def standing_still(people: People, relay: Relay, **options: str) -> tuple[SeatedRoom, Page]:
    """A live room and its interrogator's page, whose time passes only when it is told to."""
    seated = live_room(**options)
    page = people.person()
    page.clock.install()
    enter(page, seated.interrogator, relay)
    page.clock.pause_at(timezone.now() + SOON)
    return seated, page


def test_page_says_in_five_seconds_that_nothing_gets_through(people: People, relay: Relay) -> None:
    seated, page = standing_still(people, relay)
    pane = page.locator(seated.human_pane)
    relay.swallow()
    expect(page.locator("#banner-text")).to_be_empty()
    page.clock.run_for(FIVE_SECONDS_MS)

    expect(page.locator("#banner-text")).to_contain_text(LOST)
    look(page, "line-lost")
    write(pane, "said into the void")
    expect(pane.locator(".message-mine")).to_contain_text("when the connection is back")
    relay.recover()
    page.clock.resume()
    page.get_by_role("button", name="Try now").click()
    expect(page.locator("#banner-text")).to_be_empty()
    expect(page.locator(".message-unsent")).to_have_count(0)
    assert seated.said() == ["said into the void"]


def test_reader_hears_again_within_five_seconds(people: People, relay: Relay) -> None:
    seated, page = standing_still(people, relay)
    relay.die()
    seated.witness.say("are you still there?")
    page.clock.run_for(FIVE_SECONDS_MS)

    expect(page.locator(seated.human_pane)).to_contain_text("are you still there?")
    expect(page.locator("#banner-text")).to_be_empty()


def test_message_is_stored_within_five_seconds(people: People, relay: Relay) -> None:
    seated, page = standing_still(people, relay)
    relay.die()
    write(page.locator(seated.human_pane), "through the dead line")
    page.clock.run_for(FIVE_SECONDS_MS)

    expect(page.locator(".message-mine")).to_have_count(1)
    expect(page.locator(".message-unsent")).to_have_count(0)
    assert seated.said() == ["through the dead line"]


@pytest.mark.parametrize(
    "event",
    [
        "window.dispatchEvent(new Event('online'))",
        "window.dispatchEvent(new Event('focus'))",
        "window.dispatchEvent(new PageTransitionEvent('pageshow', {persisted: true}))",
        "document.dispatchEvent(new Event('resume'))",
        "document.dispatchEvent(new Event('visibilitychange'))",
    ],
)
def test_whoever_comes_back_is_connected_anew(people: People, relay: Relay, event: str) -> None:
    seated, page = standing_still(people, relay)
    relay.die()
    seated.witness.say("welcome back")
    page.evaluate(event)
    page.clock.run_for(1_100)

    expect(page.locator(seated.human_pane)).to_contain_text("welcome back")


def test_attempt_on_a_network_that_is_gone_is_given_up_when_there_is_another(
    people: People, relay: Relay
) -> None:
    seated, page = standing_still(people, relay)
    relay.swallow()
    seated.witness.say("on the new network")
    n_before = relay.n_opened
    page.clock.run_for(FIVE_SECONDS_MS)
    relay.has_opened(n_before + 1)  # And nothing comes back on it.
    relay.recover()
    page.evaluate("window.dispatchEvent(new Event('online'))")
    page.clock.run_for(2_000)

    expect(page.locator(seated.human_pane)).to_contain_text("on the new network")


def test_time_is_right_after_a_sleep_and_not_shown_before(people: People, relay: Relay) -> None:
    seated, page = standing_still(people, relay, duration="2 h")
    value = page.locator("#countdown-value")
    page.clock.run_for(TICK_MS)
    expect(value).to_have_text(re.compile(r"^\d:\d\d:\d\d$"))
    relay.die()
    n_before = relay.n_opened
    with ago(seconds=-SLEEP.total_seconds()):
        # One of the page's clocks goes on while a computer sleeps, the other stands still.
        awake = page.evaluate("Date.now()") / 1000 + SLEEP.total_seconds()
        page.clock.set_system_time(dt.datetime.fromtimestamp(awake, dt.UTC))
        page.clock.run_for(TICK_MS)
        expect(value).to_have_text("–:––")
        page.clock.run_for(1_250)
        relay.has_opened(n_before + 1)
        while value.inner_text() == "–:––":
            page.clock.run_for(50)

        hours, minutes, seconds = map(int, value.inner_text().split(":"))
        given = dt.timedelta(hours=hours, minutes=minutes, seconds=seconds)
        ends_at = seated.room.ends_at
        assert ends_at is not None
        assert abs(ends_at - clock.now() - given) < SLOW
