"""Whole logs with what proves them, read in bulk: a plain row for each event, and no model."""

import datetime as dt
import itertools
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from django.db.models import CharField, Func, QuerySet

from arena.models import Event, Room

#: Events that are read at once: the logs of short rooms together, a long one in pieces.
AT_ONCE = 4_000
PAGE_ROOMS = 100


class ChainedEvent(NamedTuple):
    """A stored event with its proof; `moment` is in UTC, in ISO 8601 and to the microsecond."""

    room_id: int
    seq: int
    public_id: str
    moment: str
    kind: str
    seat: str
    pane: str
    command_id: str | None
    body: str | None
    salt: str | None
    body_sha256: str
    prev: str
    hash: str

    @property
    def at(self) -> dt.datetime:
        return dt.datetime.fromisoformat(self.moment)


class _Iso(Func):
    """A moment as text: Django's own way to read one costs more than the rest of its row."""

    output_field = CharField()

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        template = (
            """to_char(%(expressions)s AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')"""
        )
        return self.as_sql(compiler, connection, template=template, **context)

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        # A whole second is stored without a fraction.
        template = "substr(replace(%(expressions)s, ' ', 'T') || '.000000', 1, 26) || 'Z'"
        return self.as_sql(compiler, connection, template=template, **context)


_COLUMNS = ("room_id", "seq", "public_id", _Iso("at"), *ChainedEvent._fields[4:])


def in_groups(rooms: QuerySet[Room]) -> Iterator[list[Room]]:
    """Rooms in order of code, those with short logs together as far as they are read at once."""
    group: list[Room] = []
    n_events = 0
    for room in _paged(rooms.order_by("code")):
        if group and n_events + room.last_seq > AT_ONCE:
            yield group
            group, n_events = [], 0
        group.append(room)
        n_events += room.last_seq
    if group:
        yield group


def _paged(rooms: QuerySet[Room]) -> Iterator[Room]:
    """Page by page: no query stays open while files grow."""
    last = ""
    while page := list(rooms.filter(code__gt=last)[:PAGE_ROOMS]):
        yield from page
        last = page[-1].code


def batches(group: Sequence[Room]) -> Iterator[Sequence[tuple[Any, ...]]]:
    """The events of some rooms, as fields of `ChainedEvent`, in order of the rooms and of number.

    They come in pieces, all by one query, thus as they were at one moment.
    """
    events = Event.objects.filter(room__in=[room.id for room in group])
    if len(group) > 1:
        # In order here, for PostgreSQL starts other processes to sort them, which takes longer
        # than all the rest.
        places = {room.id: n for n, room in enumerate(group)}
        found = events.order_by().values_list(*_COLUMNS)
        yield sorted(found, key=lambda event: (places[event[0]], event[1]))
        return
    rows = events.order_by("seq").values_list(*_COLUMNS).iterator(AT_ONCE)
    while batch := list(itertools.islice(rows, AT_ONCE)):
        yield batch
