"""What the log says of a seat's attendance: its last words, time away, reminders, quiet hours.

Read from the log alone, so it survives any restart. Nothing of it is shown to another seat.
"""

import datetime as dt
import zoneinfo
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.conf import settings

from arena.event_kinds import WORDS, Away, Reminded
from arena.events import body_of
from arena.models import Event, Participant, Room, Seat
from arena.queries.studies import study_file
from arena.rules import EventKind, SeatName
from arena.silence import ExcludedTime, reached_at
from arena.studies.design import Attendance

#: The end of a pause that has not ended yet.
_OPEN_END = dt.datetime(9000, 1, 1, tzinfo=dt.UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """A seat's silence so far, as the rules of attendance count it."""

    since: dt.datetime  # its own last words, or the start of the room
    excluded: tuple[ExcludedTime, ...]  # pauses of the room and its own time away

    def reached_at(self, span_s: float) -> dt.datetime:
        """When the seat will have been silent for this long."""
        return reached_at(self.since, span_s, self.excluded)


def rules_of(room: Room) -> Attendance:
    """What the study of a long room asks of people."""
    asked = study_file(room).attendance
    if asked is None:
        raise ValueError(f"The study of room {room.code} has no rules of attendance.")
    return asked


def silence_of(room: Room, seat: Seat, now: dt.datetime) -> Silence:
    """The silence of a seat in a room that has begun."""
    return Silence(since=_since(room, seat, now), excluded=excluded_times(room, seat))


def last_words_at(room: Room, seat: Seat) -> dt.datetime | None:
    """When a seat last said something."""
    mine = Event.objects.filter(room=room, kind__in=WORDS, seat=seat.actor)
    return mine.order_by("-seq").values_list("at", flat=True).first()


def _since(room: Room, seat: Seat, now: dt.datetime) -> dt.datetime:
    said_at = last_words_at(room, seat) or room.start
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


def excluded_times(room: Room, seat: Seat) -> tuple[ExcludedTime, ...]:
    """The time that does not count for a seat, including a pause or time away that goes on."""
    kinds = [EventKind.PAUSED, EventKind.RESUMED, EventKind.AWAY, EventKind.BACK]
    events = Event.objects.filter(room=room, kind__in=kinds, seat__in=["", seat.actor])
    return tuple(_excluded_times(events.order_by("seq")))


def _excluded_times(events: Iterable[Event]) -> Iterator[ExcludedTime]:
    paused_at: dt.datetime | None = None
    away: ExcludedTime | None = None
    for event in events:
        if event.kind == EventKind.PAUSED:
            paused_at = event.at
        elif event.kind == EventKind.RESUMED and paused_at is not None:
            yield ExcludedTime(paused_at, event.at)
            paused_at = None
        elif event.kind in (EventKind.AWAY, EventKind.BACK):
            if away is not None:
                yield ExcludedTime(away.begins, min(away.ends, event.at))
            gone = body_of(event, Away) if event.kind == EventKind.AWAY else None
            away = ExcludedTime(event.at, gone.until) if gone is not None else None
    if paused_at is not None:
        yield ExcludedTime(paused_at, _OPEN_END)
    if away is not None:
        yield away


def n_reminded(room: Room, seat: Seat, *, since: dt.datetime) -> int:
    """The number of the last reminder that a seat got since it fell silent; 0 for none."""
    events = Event.objects.filter(
        room=room, kind=EventKind.REMINDED, seat=seat.actor, at__gte=since
    )
    last = events.order_by("-seq").first()
    reminded = None if last is None else body_of(last, Reminded)
    return 0 if reminded is None else reminded.which


def zone_of(person: Participant | None) -> zoneinfo.ZoneInfo:
    """A person's time zone; the site's own until they have given one."""
    name = person.time_zone if person is not None and person.time_zone else settings.TIME_ZONE
    return zoneinfo.ZoneInfo(name)


def quiet_hours_of(room: Room, person: Participant | None) -> str:
    """A person's quiet hours: their own choice, or the study's."""
    if person is not None and person.quiet_hours:
        return person.quiet_hours
    asked = study_file(room).attendance
    return asked.quiet_hours if asked is not None else "00:00-00:00"
