"""Reads an export back as its codebook says, knowing nothing of how it was written."""

import csv
import datetime as dt
import json
from collections.abc import Callable, Mapping
from pathlib import Path

import pyarrow.parquet as pq

from analysis.dataset.schema import TABLES, Type, restore
from arena import export
from arena.models import Event, Study

Row = dict[str, object]

FILES = sorted(
    ["study.json", "codebook.md", "MANIFEST.json", "events.jsonl"]
    + [f"{table}.{kind}" for table in TABLES for kind in ("csv", "parquet")]
)

_READ: Mapping[Type, Callable[[str], object]] = {
    Type.INTEGER: int,
    Type.NUMBER: float,
    Type.BOOLEAN: lambda cell: {"true": True, "false": False}[cell],
    Type.MOMENT: dt.datetime.fromisoformat,
}


def exported(study: Study, tmp_path: Path) -> Path:
    """The directory of a fresh export."""
    export.write(study, tmp_path / "study")
    return tmp_path / "study"


def read(folder: Path, table: str) -> list[Row]:
    """The rows of a table, which both of its files give alike."""
    rows = read_csv(folder, table)
    assert pq.read_table(folder / f"{table}.parquet").to_pylist() == rows
    return rows


def read_csv(folder: Path, table: str) -> list[Row]:
    columns = TABLES[table]
    with (folder / f"{table}.csv").open(encoding="utf-8", newline="") as stream:
        header, *rows = csv.reader(stream, strict=True)
    assert header == [column.name for column in columns]
    return [
        {c.name: _value(c.type, cell) for c, cell in zip(columns, row, strict=True)} for row in rows
    ]


def _value(kind: Type, cell: str) -> object:
    if kind in (Type.TEXT, Type.JSON):
        return restore(cell)
    return _READ[kind](cell) if cell else None


def read_log(folder: Path) -> list[Row]:
    return [json.loads(line) for line in (folder / "events.jsonl").read_bytes().splitlines()]


def all_bytes(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in folder.iterdir())


def stamp(event_id: str) -> Row:
    """What a row says about its event, in a room that was never paused."""
    event = Event.objects.select_related("room").get(public_id=event_id)
    started = Event.objects.get(room=event.room, kind="started").at
    return {
        "room": event.room.code,
        "event": event_id,
        "seq": event.seq,
        "at": event.at,
        "elapsed_ms": (event.at - started) // dt.timedelta(milliseconds=1),
    }
