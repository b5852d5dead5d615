"""Reads from the log what a machine remembers and the messages of its pane."""

from collections.abc import Iterable

from arena.backends.base import Speaker, Turn
from arena.event_kinds import BODIES, Claims, Held, Summary, Words
from arena.events import body_of
from arena.models import Event, Seat
from arena.queries import sight
from arena.rules import EventKind, SeatName
from arena.witnesses.memory.claims import NO_MEMORY, LoggedSummary, Memory
from arena.witnesses.memory.context import PaneMessage

#: Older summaries are never needed: a window always has room for what these leave.
_N_SUMMARIES = 8


def lines(seat: Seat, *, upto: int | None = None) -> tuple[PaneMessage, ...]:
    """The messages of a machine's pane, oldest first, as a human witness would see them."""
    said = Event.objects.filter(sight(seat).where, room_id=seat.room_id, body__isnull=False)
    if upto is not None:
        said = said.filter(seq__lte=upto)
    return tuple(map(line, said.order_by("seq")))


def gather(kept: Iterable[Event], *, before: Memory = NO_MEMORY) -> Memory:
    """Combine memory events, oldest first, into one memory, with what was remembered before."""
    claims, summaries = list(before.claims), list(before.summaries)
    event, upto = before.claims_event, before.claims_upto
    for each in kept:
        match body := body_of(each, BODIES[EventKind(each.kind)]):
            case Summary(upto=until, points=points):
                summaries.append(LoggedSummary(event=each.public_id, upto=until, points=points))
            case Claims():
                claims += body.claims
                event, upto = each.public_id, max(upto, body.upto)
    return Memory(
        claims=tuple(claims),
        claims_event=event,
        claims_upto=upto,
        summaries=tuple(summaries[-_N_SUMMARIES:]),
    )


def line(event: Event) -> PaneMessage:
    """A message as the machine of its pane has it."""
    asks, said = event.seat == SeatName.INTERROGATOR, body_of(event, BODIES[EventKind(event.kind)])
    assert isinstance(said, Words)
    # What was written at its moment although its words came later is not dated by these.
    written_at = said.written_at if isinstance(said, Held) else None
    turn = Turn(
        speaker=Speaker.INTERROGATOR if asks else Speaker.ME,
        text=said.text,
        at=written_at or event.at,
    )
    return PaneMessage(seq=event.seq, ref=event.public_id, turn=turn)
