"""A seat's settings in a long room; the host's page of one, which must not tell who is silent."""

import datetime as dt
import re
import zoneinfo

import pytest
from django.core import mail
from django.test import Client

from arena import clock, queries
from arena.models import Event, Participant, Room
from arena.rules import Phase
from arena.services import playing, seat_settings
from arena.web.settings_forms import time_zones
from tests.arena.web.views.test_room import masked
from tests.kit.factories import MadeRoom, make_room
from tests.kit.long_rooms import ago, attendance, fresh, make_long_room, make_long_rooms
from tests.kit.pages import decide, do, host, interrogator, make_ready, seated, witness

GOOD = {
    "settings-email": "somebody@example.org",
    "settings-time_zone": "Europe/Berlin",
    "settings-quiet_from": "21:30",
    "settings-quiet_to": "09:00",
}


def person(made: MadeRoom) -> Participant:
    return Participant.objects.get(seat=interrogator(made))


def page(made: MadeRoom, part: str = "settings") -> str:
    return f"/room/{made.code}/{part}/"


def test_settings_are_only_where_a_study_asks_people_to_attend() -> None:
    short, long = make_room(), make_long_room()
    asker = seated(short.interrogator)
    for part in ("settings", "away", "back", "test-mail"):
        assert asker.post(page(short, part)).status_code == 404
    assert asker.get(page(short)).status_code == 404
    assert "settings" not in asker.get(f"/room/{short.code}/").content.decode()
    browser = seated(long.interrogator)
    assert browser.get(page(long)).status_code == 200
    assert page(long) in browser.get(f"/room/{long.code}/").content.decode()
    assert Client().get(page(long)).status_code == 404


def test_settings_are_stored_and_deleted() -> None:
    made = make_long_room(attendance=attendance(quiet_hours="22:00-08:00"))
    browser = seated(made.interrogator)
    html = browser.get(page(made)).content.decode()
    assert 'value="22:00"' in html and "What happens with your address" in html
    html = browser.post(page(made), GOOD, follow=True).content.decode()
    assert "Your settings are stored." in html and "Send me a test mail" in html
    stored = person(made)
    assert (stored.email, stored.time_zone) == ("somebody@example.org", "Europe/Berlin")
    assert stored.quiet_hours == "21:30-09:00"

    like_the_study = {"settings-quiet_from": "22:00", "settings-quiet_to": "08:00"}
    browser.post(page(made), GOOD | like_the_study)
    assert person(made).quiet_hours == ""
    browser.post(page(made), GOOD | {"settings-email": "", "settings-time_zone": ""})
    assert (person(made).email, person(made).time_zone) == ("", "")


@pytest.mark.parametrize(
    ("field", "value", "error"),
    [
        ("email", "nobody", "This is not an e-mail address."),
        ("time_zone", "Europe/Atlantis", "is not a known time zone"),
        ("time_zone", "", "Choose your time zone"),
        ("quiet_from", "25:00", "This is not a time of day."),
        ("quiet_to", "", "A time of day is missing."),
    ],
)
def test_mistakes_are_told_and_change_nothing(field: str, value: str, error: str) -> None:
    made = make_long_room()
    answer = seated(made.interrogator).post(page(made), GOOD | {f"settings-{field}": value})
    assert answer.status_code == 422 and error in answer.content.decode()
    assert person(made).email == ""


def test_every_zone_on_offer_exists() -> None:
    names = time_zones()
    assert {"UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata"} <= set(names)
    assert all(zoneinfo.ZoneInfo(name) for name in names)


def test_test_mail_goes_to_the_stored_address_once_in_a_while() -> None:
    made = make_long_room()
    browser = seated(made.witness)
    html = browser.post(page(made, "test-mail"), follow=True).content.decode()
    assert "No address is stored." in html
    browser.post(page(made), GOOD | {"settings-email": f"{made.code}@example.org"})
    html = browser.post(page(made, "test-mail"), follow=True).content.decode()
    assert "A test mail is on its way" in html
    html = browser.post(page(made, "test-mail"), follow=True).content.decode()
    assert "Wait ten minutes" in html
    [sent] = [each for each in mail.outbox if each.to == [f"{made.code}@example.org"]]
    assert page(made) in sent.body and "witness" not in sent.body


def test_whoever_pauses_and_comes_back_is_seen_by_nobody_else() -> None:
    made = make_long_room()
    make_ready(made)
    asker, other = seated(made.interrogator), seated(made.witness)
    shown = [masked(b, made) for b in (_room_page(other, made),)]
    until = clock.now() + dt.timedelta(days=3)
    html = asker.post(
        page(made, "away"), {"away-until": f"{until:%Y-%m-%dT%H:%M}"}, follow=True
    ).content.decode()
    assert "You are away until" in html and "I'm back" in html
    assert fresh(interrogator(made)).away_until == until.replace(second=0, microsecond=0)
    assert [masked(b, made) for b in (_room_page(other, made),)] == shown
    assert not queries.visible_events(witness(made)).exists()
    assert not queries.visible_events(interrogator(made)).exists()

    html = asker.post(page(made, "back"), follow=True).content.decode()
    assert "Welcome back" in html and "Pause me" in html
    assert fresh(interrogator(made)).away_until is None
    kinds = Event.objects.filter(room=made.room).order_by("seq").values_list("kind", flat=True)
    assert list(kinds)[-2:] == ["away", "back"]


def _room_page(browser: Client, made: MadeRoom) -> bytes:
    return browser.get(f"/room/{made.code}/").content


@pytest.mark.parametrize(
    ("until", "error"),
    [
        ("", "No moment is given."),
        ("tomorrow", "This is not a date with a time."),
        ("2020-01-01T00:00", "This moment is in the past."),
        ("2099-01-01T00:00", "That is longer than you may be away."),
    ],
)
def test_time_away_that_cannot_be_is_refused(until: str, error: str) -> None:
    made = make_long_room()
    make_ready(made)
    answer = seated(made.interrogator).post(page(made, "away"), {"away-until": until})
    assert answer.status_code == 422 and error in answer.content.decode()
    assert not Event.objects.filter(room=made.room, kind="away").exists()


def test_time_away_is_by_the_clock_of_its_person() -> None:
    made = make_long_room()
    make_ready(made)
    browser = seated(made.interrogator)
    browser.post(page(made), GOOD | {"settings-time_zone": "Asia/Tokyo"})
    until = (clock.now() + dt.timedelta(days=3)).replace(second=0, microsecond=0)
    local = until.astimezone(zoneinfo.ZoneInfo("Asia/Tokyo"))
    browser.post(page(made, "away"), {"away-until": f"{local:%Y-%m-%dT%H:%M}"})
    assert fresh(interrogator(made)).away_until == until


def test_nobody_is_away_before_the_start_or_after_the_end() -> None:
    made = make_long_room()
    browser = seated(made.interrogator)
    until = {"away-until": f"{clock.now() + dt.timedelta(days=2):%Y-%m-%dT%H:%M}"}
    assert "Pause me" not in browser.get(page(made)).content.decode()
    assert browser.post(page(made, "away"), until).status_code == 422
    make_ready(made)
    decide(made, "A")
    assert browser.post(page(made, "away"), until).status_code == 422
    assert "What is asked of you" not in browser.get(page(made)).content.decode()


def test_erasing_words_deletes_the_address() -> None:
    made = make_long_room()
    make_ready(made)
    browser = seated(made.interrogator)
    browser.post(page(made), GOOD)
    browser.post(f"/room/{made.code}/withdraw/", {"choice": "erase", "sure": "on"})
    stored = person(made)
    assert (stored.email, stored.time_zone, stored.quiet_hours) == ("", "", "")


def test_settings_page_is_the_same_for_every_seat_and_draw() -> None:
    shown = set()
    for made in make_long_rooms(4):
        make_ready(made)
        for token in (made.interrogator, made.witness):
            html = seated(token).get(page(made)).content
            shown.add(re.sub(r'(min|max)="[^"]+"', "", masked(html, made)))
    assert len(shown) == 1


# The host


def _attend(made: MadeRoom) -> None:
    """Both wrote and were away, at hours of their own, and were reminded."""
    for seat, days in ((interrogator(made), 2), (witness(made), 3)):
        with ago(days=days):
            pane = "A" if seat.is_interrogator else None
            do(playing.say(seat, command_id="said", text="hello", pane=pane))
            seat_settings.begin_away(fresh(seat), until=clock.now() + dt.timedelta(days=10))


def test_host_sees_the_interrogator_s_attendance_and_seals_the_witness_s() -> None:
    with ago(days=4):
        made = make_long_room()
        make_ready(made)
    _attend(made)
    browser = host()
    address = f"/host/studies/{made.study.slug}/rooms/{made.code}/"
    html = browser.get(address).content.decode()
    table = html[html.index('id="attendance"') :].split("</table>")[0]
    rows = re.findall(r"<tr><th scope=\"row\".*?</tr>", table, re.DOTALL)
    assert len(rows) == 2 and "until" in rows[0] and "Sealed" in rows[1]
    assert "<time" not in rows[1]
    listed = browser.get(f"/host/studies/{made.study.slug}/").content.decode()
    assert listed.count("last active") == 1

    decide(made, "A")
    rows = queries.attendance_rows(Room.objects.get(id=made.room.id), unsealed=True)
    assert [row.known for row in rows] == [True, True]
    assert all(row.last_active_at is not None for row in rows)


def test_host_pages_do_not_change_with_what_a_witness_does() -> None:
    with ago(days=4):
        rooms = make_long_rooms(2)
        for made in rooms:
            seated(made.witness)
            make_ready(made)
    with ago(days=2):
        seat_settings.begin_away(
            fresh(witness(rooms[0])), until=clock.now() + dt.timedelta(days=10)
        )
    seat_settings.store_settings(
        fresh(witness(rooms[0])), email="w@example.org", time_zone="UTC", quiet_hours=""
    )
    browser = host()
    pages = {
        masked(browser.get(f"/host/studies/{made.study.slug}/rooms/{made.code}/").content, made)
        for made in rooms
    }
    assert len(pages) == 1
    assert Room.objects.get(id=rooms[0].room.id).phase == Phase.LIVE


def test_nothing_of_it_reaches_a_socket() -> None:
    made = make_long_room()
    make_ready(made)
    seat = fresh(witness(made))
    seat_settings.begin_away(seat, until=clock.now() + dt.timedelta(days=1))
    seat_settings.end_away(seat)
    for watcher in (interrogator(made), seat):
        assert not queries.visible_events(watcher).exists()
