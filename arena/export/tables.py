"""One table of an export as CSV and as Parquet, written row by row in bounded memory."""

import csv
import datetime as dt
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from analysis.dataset.moments import iso_ms
from analysis.dataset.schema import TABLES, csv_cell

#: A Parquet row group ends with whichever comes first.
GROUP_ROWS = 10_000
GROUP_CHARS = 4 * 2**20

#: A value as the arena holds it; text is never None, for both files read "nothing" as "".
Cell = str | int | float | bool | dt.datetime | None
Row = Mapping[str, Cell]


class TableWriter:
    """The two files of a table, open for rows whose keys are the table's columns."""

    def __init__(self, folder: Path, name: str) -> None:
        self._folder, self._name = folder, name
        self._columns: dict[str, list[Cell]] = {column.name: [] for column in TABLES[name]}
        self._n_rows = self._n_chars = 0
        self._files = ExitStack()

    def __enter__(self) -> Self:
        import pyarrow.parquet as pq

        from analysis.dataset.tables import arrow_schema

        stream = (self._folder / f"{self._name}.csv").open("w", encoding="utf-8", newline="")
        self._csv = csv.writer(self._files.enter_context(stream), lineterminator="\r\n")
        self._csv.writerow(self._columns)
        self._schema = arrow_schema(self._name)
        path = self._folder / f"{self._name}.parquet"
        self._parquet = self._files.enter_context(pq.ParquetWriter(path, self._schema))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with self._files:
            if kind is None:
                self._flush()

    def add(self, row: Row) -> None:
        """Write a row."""
        if row.keys() != self._columns.keys():
            raise ValueError(f"a row of {self._name} needs the columns {list(self._columns)}")
        self._csv.writerow(_csv_cell(row[name]) for name in self._columns)
        for name, cells in self._columns.items():
            cell = row[name]
            cells.append(cell)
            self._n_chars += len(cell) if isinstance(cell, str) else 0
        self._n_rows += 1
        if self._n_rows >= GROUP_ROWS or self._n_chars >= GROUP_CHARS:
            self._flush()

    def _flush(self) -> None:
        """End a Parquet row group."""
        import pyarrow as pa

        if self._n_rows:
            self._parquet.write_table(pa.Table.from_pydict(self._columns, schema=self._schema))
        self._columns = {name: [] for name in self._columns}
        self._n_rows = self._n_chars = 0


@contextmanager
def open_tables(folder: Path) -> Iterator[Mapping[str, TableWriter]]:
    """Every table of an export, open for rows."""
    with ExitStack() as stack:
        yield {name: stack.enter_context(TableWriter(folder, name)) for name in TABLES}


def _csv_cell(cell: Cell) -> str:
    return csv_cell(iso_ms(cell) if isinstance(cell, dt.datetime) else cell)
