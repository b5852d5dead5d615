"""From the logs of rooms to the rows of the tables. Reads each event once, in order.

What follows from a log is worked out by `analysis.dataset.derivation`, by which exports are also
verified; only the commonest kinds are made into rows by column, which is faster.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence

import pyarrow as pa

from analysis.dataset.arrow import table_of
from analysis.dataset.derivation import ROW_OF, TOLD, RoomReading, RoomRules
from analysis.dataset.entries import Entry
from analysis.dataset.rows import Row
from arena.errors import ArenaError
from arena.export.batch import Batch
from arena.models import Event, Room
from arena.rules import EventKind

_BY_ROW = frozenset(ROW_OF) - {EventKind.MESSAGE, EventKind.MACHINE_CALL}
_READ = _BY_ROW | TOLD


class RoomNotOpened(ArenaError):
    code = "export.room_not_opened"

    def __init__(self, room: str) -> None:
        super().__init__(
            f"Room {room} has ended, but its log does not open the seal of its assignment, so "
            "nothing shows who sat where. Run `manage.py study verify` to see what was changed."
        )


class EndedRoom:
    """A room that is being exported, and what was read of its log."""

    def __init__(self, room: Room, *, rules: RoomRules, assignment: str) -> None:
        self._room = room
        self.reading = RoomReading(room.code, rules=rules, assignment=assignment)

    def last_rows(self) -> Iterator[tuple[str, Row]]:
        """The rows that need the whole log; what a log of old does not tell is the room's own."""
        for name, row in self.reading.last_rows():
            untold = self.reading.untold if name == "rooms" else ()
            yield name, {**row, **{column: getattr(self._room, column) for column in untold}}


def ended_rooms(rooms: Sequence[Room], *, rules: RoomRules) -> dict[int, EndedRoom]:
    """Some ended rooms by the id of each, before their logs are read."""
    opened = Event.objects.filter(
        room_id__in=[room.id for room in rooms], kind=EventKind.REVEALED, body__isnull=False
    ).values_list("room_id", "body")
    assignments = {room_id: json.loads(body or "{}")["assignment"] for room_id, body in opened}
    for room in rooms:
        if room.id not in assignments:
            raise RoomNotOpened(room.code)
    return {
        room.id: EndedRoom(room, rules=rules, assignment=assignments[room.id]) for room in rooms
    }


def read(batch: Batch, rooms: Mapping[int, EndedRoom]) -> Iterator[tuple[str, pa.Table]]:
    """The rows that some events make, given the room of each by its id."""
    elapsed_ms: list[int | None] = []
    kinds: list[str] = []
    written_ms: list[int] = []
    rows: dict[str, list[Row]] = {}
    of = batch.cells
    events = zip(of.room_id, of.kind, of.seat, batch.at_ms(), strict=True)
    for n, (room_id, kind, seat, at) in enumerate(events):
        reading = rooms[room_id].reading
        body = batch.body(n) if kind in _READ else None
        entry = Entry(of.seq[n], of.public_id[n], at, kind, seat, of.pane[n], body)
        reading.hear(entry)
        elapsed_ms.append(reading.elapsed_ms)
        kinds.append(reading.kinds.get(seat, ""))
        written_ms.append(reading.written_at)
        if kind in _BY_ROW and (row := reading.row(entry)):
            rows.setdefault(ROW_OF[kind], []).append(row)
    yield "messages", batch.messages(elapsed_ms, kinds, written_ms)
    yield "machine_calls", batch.machine_calls()
    yield from ((name, table_of(name, found)) for name, found in rows.items())


def last_tables(rooms: Iterable[EndedRoom]) -> Iterator[tuple[str, pa.Table]]:
    """The rows that need the whole logs of rooms."""
    rows: dict[str, list[Row]] = {}
    for room in rooms:
        for name, row in room.last_rows():
            rows.setdefault(name, []).append(row)
    yield from ((name, table_of(name, found)) for name, found in rows.items())
