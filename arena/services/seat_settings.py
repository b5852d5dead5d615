"""What people say of themselves: where mail reaches them, their nights, and when they are away."""

import datetime as dt

from arena.errors import AwayRefused
from arena.events import Decide, Decision, Draft, append_now
from arena.models import Participant, Room, Seat
from arena.queries import study_file
from arena.rules import EventKind, Phase


def settle_in(seat: Seat, *, email: str, time_zone: str, quiet_hours: str) -> None:
    """Store a person's address, time zone and quiet hours; an old address's links die with it."""
    person = seat.participant
    assert person is not None
    if email != person.email:
        _end_return_links(person)
    Participant.objects.filter(id=person.id).update(
        email=email, time_zone=time_zone, quiet_hours=quiet_hours
    )


def forget(person: Participant) -> None:
    """Take out what a person told of themselves."""
    _end_return_links(person)
    Participant.objects.filter(id=person.id).update(email="", time_zone="", quiet_hours="")


def _end_return_links(person: Participant) -> None:
    for seat in Seat.objects.filter(participant=person, return_hash__isnull=False):
        ended = Decision(seats={seat.id: {"return_hash": None}})
        append_now(seat.room_id, _always(ended))


def _always(decision: Decision) -> Decide:
    return lambda room, now: decision


def left_ms(seat: Seat, now: dt.datetime) -> int:
    """How long a person may still be away, an absence that goes on given back."""
    asked = study_file(seat.room).attendance
    allowed_ms = asked.pause_s * 1000 if asked is not None else 0
    return allowed_ms - seat.away_ms + _rest_ms(seat, now)


def go_away(seat: Seat, *, until: dt.datetime) -> None:
    """Nobody waits for a person until then: no reminders, no end because of silence."""

    def decide(room: Room, now: dt.datetime) -> Decision:
        here = Seat.objects.select_related("room").get(id=seat.id)
        _check_away(here, room, until, now)
        spent_ms = here.away_ms - _rest_ms(here, now) + _ms(until - now)
        body = {"until": until.isoformat(timespec="milliseconds")}
        return Decision(
            events=(Draft(kind=EventKind.AWAY, seat=seat.actor, body=body),),
            seats={seat.id: {"away_until": until, "away_ms": spent_ms}},
        )

    append_now(seat.room_id, decide, seat=seat.actor)


def come_home(seat: Seat) -> None:
    """End a person's absence early; what is left of it can be taken another time."""

    def decide(room: Room, now: dt.datetime) -> Decision:
        here = Seat.objects.get(id=seat.id)
        if here.away_until is None or here.away_until <= now or room.phase == Phase.ENDED:
            return Decision()
        return Decision(
            events=(Draft(kind=EventKind.BACK, seat=seat.actor, body={}),),
            seats={seat.id: {"away_until": None, "away_ms": here.away_ms - _rest_ms(here, now)}},
        )

    append_now(seat.room_id, decide, seat=seat.actor)


def _check_away(seat: Seat, room: Room, until: dt.datetime, now: dt.datetime) -> None:
    if seat.stand_in or room.phase not in (Phase.LIVE, Phase.PAUSED):
        raise AwayRefused("One can be away only while the room is open.")
    if until <= now:
        raise AwayRefused("The end of your time away is in the past. Give a later moment.")
    if _ms(until - now) > left_ms(seat, now):
        raise AwayRefused("That is longer than this study lets you be away. Come back earlier.")


def _rest_ms(seat: Seat, now: dt.datetime) -> int:
    """What is still to come of an absence that goes on."""
    return 0 if seat.away_until is None else max(0, _ms(seat.away_until - now))


def _ms(span: dt.timedelta) -> int:
    return span // dt.timedelta(milliseconds=1)
