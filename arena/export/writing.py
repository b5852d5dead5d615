"""Goes through a study's ended rooms, one at a time, and fills the files of an export."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from analysis.dataset.codebook import codebook
from analysis.dataset.derivation import RoomRules
from analysis.dataset.moments import iso_ms
from analysis.dataset.schema import FORMAT_VERSION
from arena import clock
from arena.events.chains import batches, in_groups
from arena.export.batch import Batch
from arena.export.people import PEOPLE, write_people
from arena.export.reading import ended_rooms, last_tables, read
from arena.export.tables import open_tables
from arena.export.target import placed
from arena.models import Study
from arena.rules import Phase

#: Called with how many of how many rooms are read.
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportSummary:
    """What was written where; `n_not_ended` rooms stayed sealed."""

    n_rooms: int
    n_not_ended: int
    path: Path


def write(
    study: Study, out: Path, *, identified: bool = False, progress: Progress | None = None
) -> ExportSummary:
    """Export a study's ended rooms to a new directory, or to a .zip of one if `out` is named so.

    Participants leave as codes. `identified` adds a separate file with the settings of the
    participants of these rooms: addresses, time zones, quiet hours.
    `progress` is called after each room, or after some that are read together.
    """
    with placed(out) as folder:
        n_rooms = _write_rooms(study, folder, progress or _no_progress)
        # Counted afterwards, so that it includes a room which ended meanwhile and was not exported.
        n_not_ended = study.rooms.count() - n_rooms
        head = _head(study, identified=identified) | {
            "n_rooms": n_rooms,
            "n_rooms_not_ended": n_not_ended,
        }
        _write_json(folder / "study.json", head)
        if identified:
            write_people(study, folder / PEOPLE)
        (folder / "codebook.md").write_text(codebook(), encoding="utf-8", newline="\n")
        _write_json(folder / "MANIFEST.json", _manifest(folder))
    return ExportSummary(n_rooms=n_rooms, n_not_ended=n_not_ended, path=out)


def _no_progress(_done: int, _of: int) -> None:
    """Ignore a step."""


def _write_rooms(study: Study, folder: Path, progress: Progress) -> int:
    ended = study.rooms.filter(phase=Phase.ENDED)
    n_rooms, n_ended = 0, ended.count()
    rules = RoomRules.of(json.loads(study.config))
    with (folder / "events.jsonl").open("wb") as log, open_tables(folder) as tables:
        for rooms in in_groups(ended):
            codes = {room.id: room.code for room in rooms}
            reading = ended_rooms(rooms, rules=rules)
            for events in batches(rooms):
                batch = Batch(events, codes)
                log.write(batch.lines())
                for name, rows in read(batch, reading):
                    tables[name].add(rows)
            for name, rows in last_tables(reading.values()):
                tables[name].add(rows)
            n_rooms += len(rooms)
            progress(n_rooms, max(n_rooms, n_ended))
    return n_rooms


def _head(study: Study, *, identified: bool) -> dict[str, object]:
    head: dict[str, object] = {
        "format_version": FORMAT_VERSION,
        "study": study.slug,
        "title": study.title,
        "sha256": study.sha256,
        "config": json.loads(study.config),
        "source": study.source,
        "simulated": study.simulated,
        "exported_at": iso_ms(clock.now()),
        "software": _software(),
    }
    if identified:
        head["identified"] = True
        head["note"] = f"{PEOPLE} names people. Keep it apart from the rest, and delete it soon."
    return head


def _software() -> str:
    try:
        return f"turing-arena {version('turing-arena')}"
    except PackageNotFoundError:  # Run from a source tree that was not installed.
        return "turing-arena"


def _manifest(folder: Path) -> dict[str, object]:
    files = {file.name: _fingerprint(file) for file in sorted(folder.iterdir())}
    return {"format_version": FORMAT_VERSION, "files": files}


def _fingerprint(file: Path) -> dict[str, object]:
    with file.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    return {"sha256": digest, "bytes": file.stat().st_size}


def _write_json(path: Path, value: object) -> None:
    text = json.dumps(value, ensure_ascii=False, indent=2)
    path.write_text(text + "\n", encoding="utf-8", newline="\n")
