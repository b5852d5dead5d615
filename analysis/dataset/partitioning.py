"""Writes a partitioned copy of an export."""

import shutil
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

import pandas as pd

from analysis.dataset.archive import Package, open_package
from analysis.dataset.arrow import arrow_schema
from analysis.dataset.manifest import write_manifest
from analysis.dataset.schema import TABLES
from analysis.dataset.study import load
from analysis.errors import ArgumentError


def partition(
    path: str | Path, out: str | Path, *, rooms_per_part: int = 1000, hive: bool = False
) -> None:
    """Write a copy of an export with its tables in parts, for studies larger than memory.

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
    if rooms_per_part < 1:
        raise ArgumentError(f"`rooms_per_part` must be at least 1 (got {rooms_per_part!r}).")
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
    if hive:
        return {code: f"room={quote(code, safe='')}/part-0.parquet" for code in codes}
    return {code: f"part-{i // size:06d}.parquet" for i, code in enumerate(codes)}


def _write_parts(frame: pd.DataFrame, folder: Path, keys: Mapping[str, str], *, hive: bool) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema = arrow_schema(folder.name)
    for key, rows in frame.groupby(frame["room"].map(keys), sort=True):
        target = folder / str(key)
        target.parent.mkdir(parents=True, exist_ok=True)
        cells = pa.Table.from_pandas(rows, schema=schema, preserve_index=False)
        pq.write_table(cells.drop_columns(["room"]) if hive else cells, target)


def _copy_rest(package: Package, target: Path) -> None:
    tables = {f"{table}{suffix}" for table in TABLES for suffix in (".csv", ".parquet")}
    for name in sorted(package.names - tables - {"MANIFEST.json"}):
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        with package.open(name) as source, (target / name).open("wb") as copy:
            shutil.copyfileobj(source, copy)
    write_manifest(target)
