"""An event of a log as its readers take it: sockets, and the rooms that are kept in memory."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from arena.event_kinds import BODIES, Body
from arena.models import Event
from arena.rules import EventKind

_COLUMNS = ("room_id", "seq", "public_id", "at", "kind", "seat", "pane", "body")


@dataclass(slots=True, kw_only=True)
class LogEntry:
    """A stored event without its proof; `body` is None where it was erased."""

    room_id: int
    seq: int
    public_id: str
    at: dt.datetime
    kind: EventKind
    seat: str
    pane: str
    body: Body | None
    #: The command that it answers, as long as it is news.
    command_id: str | None = field(default=None, compare=False)
    #: The frames made of it, by the seat that they are for: each is encoded once in a process.
    frames: dict[str, str] = field(default_factory=dict, compare=False, repr=False)


def after(wanted: Mapping[int, int]) -> dict[int, list[LogEntry]]:
    """The events of several rooms past a seq each, in one query."""
    places = ", ".join(f"({int(room)}, {int(seq)})" for room, seq in wanted.items())
    found: dict[int, list[LogEntry]] = {room_id: [] for room_id in wanted}
    rows = select(
        f"WITH want(room_id, after) AS (VALUES {places}) SELECT {columns('e')} FROM want "
        "JOIN arena_event e ON e.room_id = want.room_id AND e.seq > want.after "
        "ORDER BY e.room_id, e.seq",
        (),
    )
    for event in rows:
        found[event.room_id].append(event)
    return found


def listed(events: QuerySet[Event]) -> list[LogEntry]:
    """The events of a query."""
    return [_logged(row) for row in events.values_list(*_COLUMNS)]


def columns(table: str) -> str:
    """What `select` expects of a query."""
    return ", ".join(f"{table}.{name}" for name in _COLUMNS)


def select(sql: str, params: Iterable[Any]) -> list[LogEntry]:
    """Read events by a query for `columns`."""
    with connection.cursor() as cursor:
        cursor.execute(sql, tuple(params))
        return [_logged(row) for row in cursor.fetchall()]


def _logged(row: Sequence[Any]) -> LogEntry:
    room_id, seq, public_id, at, kind, seat, pane, body = row
    of = EventKind(kind)
    return LogEntry(
        room_id=room_id,
        seq=seq,
        public_id=public_id,
        at=_moment(at),
        kind=of,
        seat=seat,
        pane=pane,
        body=None if body is None else BODIES[of].from_stored(body),
    )


def _moment(stored: dt.datetime | str) -> dt.datetime:
    """A moment as the database driver gives it: SQLite's has no zone, or even no type."""
    at = dt.datetime.fromisoformat(stored) if isinstance(stored, str) else stored
    return at if at.tzinfo else at.replace(tzinfo=dt.UTC)
