"""Reads from the log what a machine remembers and the messages of its pane."""

from collections.abc import Iterable

from arena.backends.base import Speaker, Turn
from arena.models import Event, Seat
from arena.queries import sight
from arena.rules import EventKind, SeatName
from arena.witnesses.memory.claims import Claim, Memory, Summary, SummaryPoint
from arena.witnesses.memory.context import PaneMessage

#: Older summaries are never needed: a window always has room for what these leave.
_N_SUMMARIES = 8


def lines(seat: Seat, *, upto: int | None = None) -> tuple[PaneMessage, ...]:
    """The messages of a machine's pane, oldest first, as a human witness would see them."""
    said = Event.objects.filter(sight(seat).where, room_id=seat.room_id, body__isnull=False)
    if upto is not None:
        said = said.filter(seq__lte=upto)
    return tuple(map(_line, said.order_by("seq")))


def read(seat: Seat) -> Memory:
    """What a machine remembers now."""
    kept = Event.objects.filter(room_id=seat.room_id, seat=seat.actor, body__isnull=False)
    kept = kept.filter(kind__in=(EventKind.CLAIMS, EventKind.SUMMARY)).order_by("seq")
    return gather(kept)


def covered(seat: Seat, kind: EventKind) -> int:
    """Seq of the last message that the newest claims, or the newest summary, cover."""
    kept = Event.objects.filter(room_id=seat.room_id, kind=kind, seat=seat.actor)
    newest = kept.filter(body__isnull=False).order_by("-seq").first()
    return _integer(newest.data["upto"]) if newest else 0


def gather(kept: Iterable[Event]) -> Memory:
    """Combine memory events, oldest first, into one memory."""
    claims: list[Claim] = []
    summaries: list[Summary] = []
    event, upto = None, 0
    for each in kept:
        body = each.data
        if each.kind == EventKind.SUMMARY:
            summaries.append(_summary(each.public_id, body))
            continue
        claims += (Claim.from_body(claim) for claim in _list(body["claims"]))
        event, upto = each.public_id, max(upto, _integer(body["upto"]))
    return Memory(
        claims=tuple(claims),
        claims_event=event,
        claims_upto=upto,
        summaries=tuple(summaries[-_N_SUMMARIES:]),
    )


def _summary(event: str, body: dict[str, object]) -> Summary:
    points = tuple(SummaryPoint.from_body(point) for point in _list(body["points"]))
    return Summary(event=event, upto=_integer(body["upto"]), points=points)


def _line(event: Event) -> PaneMessage:
    asks = event.seat == SeatName.INTERROGATOR
    turn = Turn(
        speaker=Speaker.INTERROGATOR if asks else Speaker.ME,
        text=str(event.data["text"]),
        at=event.at,
    )
    return PaneMessage(seq=event.seq, ref=event.public_id, turn=turn)


def _list(value: object) -> list[dict[str, object]]:
    assert isinstance(value, list)
    return value


def _integer(value: object) -> int:
    assert isinstance(value, int)
    return value
