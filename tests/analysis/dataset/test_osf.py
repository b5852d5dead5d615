"""The published layout, with its traps, in the frames of a study."""

import csv
from pathlib import Path

import pandas as pd
import pytest

import analysis as ta
from analysis.dataset.schema import TABLES
from tests.analysis.dataset.osf_fixture import SECRET, write_release


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_release(tmp_path / "data")


@pytest.fixture
def study(folder: Path) -> ta.Study:
    return ta.load_osf(folder)


def rewrite(file: Path, **changes: str) -> None:
    """Change the cells of the first row."""
    with file.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    rows[0].update(changes)
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def test_rooms_are_games_of_people_not_of_seats(study: ta.Study) -> None:
    rooms = study.rooms.set_index("room")
    assert list(rooms.index) == ["9", "10", "11", "12", "13"]
    assert list(rooms["interrogator"]) == ["p7", "p7", "p8", "p23", "p24"]
    assert list(rooms["human_witness"]) == ["p21", "p22", "p7", "p8", "p21"]
    assert list(rooms["human_pane"]) == ["A", "B", "B", "A", "A"]
    assert list(rooms["profile"].iloc[:4]) == ["gpt-4.5_minimal"] * 2 + ["eliza"] * 2
    assert list(rooms["n_messages"]) == [2, 2, 1, 0, 2]
    assert list(rooms["elapsed_ms"]) == [64_000] * 4 + [66_000]
    assert set(rooms["duration_ms"]) == {300_000}


def test_test_games_are_left_out_and_counted(study: ta.Study) -> None:
    assert ta.exclusions_osf(study).to_numpy().tolist() == [
        ["Games released", 6],
        ["Test games", -1],
        ["Games read", 5],
    ]


def test_described_exclusions_are_code(folder: Path) -> None:
    study = ta.load_osf(folder, exclude=ta.Exclude(max_duration_s=65))
    assert list(study.rooms["room"]) == ["9", "10"]
    assert ta.exclusions_osf(study).to_numpy().tolist() == [
        ["Games released", 6],
        ["Test games", -1],
        ["The interrogator has no profile", -1],
        ["The interrogator knew of the experiment", -1],
        ["A conversation with fewer than 2 messages", -1],
        ["Longer than 65 s", 0],
        ["Games read", 2],
    ]


def test_confidence_loses_its_sign_and_keeps_its_strength(study: ta.Study) -> None:
    verdicts = study.verdicts.set_index("room")
    assert verdicts["confidence"].tolist() == pytest.approx([0.9, 0.725, 1.0, 0.5, 0.8])
    assert verdicts["correct"].tolist() == [True, False, True, True, False]
    assert verdicts["human"].tolist() == ["A", "A", "B", "A", "B"]


def test_of_two_verdicts_the_lower_id_counts(study: ta.Study) -> None:
    assert study.verdicts["room"].is_unique
    assert study.verdicts.set_index("room").loc["10", "event"] == "verdict-31"


def test_messages_are_in_order_with_their_writers(study: ta.Study) -> None:
    first = study.messages[study.messages["room"] == "9"]
    assert first[["seq", "elapsed_ms", "pane", "seat", "kind", "text"]].to_numpy().tolist() == [
        [1, 1_000, "A", "interrogator", "human", "hi"],
        [2, 5_000, "A", "A", "human", "hey"],
        [3, 8_000, "B", "interrogator", "human", "yo"],
        [4, 9_000, "B", "B", "machine", "Hello!"],
    ]
    early = study.messages[study.messages["room"] == "13"]
    assert early["elapsed_ms"].tolist()[0] == 0
    assert early["text"].tolist()[1] == ""


def test_message_after_the_verdict_is_not_counted_before_it(folder: Path) -> None:
    study = ta.load_osf(folder)
    late = study.messages[study.messages["room"] == "10"].iloc[-1]
    assert late["elapsed_ms"] == 70_000 > 64_000
    assert study.rooms.set_index("room").loc["10", "n_messages_all"] == 4


def test_what_the_release_does_not_hold_is_empty(study: ta.Study) -> None:
    for name in ("beliefs", "strategies", "visits", "machine_calls"):
        assert getattr(study, name).empty
        assert list(getattr(study, name)) == [column.name for column in TABLES[name]]


def test_identifying_remarks_are_nowhere(study: ta.Study, folder: Path) -> None:
    assert SECRET in (folder / "tt_profile.csv").read_text(encoding="utf-8")
    assert not any(SECRET in getattr(study, name).to_csv() for name in TABLES)


def test_longer_games_read_their_verdicts_from_transcripts(tmp_path: Path) -> None:
    short = ta.load_osf(write_release(tmp_path / "data"))
    long = ta.load_osf(write_release(tmp_path / "15_mins", long=True))
    assert not (tmp_path / "15_mins/tt_verdict.csv").exists()
    assert "600.0" in (tmp_path / "15_mins/tt_game.csv").read_text(encoding="utf-8")
    assert set(long.rooms["duration_ms"]) == {900_000}
    changed = ["study_sha256", "ends_at", "duration_ms"]
    pd.testing.assert_frame_equal(
        long.rooms.drop(columns=changed), short.rooms.drop(columns=changed)
    )
    pd.testing.assert_frame_equal(
        long.verdicts.drop(columns="event"), short.verdicts.drop(columns="event")
    )


def test_every_estimator_takes_the_study(study: ta.Study) -> None:
    for clock in ("wall", "active", "messages"):
        rooms = ta.detections(study, clock)
        assert rooms["cause"].tolist() == [1, 2, 1, 1, 2]
    curve = ta.cumulative_incidence(rooms["time"], rooms["cause"], cluster=rooms["interrogator"])
    assert curve.n_clusters == 4
    assert ta.accuracy_by_profile(study).n.sum() == 5


def test_missing_tables_and_columns_are_all_named(folder: Path) -> None:
    (folder / "tt_game.csv").unlink()
    rewrite(folder / "tt_witness.csv")
    text = (folder / "tt_witness.csv").read_text(encoding="utf-8")
    (folder / "tt_witness.csv").write_text(text.replace("user_id", "who"), encoding="utf-8")
    with pytest.raises(ta.DataError) as found:
        ta.load_osf(folder)
    assert [problem.split(";")[0] for problem in found.value.problems] == [
        f"tt_game.csv is not in {folder}",
        "tt_witness.csv has no column user_id",
    ]


def test_the_folder_above_is_refused_with_a_hint(folder: Path) -> None:
    with pytest.raises(ta.DataError, match="its folders data are separate studies"):
        ta.load_osf(folder.parent)


@pytest.mark.parametrize(
    ("table", "changes", "words"),
    [
        ("tt_verdict", {"id": "1", "is_correct": "TRUE"}, "Game 10: is_correct contradicts"),
        ("tt_verdict", {"id": "1", "confidence": "-101"}, "Game 10: its confidence"),
        ("tt_verdict", {"id": "1", "verdict": "C"}, "Game 10: its verdict is neither"),
        ("tt_game", {"verdict_at": "2025-03-06T17:00:00Z"}, "Game 9: it ends before it begins"),
        ("tt_game", {"created_at": "yesterday"}, "Game 9: it needs created_at"),
        ("tt_witness", {"witness_type": "A"}, "Game 9: it needs one human and one AI witness"),
        ("tt_interrogator", {"user_id": ""}, "Game 9: its interrogator"),
        ("tt_message_anonymized", {"timestamp": ""}, "Game 9: a message has no time"),
    ],
)
def test_games_that_cannot_be_are_refused(
    folder: Path, table: str, changes: dict[str, str], words: str
) -> None:
    rewrite(folder / f"{table}.csv", **changes)
    with pytest.raises(ta.DataError, match=words):
        ta.load_osf(folder)


def test_hidden_messages_were_never_seen(folder: Path) -> None:
    rewrite(folder / "tt_message_anonymized.csv", hidden="TRUE")
    assert len(ta.load_osf(folder).messages) == 13


def test_other_studies_have_exclusions_of_their_own(export: Path) -> None:
    with pytest.raises(ta.DataError, match="use `exclusions`"):
        ta.exclusions_osf(ta.load(export))
