"""One file of a table, compared row by row with what is expected of it."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

import pyarrow as pa
import pyarrow.compute as compute

from analysis.dataset.archive import Package
from analysis.dataset.moments import iso_ms
from analysis.dataset.schema import TABLES
from analysis.dataset.table_files import pieces
from analysis.errors import DataError

#: Faults that are told of a file; the number of the others is given.
SHOWN = 5
#: After so many faults the rest of a file is not compared.
MANY = 200
#: What tells one row of a room from the others, besides the room.
_KEYS = {"rooms": "room", "seats": "seat", "visits": "seat", "strategies": "message"}
#: The number of a row in its file, from 1 below the header.
_ROW = "(row)"


class ComparedFile:
    """A file beside the rows that follow from the log, which come in the order of the log.

    Faults in a room do not hide those in others: both sides go on with the next room.

    Parameters
    ----------
    package : Package
        The export.
    table, name : str
        The table, and which of its files this is.
    rooms : mapping of str to int
        The place of each room in the log.
    """

    def __init__(
        self, package: Package, table: str, *, name: str, rooms: Mapping[str, int]
    ) -> None:
        self._table, self._name, self._rooms = table, name, rooms
        self._key = _KEYS.get(table, "event")
        self._pieces = pieces(package, table, name)
        self._columns: list[str] = []
        self._head = pa.table({})  # rows that are read and not yet compared
        self._n_read = self._n_outside = self._n_faults = 0
        self._faults: list[str] = []
        self._notes: list[str] = []
        self._left: str | None = None  # the room whose rows are not compared any further
        self._is_lost = False
        self.strangers: dict[str, None] = {}  # rooms that the log does not have
        if (first := self._next()) is not None:
            self._head = first
            self._check_columns(first.column_names)

    def expect(self, rows: pa.Table, *, untold: Collection[tuple[str, str]]) -> None:
        """Compare the next rows, but for the cells, by room and column, that no log tells."""
        if self._is_lost:
            return
        if self._left is not None:
            rows = rows.filter(compute.not_equal(rows.column("room"), self._left))
            self._drop(self._left)
        if not rows.num_rows:
            return
        self._left = None
        expected = rows.select(self._columns)
        if self._peek(rows.num_rows).select(self._columns).equals(expected):
            self._head = self._head.slice(rows.num_rows)
        else:
            self._walk(expected.to_pylist(), untold)

    def leave(self, room: str) -> None:
        """Leave out what there still is of a room."""
        if not self._is_lost:
            if self._left is not None:
                self._drop(self._left)
            self._left = room
            self._drop(room)

    def problems(self) -> Iterator[str]:
        """All that differs, once every row was expected."""
        while not self._is_lost and (rest := self._peek(1)).num_rows:
            self._tell_added(rest.to_pylist()[0])
        yield from self._faults
        if (more := self._n_faults - len(self._faults)) > 0:
            at_least = "at least " if self._n_faults >= MANY else ""
            yield f"{self._name}: {at_least}{more} more such faults."

    def unchecked(self) -> Iterator[str]:
        """What of the file no log can prove, in words."""
        yield from self._notes
        if self._n_outside:
            yield (
                f"{self._name}: {self._n_outside} rows were coded outside the rooms, and no log "
                "knows of them."
            )

    def _check_columns(self, names: list[str]) -> None:
        columns = TABLES[self._table]
        self._columns = [column.name for column in columns if column.name in names]
        for column in columns:
            if column.name not in names and column.added:
                self._notes.append(f"{self._name} is older than its column `{column.name}`.")
            elif column.name not in names:
                self._tell(f"{self._name} has no column {column.name}; every one is expected.")
                self._is_lost = True
        for name in sorted(set(names) - {_ROW} - {column.name for column in columns}):
            self._notes.append(f"{self._name} has a column `{name}` of its own.")

    def _next(self) -> pa.Table | None:
        """The next rows of the file that are to be compared, with their numbers."""
        try:
            piece = next(self._pieces, None)
        except DataError as error:
            self._tell(*error.problems)
            self._is_lost = True
            return None
        if piece is None or "room" not in piece.column_names:
            return piece
        numbers = range(self._n_read + 1, self._n_read + piece.num_rows + 1)
        self._n_read += piece.num_rows
        piece = piece.append_column(_ROW, pa.array(numbers, pa.int64()))
        known = compute.is_in(piece.column("room"), value_set=pa.array(self._rooms, pa.string()))
        if not compute.all(known).as_py():
            stranger = piece.column("room").filter(compute.invert(known))
            self.strangers |= dict.fromkeys(stranger.unique().to_pylist())
            piece = piece.filter(known)
        if self._table == "strategies" and "source" in piece.column_names:
            inside = compute.equal(piece.column("source"), "interrogator")
            self._n_outside += piece.num_rows - compute.sum(inside).as_py() if piece.num_rows else 0
            piece = piece.filter(inside)
        return piece

    def _peek(self, n: int) -> pa.Table:
        """The next rows, fewer where the file ends."""
        while self._head.num_rows < n and (piece := self._next()) is not None:
            self._head = pa.concat_tables([self._head, piece])
        return self._head.slice(0, n)

    def _drop(self, room: str) -> None:
        """Pass over the next rows as far as they are of a room."""
        while (rows := self._peek(1)).num_rows and rows.column("room")[0].as_py() == room:
            same = compute.equal(self._head.column("room"), room)
            end = compute.index(same, False).as_py()
            self._head = self._head.slice(self._head.num_rows if end < 0 else end)

    def _walk(self, expected: list[dict[str, Any]], untold: Collection[tuple[str, str]]) -> None:
        """Compare row by row: somewhere among these something differs."""
        for row in expected:
            if self._is_lost:
                return
            if row["room"] == self._left:
                continue
            if self._left is not None:
                self._drop(self._left)
                self._left = None
            found = self._found_for(row)
            if found is None:
                self._tell(f"{self._name}: {self._which(row)} is in the log and not here.")
                self._left = row["room"]
            elif found[self._key] != row[self._key]:
                self._tell(
                    f"{self._name}, row {found[_ROW]}: {self._which(found)} stands where the log "
                    f"has {self._which(row)}. Rows of the room were added, left out or moved."
                )
                self._left = row["room"]
            else:
                self._compare_cells(row, found, untold)
                self._head = self._head.slice(1)

    def _found_for(self, row: Mapping[str, Any]) -> dict[str, Any] | None:
        """The next row of the file if it is of the same room; rows of earlier ones are too many."""
        place = self._rooms[row["room"]]
        while not self._is_lost and (rows := self._peek(1)).num_rows:
            found: dict[str, Any] = rows.to_pylist()[0]
            if found["room"] == row["room"]:
                return found
            if self._rooms[found["room"]] > place:
                return None
            self._tell_added(found)
        return None

    def _tell_added(self, found: Mapping[str, Any]) -> None:
        which = f"{self._name}, row {found[_ROW]}: {self._which(found)}"
        self._tell(f"{which} is not in the log, or not in this place.")
        self._drop(found["room"])

    def _compare_cells(
        self,
        row: Mapping[str, Any],
        found: Mapping[str, Any],
        untold: Collection[tuple[str, str]],
    ) -> None:
        for column in self._columns:
            if found[column] != row[column] and (row["room"], column) not in untold:
                self._tell(
                    f"{self._name}, row {found[_ROW]}, column {column}: it holds "
                    f"{_shown(found[column])}, but the log of room {row['room']} says "
                    f"{_shown(row[column])}."
                )

    def _which(self, row: Mapping[str, Any]) -> str:
        """A row in words."""
        if self._key == "room":
            return f"room {row['room']}"
        return f"{self._key} {row[self._key]} of room {row['room']}"

    def _tell(self, *faults: str) -> None:
        self._n_faults += len(faults)
        self._faults += faults[: max(0, SHOWN - len(self._faults))]
        if self._n_faults >= MANY:
            self._is_lost = True


def _shown(value: Any) -> str:
    """A cell in words."""
    if value is None or value == "":
        return "nothing"
    if isinstance(value, str):
        return repr(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int | float) else iso_ms(value)
