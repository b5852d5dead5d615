"""The files of an export's tables as they are, in pieces and in the order of their rows."""

import csv
import io
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import BinaryIO

import pyarrow as pa
import pyarrow.compute as compute
import pyarrow.csv
import pyarrow.parquet

from analysis.dataset.archive import Package
from analysis.dataset.arrow import ARROW
from analysis.dataset.partitions import groups, part_keys, parts
from analysis.dataset.schema import FORMULA_STARTS, TABLES, Column, Type
from analysis.errors import DataError

#: Rows, or bytes, that are read at once.
PIECE_ROWS, PIECE_BYTES = 4_000, 1 << 22
_MARKED = "^'([" + "".join(f"\\x{ord(char):02x}" for char in sorted(FORMULA_STARTS)) + "])"


def files_of(package: Package, table: str) -> tuple[str, ...]:
    """The files that hold a table: ``.parquet`` and ``.csv``, or the name of its parts."""
    if any(f"{table}/{key}" in package.names for key in part_keys(package)):
        return (table,)
    return tuple(name for name in (f"{table}.parquet", f"{table}.csv") if name in package.names)


def pieces(package: Package, table: str, name: str) -> Iterator[pa.Table]:
    """The rows of a table's file, with the columns that are the table's in the table's types.

    Nothing is "" in a text, and null in any other column. Columns that the file lacks are left out.
    DataError if the file cannot be read.
    """
    try:
        for piece in _read(package, table, name):
            yield _typed(piece, TABLES[table])
    except (pa.ArrowException, csv.Error, UnicodeDecodeError, ValueError) as error:
        raise DataError((f"{name} cannot be read as the table {table} ({error}).",)) from error


def _read(package: Package, table: str, name: str) -> Iterator[pa.Table]:
    if name == table:
        return _parts(package, table)
    return _parquet(package, name) if name.endswith(".parquet") else _csv(package, name, table)


def _parquet(package: Package, name: str) -> Iterator[pa.Table]:
    with _seekable(package, name) as stream:
        file = pyarrow.parquet.ParquetFile(stream)
        yield file.schema_arrow.empty_table()
        for batch in file.iter_batches(PIECE_ROWS, use_threads=False):
            yield pa.Table.from_batches([batch])


@contextmanager
def _seekable(package: Package, name: str) -> Iterator[BinaryIO]:
    """A file that can be read from any place: the members of a .zip cannot, at speed."""
    with package.open(name) as stream:
        if package.folder is None:
            yield stream
            return
        with tempfile.TemporaryFile() as copy:
            shutil.copyfileobj(stream, copy)
            copy.seek(0)
            yield copy


def _parts(package: Package, table: str) -> Iterator[pa.Table]:
    for keys in groups(part_keys(package)):
        some = parts(package, keys)
        if f"{table}.parquet" in some.names:
            yield pyarrow.parquet.read_table(io.BytesIO(some.read(f"{table}.parquet")))


def _csv(package: Package, name: str, table: str) -> Iterator[pa.Table]:
    with (
        package.open(name) as stream,
        io.TextIOWrapper(stream, encoding="utf-8", newline="") as text,
    ):
        header = next(csv.reader(text), [])
    if len(set(header)) != len(header) or not header:
        raise ValueError(f"its header is {','.join(header) or 'missing'}")
    # Moments may be written more finely than they are.
    moment = pa.timestamp("us", tz="UTC")
    types = {
        column.name: moment if column.type == Type.MOMENT else ARROW[column.type]
        for column in TABLES[table]
    }
    with package.open(name) as stream:
        reader = pyarrow.csv.open_csv(
            stream,
            read_options=pyarrow.csv.ReadOptions(use_threads=False, block_size=PIECE_BYTES),
            parse_options=pyarrow.csv.ParseOptions(newlines_in_values=True),
            convert_options=pyarrow.csv.ConvertOptions(
                column_types={name: types.get(name, pa.string()) for name in header},
                null_values=[""],
                true_values=["true"],
                false_values=["false"],
            ),
        )
        yield reader.schema.empty_table()
        for batch in reader:
            yield _restored(pa.Table.from_batches([batch]))


def _restored(piece: pa.Table) -> pa.Table:
    """A piece of a CSV file without the marks before what a spreadsheet would run."""
    columns = [
        compute.replace_substring_regex(cells, _MARKED, r"\1")
        if pa.types.is_string(cells.type)
        else cells
        for cells in piece.columns
    ]
    return pa.table(columns, names=piece.column_names)


def _typed(piece: pa.Table, columns: Sequence[Column]) -> pa.Table:
    """Those columns of a piece that are the table's, as the table has them."""
    found = {
        column.name: _cells(column, piece.column(column.name))
        for column in columns
        if column.name in piece.column_names
    }
    others = {name: piece.column(name) for name in piece.column_names if name not in found}
    return pa.table(found | others)


def _cells(column: Column, cells: pa.ChunkedArray) -> pa.ChunkedArray:
    kind = ARROW[column.type]
    if cells.type != kind:
        cells = cells.cast(kind)
    if column.type in (Type.TEXT, Type.JSON):
        return compute.fill_null(cells, "")
    return cells
