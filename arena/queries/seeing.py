"""What a seat may see of its room. `sight` is the only blinding filter."""

import datetime as dt
from dataclasses import dataclass

from django.db.models import BooleanField, Max, Q, QuerySet
from django.db.models.expressions import RawSQL

from arena.event_kinds import SeenBy, seen_by
from arena.events import LogEntry
from arena.models import Event, Room, Seat
from arena.queries.studies import study_file
from arena.rules import EventKind, Phase


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
        return where if self.pane is None else where & in_pane(self.pane)


#: The condition of the index `event_pane`, in its words: as a parameter neither database would see
#: that it holds.
IN_A_PANE = RawSQL("NOT (arena_event.pane = '')", (), output_field=BooleanField())


def in_pane(pane: str) -> Q:
    """What is said in one pane."""
    return Q(IN_A_PANE, pane=pane)


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


def last_seqs(room_ids: list[int]) -> dict[int, int]:
    """The last seq of each room's log."""
    return dict(Room.objects.filter(id__in=room_ids).values_list("id", "last_seq"))


def last_moment() -> dt.datetime | None:
    """When the last event of the rooms that have not ended happened."""
    still_open = Room.objects.exclude(phase=Phase.ENDED)
    last: dt.datetime | None = still_open.aggregate(last=Max("last_at"))["last"]
    return last
