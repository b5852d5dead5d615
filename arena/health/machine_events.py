"""The events that tell how machines fare, and what may be told of them outside their room."""

import datetime as dt
import logging
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from arena.event_kinds import BODIES, Body, BodyMisfit, GaveUp, MachineCall, Purpose
from arena.health.discretion import discreet
from arena.health.figures import GOOD
from arena.models import Event, Seat
from arena.rules import EventKind, TimerKind

log = logging.getLogger(__name__)

OF_MACHINES = (EventKind.MACHINE_CALL, EventKind.WITHHELD, EventKind.GAVE_UP)
#: What is read: what machines did, and that a room ended.
COUNTED = (*OF_MACHINES, EventKind.ENDED)
#: A reply that the gate rejected: the provider is well, and the machine writes another.
OBJECTED = "objected"
#: How many of a room's last messages a sentence is searched for.
_N_SAID = 100


class EventRow(NamedTuple):
    """What is read of an event."""

    id: int
    room_id: int
    at: dt.datetime
    kind: str
    seat: str
    body: str | None


def rows_of(**wanted: object) -> list[EventRow]:
    events = Event.objects.filter(**wanted).order_by("id")
    return [EventRow(*row) for row in events.values_list(*EventRow._fields)]


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineEvent:
    """An event about a machine."""

    room_id: int
    at: dt.datetime
    body: Body
    seat_id: int
    profile_id: int


Seats = Mapping[tuple[int, str], Seat]


def machine_seats(rooms: Collection[int]) -> Seats:
    """The machines' seats of some rooms, by room and name."""
    seats = Seat.objects.filter(room__in=rooms, profile__isnull=False)
    found = seats.only("id", "room_id", "name", "profile_id")
    return {(seat.room_id, seat.name): seat for seat in found}


def ends_of(rooms: Collection[int]) -> dict[int, int]:
    """The event that ended each of some rooms, if one has."""
    ends = Event.objects.filter(room__in=rooms, kind=EventKind.ENDED).order_by()
    return dict(ends.values_list("room_id", "id"))


def machine_event(row: EventRow, seats: Seats) -> MachineEvent | None:
    """What an event says of a machine; None if it is none's, or says nothing of its health."""
    try:
        body = BODIES[EventKind(row.kind)].from_stored(row.body or "{}")
    except BodyMisfit as error:
        log.warning("Event %d is not counted in the health of its machine: %s", row.id, error)
        return None
    name = row.seat
    if isinstance(body, GaveUp):
        if body.timer_kind != TimerKind.REPLY:
            return None
        of_timer = Seat.objects.filter(timer__key=body.timer).values_list("name", flat=True)
        name = of_timer.first() or ""
    seat = seats.get((row.room_id, name))
    if seat is None or seat.profile_id is None:
        return None
    return MachineEvent(
        room_id=row.room_id, at=row.at, body=body, seat_id=seat.id, profile_id=seat.profile_id
    )


def lets_wait(body: Body) -> bool | None:
    """Whether a reply waits after an event for another call; None if that is as it was."""
    match body:
        case MachineCall(purpose=Purpose.REPLY, outcome=outcome, evaded=evaded):
            return outcome != GOOD and not evaded
        case MachineCall():
            return None
    return False


def sentence_of(entry: MachineEvent, failure: str) -> str:
    """What may be told of a failure outside its room."""
    match entry.body:
        case MachineCall(outcome=outcome, error=error) if outcome != OBJECTED:
            return discreet(error, instead=_INSTEAD, said=_said(entry.room_id))
        case MachineCall():
            return "The gate rejected a reply; the room's log says why."  # and quotes it
        case GaveUp():
            return "A reply was given up; the server's log has the error, at “Timer … failed”."
    return f"A question was left unanswered ({failure})."


_INSTEAD = "The provider's answer quotes what it was sent; the room's log has it."


def _said(room_id: int) -> list[str]:
    """The newest words of a room, of people and machines."""
    words = Event.objects.filter(
        room=room_id, kind__in=(EventKind.MESSAGE, EventKind.HELD), body__isnull=False
    )
    texts = (event.data.get("text") for event in words.order_by("-seq")[:_N_SAID])
    return [text for text in texts if isinstance(text, str)]
