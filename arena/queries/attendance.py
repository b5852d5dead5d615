"""How a seat of a long room attends to it: its last words, its time away, its reminders, its day.

Read from the log alone, so it holds after any restart. Nothing of it is shown to another seat.
"""

import datetime as dt
import zoneinfo
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.conf import settings

from arena.models import Event, Participant, Room, Seat
from arena.queries.studies import study_file
from arena.rules import WORDS, EventKind, SeatName
from arena.silence import Gap, reached_at

#: When what goes on ends, as far as anybody knows.
_OPEN_END = dt.datetime(9000, 1, 1, tzinfo=dt.UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Attending:
    """What the rules of attendance need to know of one seat."""

    since: dt.datetime  # its own last words, or the start of the room
    gaps: tuple[Gap, ...]  # pauses of the room and its own time away

    def reached_at(self, span_s: float) -> dt.datetime:
        """When the seat will have been silent for this long."""
        return reached_at(self.since, span_s, self.gaps)


def attending(room: Room, seat: Seat, now: dt.datetime) -> Attending:
    """A seat of a room that has begun."""
    return Attending(since=_since(room, seat, now), gaps=gaps(room, seat))


def last_words_at(room: Room, seat: Seat) -> dt.datetime | None:
    """When a seat last said something."""
    mine = Event.objects.filter(room=room, kind__in=WORDS, seat=seat.actor)
    return mine.order_by("-seq").values_list("at", flat=True).first()


def _since(room: Room, seat: Seat, now: dt.datetime) -> dt.datetime:
    said_at = last_words_at(room, seat) or room.started_at
    assert said_at is not None
    if seat.is_interrogator or study_file(room).rounds_s is None:
        return said_at
    # In rounds a witness may write only when asked: nobody is silent before a question.
    asked = Event.objects.filter(
        room=room,
        kind=EventKind.MESSAGE,
        seat=SeatName.INTERROGATOR,
        pane=seat.name,
        at__gt=said_at,
    )
    return asked.order_by("seq").values_list("at", flat=True).first() or now


def gaps(room: Room, seat: Seat) -> tuple[Gap, ...]:
    """The time that does not count for a seat, a pause or an absence that goes on included."""
    kinds = [EventKind.PAUSED, EventKind.RESUMED, EventKind.AWAY, EventKind.BACK]
    events = Event.objects.filter(room=room, kind__in=kinds, seat__in=["", seat.actor])
    return tuple(_gaps(events.order_by("seq")))


def _gaps(events: Iterable[Event]) -> Iterator[Gap]:
    paused_at: dt.datetime | None = None
    away: Gap | None = None
    for event in events:
        if event.kind == EventKind.PAUSED:
            paused_at = event.at
        elif event.kind == EventKind.RESUMED and paused_at is not None:
            yield Gap(paused_at, event.at)
            paused_at = None
        elif event.kind in (EventKind.AWAY, EventKind.BACK):
            if away is not None:
                yield Gap(away.begins, min(away.ends, event.at))
            until = event.data.get("until")
            away = Gap(event.at, dt.datetime.fromisoformat(str(until))) if until else None
    if paused_at is not None:
        yield Gap(paused_at, _OPEN_END)
    if away is not None:
        yield away


def n_reminded(room: Room, seat: Seat, *, since: dt.datetime) -> int:
    """Which reminder a seat got last since it fell silent, from 1; 0 for none."""
    events = Event.objects.filter(
        room=room, kind=EventKind.REMINDED, seat=seat.actor, at__gte=since
    )
    last = events.order_by("-seq").first()
    return int(str(last.data["which"])) if last is not None else 0


def zone_of(person: Participant | None) -> zoneinfo.ZoneInfo:
    """Where a person said they live; where this site is until they have said it."""
    name = person.time_zone if person is not None and person.time_zone else settings.TIME_ZONE
    return zoneinfo.ZoneInfo(name)


def quiet_hours_of(room: Room, person: Participant | None) -> str:
    """When a person is not to be written to: their own choice, or the study's."""
    if person is not None and person.quiet_hours:
        return person.quiet_hours
    asked = study_file(room).attendance
    return asked.quiet_hours if asked is not None else "00:00-00:00"
