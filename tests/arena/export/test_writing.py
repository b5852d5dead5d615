"""The package of an export: which rooms and files are in it."""

import hashlib
import json
import zipfile
from pathlib import Path

import pytest

import analysis
from analysis.dataset.codebook import codebook
from analysis.dataset.moments import iso_ms
from analysis.dataset.schema import TABLES
from arena import clock, export, services
from tests.arena.export.playing_rooms import PLANES, asker, decide, say, start
from tests.arena.export.reading_back import FILES, all_bytes, exported, read
from tests.kit.factories import make_room, make_rooms

#: The files that tell when an export was made.
DATED = {"study.json", "MANIFEST.json"}


def test_only_ended_rooms_leave(tmp_path: Path) -> None:
    lobby, live, paused, ended, no_show = make_rooms(5)
    for room in (live, paused, ended):
        start(room)
        say(asker(room), f"to {room.code}", "A")
    services.pause(paused.room, host="host", reason="a break")
    decide(asker(ended), "A")
    services.end(no_show.room, host="host", reason="nobody came")
    folder = tmp_path / "out"

    summary = export.write(ended.study, folder)

    assert summary == export.ExportSummary(n_rooms=2, n_not_ended=3, path=folder)
    for room in (lobby, live, paused):
        assert room.code.encode() not in all_bytes(folder)
    rows = {row["room"]: row for row in read(folder, "rooms")}
    assert list(rows) == sorted([ended.code, no_show.code])
    names = ("started_at", "elapsed_ms", "end_reason")
    assert [rows[no_show.code][name] for name in names] == [None, None, "technical"]
    assert len(analysis.load(folder).rooms) == 2
    assert analysis.verify(folder).ok


def test_export_of_a_study_without_ended_rooms_loads(tmp_path: Path) -> None:
    folder = exported(make_room().study, tmp_path)
    assert sorted(file.name for file in folder.iterdir()) == FILES
    assert all(read(folder, table) == [] for table in TABLES)
    assert len(analysis.load(folder).rooms) == 0


@pytest.mark.parametrize("identified", [False, True])
def test_study_json_is_the_whole_study(tmp_path: Path, identified: bool) -> None:
    room = make_room()
    services.end(room.room, host="host", reason="a test")
    before = iso_ms(clock.now())

    export.write(room.study, tmp_path / "out", identified=identified)

    head = json.loads((tmp_path / "out" / "study.json").read_text(encoding="utf-8"))
    assert before <= head.pop("exported_at") <= iso_ms(clock.now())
    note = "people.csv names people. Keep it apart from the rest, and delete it soon."
    assert head == {
        "format_version": 1,
        "study": room.study.slug,
        "title": "A study for tests",
        "sha256": room.study.sha256,
        "config": json.loads(room.study.config),
        "source": room.study.source,
        "simulated": True,
        "software": "turing-arena 0.1.0",
        "n_rooms": 1,
        "n_rooms_not_ended": 0,
        **({"identified": True, "note": note} if identified else {}),
    }


def test_manifest_names_every_other_file(tmp_path: Path) -> None:
    folder = exported(make_room().study, tmp_path)
    assert (folder / "codebook.md").read_bytes() == codebook().encode()
    assert json.loads((folder / "MANIFEST.json").read_text(encoding="utf-8")) == {
        "format_version": 1,
        "files": {
            name: {
                "sha256": hashlib.sha256((folder / name).read_bytes()).hexdigest(),
                "bytes": (folder / name).stat().st_size,
            }
            for name in FILES
            if name != "MANIFEST.json"
        },
    }


def test_zip_holds_the_same_bytes_each_time(tmp_path: Path) -> None:
    room = make_room()
    start(room)
    say(asker(room), PLANES, "A")
    decide(asker(room), "A")
    folder = exported(room.study, tmp_path)
    plain = {name: (folder / name).read_bytes() for name in FILES if name not in DATED}

    for name in ("one.zip", "two.zip"):
        export.write(room.study, tmp_path / name)
        with zipfile.ZipFile(tmp_path / name) as archive:
            assert archive.namelist() == FILES
            assert {info.date_time for info in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
            assert {each: archive.read(each) for each in plain} == plain

    assert analysis.verify(tmp_path / "one.zip").ok
    assert sorted(file.name for file in tmp_path.iterdir()) == ["one.zip", "study", "two.zip"]
