"""What a seat may see of its room. `sight` is the only blinding filter."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import Max, Q, QuerySet

from arena.event_kinds import Belief, SeenBy, seen_by
from arena.events import LogEntry, listed
from arena.models import Event, Room, Seat
from arena.queries.knowing import human, may_know, opened_seal
from arena.queries.studies import study_file
from arena.rules import EventKind, Phase
from arena.studies.design import StudyFile


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """The kinds of event, and the one pane if limited to one, that a seat may see."""

    kinds: frozenset[EventKind]
    pane: str | None = None
    #: A seat whose own messages are not shown again: it saw them when they were held.
    holder: str | None = None

    def sees(self, event: LogEntry) -> bool:
        own_again = event.kind == EventKind.MESSAGE and event.seat == self.holder
        return event.kind in self.kinds and self.pane in (None, event.pane) and not own_again

    @property
    def where(self) -> Q:
        where = Q(kind__in=self.kinds)
        if self.holder is not None:
            where &= ~Q(kind=EventKind.MESSAGE, seat=self.holder)
        return where if self.pane is None else where & Q(pane=self.pane)


_INTERROGATOR = seen_by(SeenBy.INTERROGATOR, SeenBy.PANE)
_WITNESS = seen_by(SeenBy.WRITER, SeenBy.PANE)


def sight(seat: Seat) -> Sight:
    """What `seat` may see. It does not depend on who sits behind a pane."""
    if seat.stand_in:
        return Sight(kinds=frozenset())
    if seat.is_interrogator:
        return Sight(kinds=_INTERROGATOR)
    design = study_file(seat.room)
    holds = design.rounds_s is not None or design.delay_s > 0
    return Sight(kinds=_WITNESS, pane=seat.name, holder=seat.name if holds else None)


def visible_events(seat: Seat) -> QuerySet[Event]:
    """The events of its room that a seat may see, oldest first."""
    return Event.objects.filter(sight(seat).where, room_id=seat.room_id).order_by("seq")


@dataclass(frozen=True, slots=True, kw_only=True)
class EventPage:
    """Some events that a seat may see, and whether there are others before and after them."""

    events: list[LogEntry]
    earlier: bool
    later: bool
    upto: int  # every visible event with a seq up to this one is in this page or before it


def newest(seat: Seat, *, limit: int) -> EventPage:
    """A seat's newest events."""
    upto = Room.objects.values_list("last_seq", flat=True).get(id=seat.room_id)
    return _last_of(visible_events(seat).filter(seq__lte=upto), limit=limit, upto=upto)


def since(seat: Seat, *, after: str, limit: int) -> EventPage | None:
    """What came first after an event that the seat has seen; None if it saw no such event."""
    first = visible_events(seat).filter(public_id=after).values_list("seq", flat=True).first()
    if first is None:
        return None
    found = listed(visible_events(seat).filter(seq__gt=first)[: limit + 1])
    events = found[:limit]
    upto = events[-1].seq if events else first
    return EventPage(events=events, earlier=True, later=len(found) > limit, upto=upto)


def before(seat: Seat, *, event: str, limit: int) -> EventPage | None:
    """An earlier page; None if the seat has not seen such an event."""
    last = visible_events(seat).filter(public_id=event).values_list("seq", flat=True).first()
    if last is None:
        return None
    return _last_of(visible_events(seat).filter(seq__lt=last), limit=limit, upto=last)


def _last_of(events: QuerySet[Event], *, limit: int, upto: int) -> EventPage:
    found = listed(events.order_by("-seq")[: limit + 1])
    return EventPage(events=found[:limit][::-1], earlier=len(found) > limit, later=False, upto=upto)


def last_seqs(room_ids: list[int]) -> dict[int, int]:
    """The last seq of each room's log."""
    return dict(Room.objects.filter(id__in=room_ids).values_list("id", "last_seq"))


def last_moment() -> dt.datetime | None:
    """When the last event of the rooms that have not ended happened."""
    still_open = Room.objects.exclude(phase=Phase.ENDED)
    last: dt.datetime | None = still_open.aggregate(last=Max("last_at"))["last"]
    return last


@dataclass(frozen=True, slots=True, kw_only=True)
class SeatStatus:
    """The state of a room for one of its seats."""

    room: Room
    design: StudyFile
    ready: bool
    is_claim_current: bool  # no new link was issued since the seat was opened
    stood_down: bool
    belief: tuple[float, dt.datetime] | None = None  # the interrogator's last one, and when
    human: str | bool | None = None  # who it was, once this seat may know
    seal: Mapping[str, str] | None = None  # with what opens it, from then on

    @property
    def over(self) -> bool:
        return self.stood_down or self.room.phase == Phase.ENDED


def seat_status(seat: Seat) -> SeatStatus:
    """The present state of a seat and its room."""
    room = Room.objects.select_related("study").get(id=seat.room_id)
    row, knows = Seat.objects.get(id=seat.id), may_know(seat, room)
    return SeatStatus(
        room=room,
        design=study_file(room),
        ready=row.ready_at is not None,
        is_claim_current=row.claim_hash == seat.claim_hash,
        stood_down=seat.stand_in and room.started_at is not None,
        belief=_last_belief(room) if seat.is_interrogator else None,
        human=human(room) if knows else None,
        seal=opened_seal(room) if knows else None,
    )


def _last_belief(room: Room) -> tuple[float, dt.datetime] | None:
    given = Event.objects.filter(room=room, kind=EventKind.BELIEF).order_by("-seq")
    match listed(given[:1]):
        case [LogEntry(body=Belief(p=p), at=at)]:
            return p, at
    return None
