"""Long rooms in a browser: the settings panel, a pause, coming back elsewhere, belief prompts."""

import datetime as dt
import secrets

import pytest
from django.contrib.auth.models import User
from django.core import mail
from playwright.sync_api import Page, expect

from arena import clock, invites
from arena.events import Decision, append_now
from tests.conftest import LiveServer
from tests.e2e.acting import apart, look
from tests.e2e.conftest import People
from tests.e2e.examining import examine
from tests.e2e.seated import Place, SeatedRoom, enter, take
from tests.kit.long_rooms import ago, make_long_room

pytestmark = pytest.mark.e2e


def seats_in_lobby(**options: str) -> SeatedRoom:
    made = apart(make_long_room, **options)
    return SeatedRoom(
        made=made,
        interrogator=apart(take, made.interrogator),
        witness=apart(take, made.witness),
    )


def long_room(*, hours: float = 0, **options: str) -> SeatedRoom:
    """A long room that went live some hours ago."""
    with ago(hours=hours):
        seated = seats_in_lobby(**options)
        seated.interrogator.ready()
        seated.witness.ready()
    return seated


def settings_of(page: Page, server: LiveServer, seated: SeatedRoom) -> None:
    page.goto(f"{server.url}/room/{seated.made.code}/settings/")
    expect(page.get_by_role("heading", name="Your settings")).to_be_visible()


def return_link(place: Place) -> str:
    """A link such as a reminder brings."""
    token = secrets.token_urlsafe(32)
    values = {"return_hash": invites.digest(token)}

    def decide(room: object, now: object) -> Decision:
        return Decision(seats={place.seat.id: values})

    apart(append_now, place.seat.room_id, decide)
    return f"/return/{token}/"


def test_settings_are_found_filled_in_and_kept(server: LiveServer, people: People) -> None:
    seated = long_room(hours=30)
    page = people.person()
    enter(page, seated.interrogator, server)
    line = page.locator("#attendance")
    expect(line).to_contain_text("at least every 2 days. You have not written yet.")
    look(page, "long-room")
    line.get_by_role("link", name="Your settings").click()
    page.get_by_label("E-mail address").fill(f"{seated.made.code}@example.org")
    page.get_by_role("button", name="Store my settings").click()
    expect(page.get_by_text("Choose your time zone")).to_be_visible()
    examine(page, "settings-errors")

    offered = page.locator("#zone-offer button")
    zone = page.evaluate("Intl.DateTimeFormat().resolvedOptions().timeZone")
    expect(offered).to_have_text(zone.replace("_", " "))
    offered.click()
    expect(page.get_by_label("Your time zone")).to_have_value(zone)
    expect(offered).to_be_hidden()
    page.get_by_role("button", name="Store my settings").click()
    expect(page.get_by_text("Your settings are stored.")).to_be_visible()
    page.get_by_role("button", name="Send me a test mail").click()
    expect(page.get_by_text("A test mail is on its way")).to_be_visible()
    assert [each.to for each in mail.outbox if seated.made.code in each.to[0]]
    examine(page, "settings")
    page.set_viewport_size({"width": 375, "height": 740})
    look(page, "settings-375")
    people.faults.clear()  # The refused form's status is what the console reports.


def test_pause_is_taken_and_ended(server: LiveServer, people: People) -> None:
    seated = long_room(hours=3)
    page = people.person()
    enter(page, seated.witness, server)
    settings_of(page, server, seated)
    until = clock.now() + dt.timedelta(days=3)
    page.get_by_label("I am away until").fill(f"{until:%Y-%m-%dT%H:%M}")
    page.get_by_role("button", name="Pause me").click()
    expect(page.get_by_text("You are away until")).to_be_visible()
    examine(page, "settings-away")
    page.get_by_role("link", name="Back to the room").click()
    expect(page.locator("#attendance")).to_contain_text("You are away until")
    page.get_by_role("link", name="Your settings").click()
    page.get_by_role("button", name="I'm back").click()
    expect(page.get_by_role("button", name="Pause me")).to_be_visible()


def test_last_words_are_told_as_they_are_written(server: LiveServer, people: People) -> None:
    page = enter(people.person(), long_room(hours=3).witness, server)
    expect(page.locator("#attendance")).to_contain_text("You have not written yet")
    page.locator("textarea").fill("hello")
    page.locator("textarea").press("Enter")
    expect(page.locator("#attendance")).to_contain_text("You last wrote on")


def test_lobby_of_a_long_room_passes(server: LiveServer, people: People) -> None:
    page = seats_in_lobby().witness.open(people.person(), server)
    expect(page.get_by_text("every 2 days. You can close the page")).to_be_visible()
    examine(page, "long-lobby")


def test_seat_comes_to_another_browser_and_leaves_the_first(
    server: LiveServer, people: People
) -> None:
    seated = long_room(hours=3)
    old, new = people.person(), people.person()
    enter(old, seated.interrogator, server)
    link = return_link(seated.interrogator)
    new.goto(server.url + link)
    expect(new.get_by_role("heading", name="Welcome back")).to_be_visible()
    examine(new, "return")
    new.set_viewport_size({"width": 375, "height": 740})
    look(new, "return-375")
    new.get_by_role("button", name="Continue in this browser").click()
    expect(new.locator(".pane").first).to_be_visible()

    # The first browser's line is closed, and its page is no more.
    expect(old.locator("#moved")).to_contain_text("open the newest link from a reminder")
    old.reload()
    expect(old.get_by_role("heading", name="There is no seat for you here")).to_be_visible()
    assert seated.said() == []
    new.goto(server.url + link)
    new.get_by_role("link", name="Go to your room").click()
    expect(new.locator(".pane").first).to_be_visible()
    people.faults.clear()  # Refused handshakes and the lost seat's status.


def test_invitation_leads_its_holder_back(server: LiveServer, people: People) -> None:
    seated = long_room(hours=3)
    page = enter(people.person(), seated.witness, server)
    page.goto(f"{server.url}/join/{seated.made.witness}/")
    expect(page.get_by_role("heading", name="This seat is yours")).to_be_visible()
    examine(page, "join-again")
    page.get_by_role("link", name="Go to your room").click()
    expect(page.locator(".pane").first).to_be_visible()
    other = people.person()
    other.goto(f"{server.url}/join/{seated.made.witness}/")
    expect(other.get_by_text("newest reminder")).to_be_visible()
    examine(other, "join-elsewhere")
    other.goto(f"{server.url}/return/{'x' * 43}/")
    expect(other.get_by_role("heading", name="This link has been replaced")).to_be_visible()
    people.faults.clear()  # The refusals' statuses are what the console reports.


def test_interrogator_is_asked_by_the_room_and_answers(server: LiveServer, people: People) -> None:
    seated = long_room(hours=30, belief="24 h")
    page = enter(people.person(), seated.interrogator, server)
    asked = page.locator("#belief-ask")
    expect(asked).to_be_visible()  # Its time came while nobody was there.
    examine(page, "belief-asked")
    page.reload()
    expect(asked).to_be_visible()
    page.get_by_role("button", name="Report this").click()
    expect(asked).to_be_hidden()
    expect(page.locator("#belief-saved")).to_contain_text("Saved at")
    page.reload()
    expect(page.locator("#belief-saved")).to_contain_text("Saved at")
    expect(asked).to_be_hidden()


def test_host_s_page_of_a_long_room_passes(server: LiveServer, people: People) -> None:
    seated = long_room(hours=3)
    seated.interrogator.say("hello?", pane="A")
    password, name = secrets.token_urlsafe(12), f"host-{secrets.token_hex(4)}"
    apart(User.objects.create_user, name, password=password, is_staff=True)
    page = people.person()
    page.goto(f"{server.url}/host/")
    page.get_by_label("Username").fill(name)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()
    page.goto(f"{server.url}/host/studies/{seated.made.study.slug}/rooms/{seated.made.code}/")
    expect(page.get_by_role("heading", name="Attendance")).to_be_visible()
    expect(page.get_by_text("it would tell who is who")).to_be_visible()
    examine(page, "host-long-room")
