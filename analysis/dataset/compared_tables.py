"""Compares every file of an export's tables with the rows that follow from its log."""

from collections.abc import Collection, Iterator, Mapping

from analysis.dataset.archive import Package
from analysis.dataset.arrow import table_of
from analysis.dataset.compared_file import ComparedFile
from analysis.dataset.rows import Row
from analysis.dataset.schema import TABLES
from analysis.dataset.table_files import files_of

#: Rows of a table that are compared at once.
AT_ONCE = 4_000


class ComparedTables:
    """The tables of an export beside the rows of its log, which come room by room.

    Parameters
    ----------
    package : Package
        The export.
    rooms : mapping of str to int
        The place of each room in its log.
    """

    def __init__(self, package: Package, rooms: Mapping[str, int]) -> None:
        self._files = {
            table: [
                ComparedFile(package, table, name=name, rooms=rooms)
                for name in files_of(package, table)
            ]
            for table in TABLES
        }
        self._waiting: dict[str, list[Row]] = {table: [] for table in TABLES}
        self._n_rows = dict.fromkeys(TABLES, 0)
        self._untold: dict[tuple[str, str], None] = {}  # by room and column

    def expect(self, table: str, row: Row, *, untold: Collection[str] = ()) -> None:
        """Have the next row of a table compared, but not the columns that the log does not tell."""
        for column in untold:
            self._untold[str(row["room"]), column] = None
        self._waiting[table].append(row)
        if len(self._waiting[table]) >= AT_ONCE:
            self._compare(table)

    def leave(self, room: str) -> None:
        """Leave out what the tables still have of a room."""
        for table, files in self._files.items():
            self._compare(table)
            for file in files:
                file.leave(room)

    def problems(self) -> Iterator[str]:
        """All that differs, once every row was expected."""
        strangers: dict[str, None] = {}
        for table, files in self._files.items():
            self._compare(table)
            if not files and self._n_rows[table]:
                yield f"{table} has no file, but the log has {self._n_rows[table]} rows of it."
            for file in files:
                yield from file.problems()
                strangers |= file.strangers
        yield from (f"Room {room} has no event in events.jsonl." for room in strangers)

    def unchecked(self) -> Iterator[str]:
        """What of the tables no log can prove, in words."""
        columns = [column for _, column in self._untold]
        for column in sorted(set(columns)):
            yield f"`{column}` of {columns.count(column)} rooms: their logs are older than it."
        for files in self._files.values():
            for file in files:
                yield from file.unchecked()

    def _compare(self, table: str) -> None:
        rows, self._waiting[table] = self._waiting[table], []
        if rows:
            self._n_rows[table] += len(rows)
            expected = table_of(table, rows)
            for file in self._files[table]:
                file.expect(expected, untold=self._untold)
