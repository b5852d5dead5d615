"""Exports whose tables are directories of Parquet files, each holding some of the rooms.

Files of the same relative name in the directories of the tables hold the same rooms.
"""

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import unquote

from analysis.dataset.archive import Package
from analysis.dataset.schema import TABLES
from analysis.dataset.tables import Loaded, read_table
from analysis.errors import DataError

_HIVE = re.compile(r"(\w+)=([^/]*)/")


#: Rooms read at once where each has a file of its own.
AT_ONCE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts(Package):
    """Some parts of an export as one, under the names that files have in a plain export."""

    keys: tuple[str, ...]
    files: frozenset[str]

    def read(self, name: str) -> bytes:
        """Read one file whole, with the columns that its directories stand for."""
        whole = Package(path=self.path, names=self.names, folder=self.folder)
        table = name.removesuffix(".parquet")
        if table not in TABLES:
            return whole.read(name)
        named = [key for key in self.keys if f"{table}/{key}" in self.files]
        if len(named) == 1 and not _HIVE.search(named[0]):
            return whole.read(f"{table}/{named[0]}")
        return _together([(whole.read(f"{table}/{key}"), key) for key in named])


def part_keys(package: Package) -> tuple[str, ...]:
    """Relative names of the parts, in order; none if the export is not partitioned."""
    keys = set()
    for name in package.names:
        table, _, key = name.partition("/")
        if table in TABLES and key.endswith(".parquet"):
            keys.add(key)
    both = [t for t in TABLES if keys and {f"{t}.parquet", f"{t}.csv"} & package.names]
    if both:
        raise DataError(
            (f"{both[0]} is there in parts and as one file; leave one of the two in the export.",)
        )
    return tuple(sorted(keys))


def groups(keys: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
    """The parts that are read at once: one, or many where each holds a single room."""
    if not all(_HIVE.search(key) for key in keys):
        return tuple((key,) for key in keys)
    return tuple(keys[start : start + AT_ONCE] for start in range(0, len(keys), AT_ONCE))


def parts(package: Package, keys: tuple[str, ...]) -> Parts:
    """Some parts of an export."""
    files = frozenset(
        f"{table}/{key}" for table in TABLES for key in keys if f"{table}/{key}" in package.names
    )
    names = {f"{name.partition('/')[0]}.parquet" for name in files}
    return Parts(
        path=package.path,
        names=frozenset(names | {"study.json"}),
        folder=package.folder,
        keys=keys,
        files=files,
    )


def read_parts(pieces: Parts, table: str) -> Loaded:
    """Read and check a table of some parts; what is wrong is said of the part it is in."""
    loaded = read_table(pieces, table)
    if not loaded.problems:
        return loaded
    each = (_named_problems(pieces, key, table) for key in pieces.keys)
    named = tuple(problem for problems in each for problem in problems)
    return Loaded(frame=loaded.frame, problems=named or loaded.problems)


def read_whole(package: Package, table: str) -> Loaded:
    """Read and check a table, whether or not it is in parts; parts follow in order of name."""
    keys = part_keys(package)
    return read_parts(parts(package, keys), table) if keys else read_table(package, table)


def _named_problems(pieces: Parts, key: str, table: str) -> Iterator[str]:
    for problem in read_table(parts(_listed(pieces), (key,)), table).problems:
        yield problem.replace(f"{table}.parquet", f"{table}/{key}", 1)


def _listed(pieces: Parts) -> Package:
    return Package(path=pieces.path, names=pieces.files, folder=pieces.folder)


def _together(files: list[tuple[bytes, str]]) -> bytes:
    """Several Parquet files as one, with the constant columns that their directories stand for."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    tables = []
    for data, key in files:
        table = pq.read_table(io.BytesIO(data))
        for name, value in _HIVE.findall(key):
            if name not in table.column_names:
                cells = pa.array([unquote(value)] * table.num_rows, type=pa.string())
                table = table.append_column(name, cells)
        tables.append(table)
    buffer = io.BytesIO()
    pq.write_table(pa.concat_tables(tables, promote_options="default"), buffer)
    return buffer.getvalue()
