"""Writes an export made in memory: tables, log, codebook and manifest. For simulated studies."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from analysis.dataset import chain
from analysis.dataset.codebook import codebook
from analysis.dataset.manifest import write_json, write_manifest
from analysis.dataset.moments import iso_ms
from analysis.dataset.schema import FORMAT_VERSION, TABLES
from analysis.dataset.tables import write_table
from analysis.planning.simulated_rooms import START, Logged


def write_export(
    out: Path, *, title: str, config: Mapping[str, object], rooms: Sequence[Logged]
) -> None:
    """Write the whole export into `out`, which is made if needed."""
    out.mkdir(parents=True, exist_ok=True)
    for table in TABLES:
        write_table(out, table, [row for room in rooms for row in room.rows.get(table, [])])
    with (out / "events.jsonl").open("w", encoding="utf-8", newline="\n") as stream:
        for room in rooms:
            for event in room.events:
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
