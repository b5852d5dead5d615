"""Exports whose tables are directories of Parquet files, each holding some of the rooms.

Files of the same relative name in the directories of the tables hold the same rooms.
"""

import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

import pandas as pd

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


def partition(
    path: str | Path, out: str | Path, *, rooms_per_part: int = 1000, hive: bool = False
) -> None:
    """Write an export anew with its tables in parts, for studies larger than one machine's memory.

    Parameters
    ----------
    path : str or Path
        A plain export, which is read whole.
    out : str or Path
        A directory, made if needed.
    rooms_per_part : int
    hive : bool
        One directory ``room=<code>`` for each room instead.

    Examples
    --------
    >>> import tempfile, analysis as ta
    >>> plain, parts = tempfile.mkdtemp(), tempfile.mkdtemp()
    >>> truth = ta.simulate(plain, n_rooms=5, n_interrogators=2, seed=1)
    >>> ta.partition(plain, parts, rooms_per_part=2)
    >>> len(ta.load(parts).rooms)
    5
    """
    from analysis.dataset.archive import open_package
    from analysis.dataset.study import load
    from analysis.errors import ArgumentError

    if rooms_per_part < 1:
        raise ArgumentError(f"{rooms_per_part!r} rooms make no part; give at least 1.")
    study, target = load(path), Path(out)
    target.mkdir(parents=True, exist_ok=True)
    codes = study.rooms["room"].tolist()
    size = 1 if hive else rooms_per_part
    keys = _keys(codes, size, hive=hive)
    for table in TABLES:
        _write_parts(getattr(study, table), target / table, keys, hive=hive)
    _copy_rest(open_package(Path(path)), target)


def _keys(codes: list[str], size: int, *, hive: bool) -> Mapping[str, str]:
    """The part of each room."""
    from urllib.parse import quote

    if hive:
        return {code: f"room={quote(code, safe='')}/part-0.parquet" for code in codes}
    return {code: f"part-{i // size:06d}.parquet" for i, code in enumerate(codes)}


def _write_parts(frame: pd.DataFrame, folder: Path, keys: Mapping[str, str], *, hive: bool) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    from analysis.dataset.tables import arrow_schema

    schema = arrow_schema(folder.name)
    for key, rows in frame.groupby(frame["room"].map(keys), sort=True):
        target = folder / str(key)
        target.parent.mkdir(parents=True, exist_ok=True)
        cells = pa.Table.from_pandas(rows, schema=schema, preserve_index=False)
        pq.write_table(cells.drop_columns(["room"]) if hive else cells, target)


def _copy_rest(package: Package, target: Path) -> None:
    import shutil

    from analysis.planning.writing import write_manifest

    tables = {f"{table}{suffix}" for table in TABLES for suffix in (".csv", ".parquet")}
    for name in sorted(package.names - tables - {"MANIFEST.json"}):
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        with package.open(name) as source, (target / name).open("wb") as copy:
            shutil.copyfileobj(source, copy)
    write_manifest(target)


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
