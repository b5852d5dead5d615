"""Tables of an export as data frames, each cell checked against the schema."""

import csv
import io
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from analysis.dataset.archive import Package
from analysis.dataset.schema import TABLES, Column, Type, allowed, restore

#: Rows named in one problem; the number of the others is given.
SHOWN = 5

_INTEGER = re.compile(r"[+-]?\d+")
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?(Z|\+00:00)")


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


_FITS: Mapping[Type, Callable[[pa.DataType], bool]] = {
    Type.TEXT: _is_text,
    Type.INTEGER: pa.types.is_integer,
    Type.NUMBER: lambda t: pa.types.is_floating(t) or pa.types.is_integer(t),
    Type.BOOLEAN: pa.types.is_boolean,
    Type.MOMENT: lambda t: pa.types.is_timestamp(t) and t.tz is not None,
    Type.JSON: _is_text,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """A table, or what is wrong with it (`frame` is then not to be used)."""

    frame: pd.DataFrame
    problems: tuple[str, ...]


def read_table(package: Package, table: str) -> Loaded:
    """Read and check a table, from Parquet where there is one, else from CSV."""
    columns = TABLES[table]
    for suffix, reader in ((".parquet", _read_parquet), (".csv", _read_csv)):
        if (name := table + suffix) in package.names:
            series, problems = reader(package, name, columns)
            problems += [p for c in columns if c.name in series for p in _faults(name, c, series)]
            n_rows = len(next(iter(series.values()), ()))
            for column in columns:
                if column.added and column.name not in series:
                    series[column.name] = _series(column, [None] * n_rows)
            missing = [c.name for c in columns if c.name not in series]
            if missing and not problems:
                problems = [f"{name} has no column {', '.join(missing)}; every one is expected."]
            return Loaded(frame=pd.DataFrame(series), problems=tuple(problems))
    empty = {column.name: _series(column, []) for column in columns}
    return Loaded(frame=pd.DataFrame(empty), problems=())


def _read_parquet(
    package: Package, name: str, columns: tuple[Column, ...]
) -> tuple[dict[str, pd.Series], list[str]]:
    try:
        table = pq.read_table(io.BytesIO(package.read(name)))
    except pa.ArrowException as error:
        return {}, [f"{name} cannot be read as Parquet ({error}); export the study again."]
    series: dict[str, pd.Series] = {}
    problems = []
    for column in columns:
        if column.name not in table.column_names:
            if column.added:
                continue
            problems.append(f"{name} has no column {column.name}; every column is expected.")
            continue
        cells = table.column(column.name)
        if pa.types.is_dictionary(cells.type):
            cells = cells.cast(cells.type.value_type)
        if not (_FITS[column.type](cells.type) or pa.types.is_null(cells.type)):
            problems.append(
                f"{name}, column {column.name}: it holds {cells.type}; {column.type} was expected."
            )
            continue
        series[column.name] = _series(column, cells.to_pylist())
    return series, problems


def _read_csv(
    package: Package, name: str, columns: tuple[Column, ...]
) -> tuple[dict[str, pd.Series], list[str]]:
    csv.field_size_limit(1 << 30)
    with package.open(name) as stream:
        text = io.TextIOWrapper(stream, encoding="utf-8", newline="")
        try:
            rows = list(csv.reader(text, strict=True))
        except (csv.Error, UnicodeDecodeError) as error:
            return {}, [f"{name} cannot be read as CSV ({error}); export the study again."]
    header, body = (rows[0], rows[1:]) if rows else ([], [])
    ragged = [n for n, row in enumerate(body, start=1) if len(row) != len(header)]
    if ragged:
        return {}, [f"{name}, {_rows(ragged)}: {len(header)} cells were expected in each row."]
    by_column = zip(*body, strict=True) if body else [()] * len(header)
    by_name = dict(zip(header, by_column, strict=True))
    series: dict[str, pd.Series] = {}
    problems = []
    for column in columns:
        if column.name not in by_name:
            if column.added:
                continue
            problems.append(f"{name} has no column {column.name}; every column is expected.")
            continue
        cells, bad = _parse(column, by_name[column.name])
        if bad:
            problems.append(
                _misfit(name, column, bad, cells=by_name[column.name], expected=f"{column.type}")
            )
        series[column.name] = _series(column, cells)
    return series, problems


def _parse(column: Column, cells: Sequence[str]) -> tuple[list[object], list[int]]:
    """Values of CSV cells, and the rows (from 1) that do not hold the column's type."""
    if column.type in (Type.TEXT, Type.JSON):
        return [restore(cell) if cell else None for cell in cells], []
    convert, form = _FORMS[column.type]
    values: list[object] = []
    bad = []
    for row, cell in enumerate(cells, start=1):
        fits = cell == "" or form.fullmatch(cell) is not None
        values.append(convert(cell) if fits and cell else None)
        if not fits:
            bad.append(row)
    return values, bad


def _moment(cell: str) -> pd.Timestamp | None:
    try:
        return pd.Timestamp(cell)
    except ValueError:
        return None


_FORMS: Mapping[Type, tuple[Callable[[str], object], re.Pattern[str]]] = {
    Type.INTEGER: (int, _INTEGER),
    Type.NUMBER: (float, _NUMBER),
    Type.BOOLEAN: (lambda cell: cell == "true", re.compile("true|false")),
    Type.MOMENT: (_moment, _MOMENT),
}


def _series(column: Column, cells: Iterable[object]) -> pd.Series:
    values = list(cells)
    match column.type:
        case Type.TEXT | Type.JSON:
            return pd.Series([v if v is not None else "" for v in values], dtype="str")
        case Type.MOMENT:
            moments = pd.to_datetime(pd.Series(values, dtype="object"), utc=True)
            return moments.dt.as_unit("ms")
        case Type.NUMBER:
            return pd.Series(values, dtype="float64")
        case Type.INTEGER:
            return pd.Series(values, dtype="Int64" if column.optional else "object").astype("Int64")
        case Type.BOOLEAN:
            return pd.Series(values, dtype="boolean")


def settle(frame: pd.DataFrame, table: str) -> pd.DataFrame:
    """Give required whole numbers and booleans their plain types, once nothing is missing."""
    plain = {Type.INTEGER: "int64", Type.BOOLEAN: "bool"}
    kinds = {c.name: plain[c.type] for c in TABLES[table] if c.type in plain and not c.optional}
    return frame.astype(kinds)


def _faults(name: str, column: Column, series: Mapping[str, pd.Series]) -> list[str]:
    cells = series[column.name]
    empty = (cells == "") if column.type in (Type.TEXT, Type.JSON) else cells.isna()
    faults = []
    if not column.optional and empty.any():
        faults.append((empty, "a value"))
    if column.values:
        faults.append((~cells.isin(column.values) & ~empty, f"one of {allowed(column)}"))
    if column.low is not None:
        outside = (cells < column.low) | (cells > (np.inf if column.high is None else column.high))
        faults.append((outside.fillna(False).astype(bool), allowed(column)))
    return [
        _misfit(
            name,
            column,
            [int(i) + 1 for i in np.flatnonzero(bad)],
            cells=list(cells),
            expected=expected,
        )
        for bad, expected in faults
        if bad.any()
    ]


def _misfit(
    name: str, column: Column, rows: list[int], *, cells: Sequence[object], expected: str
) -> str:
    seen = ", ".join(dict.fromkeys(_show(cells[row - 1]) for row in rows[:SHOWN]))
    return f"{name}, column {column.name}, {_rows(rows)}: {seen}; {expected} was expected."


def _show(cell: object) -> str:
    if isinstance(cell, str):
        return repr(cell) if cell else "(empty)"
    nothing = cell is None or cell is pd.NA or cell is pd.NaT or cell != cell
    return "(empty)" if nothing else f"{cell}"


def _rows(rows: list[int]) -> str:
    shown = ", ".join(str(row) for row in rows[:SHOWN])
    more = f" and {len(rows) - SHOWN} more" if len(rows) > SHOWN else ""
    return f"row{'s' if len(rows) > 1 else ''} {shown}{more}"
