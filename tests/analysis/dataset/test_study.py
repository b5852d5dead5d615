"""Loading an export: both file kinds give the same frames, and faults are named all at once."""

import csv
import dataclasses
import json
import shutil
from pathlib import Path

import pandas as pd
import pytest

import analysis as ta
from analysis.dataset.schema import TABLES


def without_parquet(folder: Path) -> Path:
    for file in folder.glob("*.parquet"):
        file.unlink()
    return folder


def edit(folder: Path, table: str, row: int, **cells: str) -> None:
    """Change cells of one row (from 1) of a CSV table."""
    path = folder / f"{table}.csv"
    with path.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    rows[row - 1].update(cells)
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]), lineterminator="\r\n")
        writer.writeheader()
        writer.writerows(rows)


def test_csv_and_parquet_give_the_same_frames(copied: Path) -> None:
    parquet = ta.load(copied)
    text = ta.load(without_parquet(copied))
    for table in TABLES:
        pd.testing.assert_frame_equal(getattr(parquet, table), getattr(text, table))
    assert text.messages["text"].str.startswith("=").any()
    assert text.messages["text"].str.contains("\n").any()


@pytest.mark.parametrize("inside", ["", "study-folder"])
def test_zip_is_read_like_a_directory(export: Path, tmp_path: Path, inside: str) -> None:
    home = tmp_path / "home"
    shutil.copytree(export, home / inside)
    archive = shutil.make_archive(str(tmp_path / "study"), "zip", home)
    pd.testing.assert_frame_equal(ta.load(archive).rooms, ta.load(export).rooms)
    assert ta.verify(archive).ok


def test_missing_table_is_empty(copied: Path) -> None:
    for file in copied.glob("visits.*"):
        file.unlink()
    study = ta.load(copied)
    assert list(study.visits.columns) == [column.name for column in TABLES["visits"]]
    assert study.visits.empty


def test_empty_export_loads(tmp_path: Path) -> None:
    ta.simulate(tmp_path, n_rooms=0, n_interrogators=1, seed=1)
    study = ta.load(tmp_path)
    assert all(getattr(study, table).empty for table in TABLES)
    assert ta.detections(study).empty


def test_study_is_frozen(export: Path) -> None:
    study = ta.load(export)
    with pytest.raises(dataclasses.FrozenInstanceError):
        study.slug = "other"  # type: ignore[misc]


def test_every_fault_is_named_with_its_row(copied: Path) -> None:
    without_parquet(copied)
    edit(copied, "rooms", 3, end_reason="bored", duration_ms="-5")
    edit(copied, "rooms", 4, simulated="yes")
    edit(copied, "beliefs", 2, p="1.5", at="yesterday")
    edit(copied, "messages", 1, room="")
    with pytest.raises(ta.DataError) as caught:
        ta.load(copied)
    problems = caught.value.problems
    assert caught.value.code == "analysis.data"
    for start, end in (
        ("rooms.csv, column end_reason, row 3: 'bored'", "was expected."),
        ("rooms.csv, column duration_ms, row 3: -5", "≥ 0 was expected."),
        ("rooms.csv, column simulated, row 4: 'yes'", "boolean was expected."),
        ("beliefs.csv, column p, row 2: 1.5", "0–1 was expected."),
        ("beliefs.csv, column at, row 2: 'yesterday'", "moment was expected."),
        ("messages.csv, column room, row 1: (empty)", "a value was expected."),
    ):
        assert any(each.startswith(start) and each.endswith(end) for each in problems), start


def test_missing_columns_are_named(copied: Path) -> None:
    frame = pd.read_parquet(copied / "beliefs.parquet")
    frame.drop(columns=["p_true", "seq"]).to_parquet(copied / "beliefs.parquet")
    with pytest.raises(ta.DataError) as caught:
        ta.load(copied)
    assert caught.value.problems == (
        "beliefs.parquet has no column seq; every column is expected.",
        "beliefs.parquet has no column p_true; every column is expected.",
    )


def test_wrong_parquet_type_is_named(copied: Path) -> None:
    frame = pd.read_parquet(copied / "beliefs.parquet")
    frame.assign(p=frame["p"].astype(str)).to_parquet(copied / "beliefs.parquet")
    with pytest.raises(ta.DataError, match=r"beliefs.parquet, column p: .* number was expected"):
        ta.load(copied)


@pytest.mark.parametrize(
    ("table", "cells", "says"),
    [
        ("verdicts", {"correct": "flip"}, "correct contradicts the assignment"),
        ("beliefs", {"p_true": "0.123"}, "p_true does not follow from p and the assignment"),
        ("messages", {"room": "nowhere"}, "its room is not in rooms"),
    ],
)
def test_rows_that_contradict_each_other_are_refused(
    copied: Path, table: str, cells: dict[str, str], says: str
) -> None:
    without_parquet(copied)
    if cells.get("correct") == "flip":
        first = ta.load(copied).verdicts["correct"].iloc[0]
        cells = {"correct": "false" if first else "true"}
    edit(copied, table, 1, **cells)
    with pytest.raises(ta.DataError, match=f"{table}, row 1: {says}"):
        ta.load(copied)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"format_version": 2}, "format version 2; this software reads version 1"),
        ({"n_rooms": 59}, "rooms has 60 rows; study.json promises 59"),
        ({"title": None}, "`title` is None; str was expected"),
    ],
)
def test_head_is_checked(copied: Path, change: dict[str, object], says: str) -> None:
    head = json.loads((copied / "study.json").read_text(encoding="utf-8"))
    (copied / "study.json").write_text(json.dumps(head | change), encoding="utf-8")
    with pytest.raises(ta.DataError, match=says):
        ta.load(copied)


def test_path_without_an_export_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ta.DataError, match=r"holds no study\.json"):
        ta.load(tmp_path)
    with pytest.raises(ta.DataError, match=r"neither a directory nor a \.zip"):
        ta.load(tmp_path / "nothing")
