"""A person's settings: mail address, time zone, quiet hours, and time away."""

import datetime as dt

from arena.errors import AwayRefused
from arena.event_kinds import Away, Back
from arena.events import Decide, Decision, Draft, LiveRoom, append_now
from arena.models import Participant, Seat
from arena.queries import study_file
from arena.rules import Phase


def store_settings(seat: Seat, *, email: str, time_zone: str, quiet_hours: str) -> None:
    """Store a person's address, time zone and quiet hours; links sent to an old address end."""
    person = seat.person
    if email != person.email:
        _end_return_links(person)
    Participant.objects.filter(id=person.id).update(
        email=email, time_zone=time_zone, quiet_hours=quiet_hours
    )


def delete_settings(person: Participant) -> None:
    """Delete a person's address, time zone and quiet hours."""
    _end_return_links(person)
    Participant.objects.filter(id=person.id).update(email="", time_zone="", quiet_hours="")


def _end_return_links(person: Participant) -> None:
    for seat in Seat.objects.filter(participant=person, return_hash__isnull=False):
        ended = Decision(seats={seat.id: {"return_hash": None}})
        append_now(seat.room_id, _always(ended))


def _always(decision: Decision) -> Decide:
    return lambda room, now: decision


def away_left_ms(seat: Seat, now: dt.datetime) -> int:
    """How long a person may still be away, if time away that goes on ended now."""
    asked = study_file(seat.room).attendance
    allowed_ms = asked.pause_s * 1000 if asked is not None else 0
    return allowed_ms - seat.away_ms + _rest_ms(seat, now)


def begin_away(seat: Seat, *, until: dt.datetime, command_id: str | None = None) -> None:
    """Start time away: until then no reminders are sent and silence does not end the room."""

    def decide(room: LiveRoom, now: dt.datetime) -> Decision:
        here = room.seats[seat.id]
        _check_away(here, room, until=until, now=now)
        spent_ms = here.away_ms - _rest_ms(here, now) + _ms(until - now)
        return Decision(
            events=(Draft(seat=seat.actor, body=Away(until=until)),),
            seats={seat.id: {"away_until": until, "away_ms": spent_ms}},
        )

    append_now(seat.room_id, decide, seat=seat.actor, command_id=command_id)


def end_away(seat: Seat) -> None:
    """End time away early; what is left of it can be taken another time."""

    def decide(room: LiveRoom, now: dt.datetime) -> Decision:
        here = room.seats[seat.id]
        if here.away_until is None or here.away_until <= now or room.phase == Phase.ENDED:
            return Decision()
        return Decision(
            events=(Draft(seat=seat.actor, body=Back()),),
            seats={seat.id: {"away_until": None, "away_ms": here.away_ms - _rest_ms(here, now)}},
        )

    append_now(seat.room_id, decide, seat=seat.actor)


def _check_away(seat: Seat, room: LiveRoom, *, until: dt.datetime, now: dt.datetime) -> None:
    if seat.stand_in or room.phase not in (Phase.LIVE, Phase.PAUSED):
        raise AwayRefused("You can be away only while the room is open.")
    if until <= now:
        raise AwayRefused("The end of your time away is in the past. Give a later moment.")
    if _ms(until - now) > away_left_ms(seat, now):
        raise AwayRefused("That is longer than this study lets you be away. Come back earlier.")


def _rest_ms(seat: Seat, now: dt.datetime) -> int:
    """What is left of time away that goes on."""
    return 0 if seat.away_until is None else max(0, _ms(seat.away_until - now))


def _ms(span: dt.timedelta) -> int:
    return span // dt.timedelta(milliseconds=1)
