"""Timers by which the witnesses answer a question, or what is unanswered after a pause."""

import datetime as dt
import functools

from arena.events import TimerDraft
from arena.models import Event, Room, Seat
from arena.rules import EventKind, Kind, SeatName, TimerKind

#: A machine listens this long before it thinks, so that lines sent in one go get one answer.
LISTEN = dt.timedelta(seconds=0.7)


def reply_timer(room: Room, pane: str, *, now: dt.datetime, seq: int) -> TimerDraft:
    """Schedule a reply from the witness in this pane to message `seq`.

    A human witness gets a row too, settled from the start: otherwise the time until an
    acknowledgement would distinguish the panes.
    """
    witness, due_at = witnesses_of(room.id)[pane], now + LISTEN
    return TimerDraft(
        kind=TimerKind.REPLY,
        key=f"reply:{room.code}:{seq}:{due_at.timestamp():.3f}",
        due_at=due_at,
        seat=witness,
        outcome="human" if witness.kind == Kind.HUMAN else "",
    )


def unanswered(room: Room, now: dt.datetime) -> tuple[TimerDraft, ...]:
    """Reply timers for the panes whose last word is the interrogator's (after a pause)."""
    said = Event.objects.filter(room=room, kind=EventKind.MESSAGE).order_by("seq")
    last = {event.pane: event for event in said}
    return tuple(
        reply_timer(room, pane, now=now, seq=event.seq)
        for pane, event in last.items()
        if event.seat == SeatName.INTERROGATOR
    )


@functools.lru_cache(maxsize=4096)
def witnesses_of(room_id: int) -> dict[str, Seat]:
    """Who sits in each pane; that never changes."""
    seats = Seat.objects.filter(room_id=room_id, stand_in=False).exclude(name="interrogator")
    return {place.name: place for place in seats}
