"""One table of an export as CSV and as Parquet, written in groups of rows, in bounded memory."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

import pyarrow as pa
import pyarrow.compute as compute
import pyarrow.csv
import pyarrow.parquet

from analysis.dataset.arrow import arrow_schema
from analysis.dataset.schema import FORMULA_STARTS, TABLES

#: A group ends with whichever comes first.
GROUP_ROWS = 10_000
GROUP_BYTES = 4 * 2**20

_CSV = pyarrow.csv.WriteOptions(include_header=False, eol="\r\n")
#: What `analysis.dataset.schema.neutralise` puts a mark before.
_FORMULA = "^([" + "".join(f"\\x{ord(char):02x}" for char in sorted(FORMULA_STARTS)) + "])"


class TableWriter:
    """The two files of a table, open for rows by column."""

    def __init__(self, folder: Path, name: str) -> None:
        self._path, self._schema = folder / name, arrow_schema(name)
        self._waiting: list[pa.Table] = []
        self._files = ExitStack()

    def __enter__(self) -> Self:
        parquet = pyarrow.parquet.ParquetWriter(self._path.with_suffix(".parquet"), self._schema)
        self._parquet = self._files.enter_context(parquet)
        self._csv = self._files.enter_context(self._path.with_suffix(".csv").open("wb"))
        self._csv.write(",".join(self._schema.names).encode() + b"\r\n")
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

    def add(self, rows: pa.Table) -> None:
        """Write some rows, later, with those of their group."""
        self._waiting.append(rows)
        n_rows = sum(each.num_rows for each in self._waiting)
        n_bytes = sum(each.nbytes for each in self._waiting)
        if n_rows >= GROUP_ROWS or n_bytes >= GROUP_BYTES:
            self._flush()

    def _flush(self) -> None:
        """End a group: a row group of the Parquet file."""
        # In one piece: where a piece is empty, Arrow's CSV writer writes whatever its buffer holds.
        group = pa.concat_tables([self._schema.empty_table(), *self._waiting]).combine_chunks()
        self._waiting = []
        if group.num_rows:
            self._parquet.write_table(group)
            pyarrow.csv.write_csv(_as_csv(group), self._csv, write_options=_CSV)


def _as_csv(table: pa.Table) -> pa.Table:
    """A table with moments and texts as CSV spells them."""
    columns = [_spelt(cells) for cells in table.columns]
    return pa.table(columns, names=table.column_names)


def _spelt(cells: pa.ChunkedArray) -> pa.ChunkedArray:
    if pa.types.is_timestamp(cells.type):
        text = cells.cast(pa.string())
        return compute.utf8_replace_slice(text, start=10, stop=11, replacement="T")
    if pa.types.is_string(cells.type):
        return compute.replace_substring_regex(cells, _FORMULA, r"'\1")
    return cells


@contextmanager
def open_tables(folder: Path) -> Iterator[Mapping[str, TableWriter]]:
    """Every table of an export, open for rows."""
    with ExitStack() as stack:
        yield {name: stack.enter_context(TableWriter(folder, name)) for name in TABLES}
