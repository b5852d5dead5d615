"""What the log says of a seat's attendance: its last words, time away, reminders, quiet hours.

Read from the log alone, so it survives any restart. Nothing of it is shown to another seat.
"""

import datetime as dt
import zoneinfo
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.conf import settings

from arena.event_kinds import WORDS
from arena.events import Interruption, LiveRoom
from arena.models import Event, Participant, Room, Seat
from arena.queries.studies import study_file
from arena.rules import EventKind
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


def rules_of(room: LiveRoom | Room) -> Attendance:
    """What the study of a long room asks of people."""
    asked = study_file(room).attendance
    if asked is None:
        raise ValueError(f"The study of room {room.code} has no rules of attendance.")
    return asked


def silence_of(room: LiveRoom, seat: Seat, now: dt.datetime) -> Silence:
    """The silence of a seat in a room that has begun."""
    return Silence(since=_since(room, seat, now), excluded=excluded_times(room, seat))


def last_words_at(room: Room, seat: Seat) -> dt.datetime | None:
    """When a seat last said something, for pages."""
    mine = Event.objects.filter(room=room, kind__in=WORDS, seat=seat.actor)
    return mine.order_by("-seq").values_list("at", flat=True).first()


def _since(room: LiveRoom, seat: Seat, now: dt.datetime) -> dt.datetime:
    said_at = room.last_words_at.get(seat.actor, room.start)
    if seat.is_interrogator or study_file(room).rounds_s is None:
        return said_at
    # In rounds a witness may write only when asked: nobody is silent before a question.
    return room.asked_at.get(seat.name, now)


def excluded_times(room: LiveRoom, seat: Seat) -> tuple[ExcludedTime, ...]:
    """The time that does not count for a seat, including a pause or time away that goes on."""
    return tuple(
        _excluded_times(each for each in room.interruptions if each.seat in ("", seat.actor))
    )


def _excluded_times(interruptions: Iterable[Interruption]) -> Iterator[ExcludedTime]:
    paused_at: dt.datetime | None = None
    away: ExcludedTime | None = None
    for each in interruptions:
        if each.kind == EventKind.PAUSED:
            paused_at = each.at
        elif each.kind == EventKind.RESUMED and paused_at is not None:
            yield ExcludedTime(paused_at, each.at)
            paused_at = None
        elif each.kind in (EventKind.AWAY, EventKind.BACK):
            if away is not None:
                yield ExcludedTime(away.begins, min(away.ends, each.at))
            away = None if each.until is None else ExcludedTime(each.at, each.until)
    if paused_at is not None:
        yield ExcludedTime(paused_at, _OPEN_END)
    if away is not None:
        yield away


def n_reminded(room: LiveRoom, seat: Seat, *, since: dt.datetime) -> int:
    """The number of the last reminder that a seat got since it fell silent; 0 for none."""
    which, at = room.reminded.get(seat.actor, (0, since))
    return which if at >= since else 0


def zone_of(person: Participant | None) -> zoneinfo.ZoneInfo:
    """A person's time zone; the site's own until they have given one."""
    name = person.time_zone if person is not None and person.time_zone else settings.TIME_ZONE
    return zoneinfo.ZoneInfo(name)


def quiet_hours_of(room: LiveRoom | Room, person: Participant | None) -> str:
    """A person's quiet hours: their own choice, or the study's."""
    if person is not None and person.quiet_hours:
        return person.quiet_hours
    asked = study_file(room).attendance
    return asked.quiet_hours if asked is not None else "00:00-00:00"
