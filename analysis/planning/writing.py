"""Writes an export made in memory: tables, log, codebook and manifest. For simulated studies."""

import csv
import datetime as dt
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pyarrow.parquet as pq

from analysis.dataset import chain
from analysis.dataset.arrow import table_of
from analysis.dataset.codebook import codebook
from analysis.dataset.derivation import ROW_OF, RoomReading, RoomRules
from analysis.dataset.entries import Entry
from analysis.dataset.manifest import write_json, write_manifest
from analysis.dataset.moments import iso_ms
from analysis.dataset.rows import Row
from analysis.dataset.schema import FORMAT_VERSION, TABLES, csv_cell
from analysis.planning.simulated_rooms import START, Event


def write_export(
    out: Path, *, title: str, config: Mapping[str, object], rooms: Sequence[Sequence[Event]]
) -> None:
    """Write the whole export into `out`, which is made if needed."""
    out.mkdir(parents=True, exist_ok=True)
    rules = RoomRules.of(config)
    rows: dict[str, list[Row]] = {table: [] for table in TABLES}
    for room in rooms:
        for table, row in _rows(room, rules):
            rows[table].append(row)
    for table in TABLES:
        _write_table(out, table, rows[table])
    with (out / "events.jsonl").open("w", encoding="utf-8", newline="\n") as stream:
        for room in rooms:
            for event in room:
                stream.write(json.dumps(event, ensure_ascii=False) + "\n")
    (out / "codebook.md").write_text(codebook(), encoding="utf-8")
    head = {
        "format_version": FORMAT_VERSION,
        "study": config["study"],
        "title": title,
        "sha256": chain.sha256(config),
        "config": config,
        "source": "",
        "simulated": True,
        "exported_at": iso_ms(START),
        "software": "turing-arena simulation",
        "n_rooms": len(rooms),
        "n_rooms_not_ended": 0,
    }
    write_json(out / "study.json", head)
    write_manifest(out)


def _rows(events: Sequence[Event], rules: RoomRules) -> Iterator[tuple[str, Row]]:
    """The rows of a room whose log ends with the opened seal, each with its table."""
    assignment = events[-1]["body"]["assignment"]
    reading = RoomReading(events[0]["room"], rules=rules, assignment=assignment)
    for event in events:
        entry = Entry.of(event)
        reading.hear(entry)
        if row := reading.row(entry):
            yield ROW_OF[entry.kind], row
    yield from reading.last_rows()


def _write_table(folder: Path, table: str, rows: Sequence[Row]) -> None:
    """Write a table as CSV and as Parquet."""
    cells = table_of(table, rows)
    pq.write_table(cells, folder / f"{table}.parquet")
    with (folder / f"{table}.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\r\n")
        writer.writerow(cells.column_names)
        for row in cells.to_pylist():
            values = (iso_ms(v) if isinstance(v, dt.datetime) else v for v in row.values())
            writer.writerow(map(csv_cell, values))
