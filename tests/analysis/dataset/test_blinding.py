"""False labels that hold together, and texts for coders in which nothing tells."""

import dataclasses
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import analysis as ta
from analysis.__main__ import main
from analysis.dataset.schema import TABLES
from analysis.dataset.study import contradictions
from analysis.report.render import report
from tests.analysis.outcomes.hand_made import Told, study_of


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("blinding") / "study"
    ta.simulate(folder, n_rooms=60, n_interrogators=20, seed=3)
    return folder


def _alone(kind: str) -> Told:
    """A room with one witness, who is called a human."""
    right = kind == "human"
    return Told(
        kind=kind,
        acts=[("ask", 10, "A"), ("say", 15, "A"), ("belief", 20, 0.7), ("verdict", 60, right)],
    )


@pytest.fixture(params=["three_party", "two_party"])
def study(request: pytest.FixtureRequest, folder: Path) -> ta.Study:
    if request.param == "three_party":
        return ta.load(folder)
    return study_of(*(_alone(kind) for kind in ("human", "machine") * 30))


def _human(study: ta.Study) -> pd.Series:
    rooms = study.rooms
    return rooms["human_pane"] + rooms["witness_kind"]


def test_permuted_labels_hold_together_and_are_false(study: ta.Study) -> None:
    false = ta.permuted(study)
    frames = {name: getattr(false, name) for name in TABLES}
    assert false.blinded and contradictions(frames, 60) == []
    changed = (_human(study) != _human(false)).mean()
    assert 0.25 < changed < 0.75
    assert (study.verdicts["correct"] != false.verdicts["correct"]).any()
    for name in ("n_messages", "elapsed_ms", "end_reason", "interrogator"):
        pd.testing.assert_series_equal(study.rooms[name], false.rooms[name])
    assert len(ta.detections(false)) > 0


def test_same_seed_gives_the_same_labels(study: ta.Study) -> None:
    once, again, other = ta.permuted(study), ta.permuted(study), ta.permuted(study, seed=1)
    pd.testing.assert_frame_equal(once.rooms, again.rooms)
    assert (_human(once) != _human(other)).any()


def test_labels_say_nothing_of_the_truth(folder: Path) -> None:
    """Over many seeds a room is as often right as wrong."""
    study = ta.load(folder)
    same = [(_human(ta.permuted(study, seed=k)) == _human(study)).mean() for k in range(100)]
    assert abs(np.mean(same) - 0.5) < 4 * 0.5 / np.sqrt(100 * 60)


def _failing(kind: str) -> Told:
    """A room that tells its kind by everything but its label."""
    asked = [("ask", 10, "A"), ("say", 15, "A"), ("ask", 20, "A")]
    made = [("call", 22, "A", "timeout", "reply"), ("withheld", 40, "A", "timeout", 4)]
    machine = kind == "machine"
    acts = [*asked, *(made if machine else ()), ("verdict", 100, True)]
    return Told(kind=kind, acts=acts)


@pytest.fixture
def telling() -> ta.Study:
    """Rooms with one witness whose calls, typing, leaving and stand-ins tell its kind."""
    study = study_of(*(_failing(kind) for kind in ("human", "machine") * 10))
    is_human = study.rooms["witness_kind"].eq("human")
    lone = study.seats["seat"].eq("A")
    of_human = study.seats["room"].isin(study.rooms["room"][is_human])
    came = pd.Timestamp("2026-01-01", tz="UTC")
    stands_in = study.seats[lone & ~of_human].assign(
        stand_in=True, ready_at=came, profile="", participant="w"
    )
    people = study.seats.assign(
        ready_at=study.seats["ready_at"].mask(lone & of_human, came),
        kind=study.seats["kind"].mask(lone & ~of_human, "machine"),
        profile=study.seats["profile"].fillna("").mask(lone & ~of_human, "m1"),
        participant=study.seats["participant"].fillna("").mask(lone & of_human, "w"),
    )
    seats = pd.concat([people, stands_in], ignore_index=True)
    typing = study.messages[study.messages["seat"] == "A"][["room", "event", "seq", "seat"]]
    typing = typing[typing["room"].isin(study.rooms["room"][is_human])]
    typing = typing.assign(message=typing["seq"], chars=1).reindex(columns=study.typing.columns)
    rooms = study.rooms.assign(ended_by=study.rooms["ended_by"].mask(is_human, "A"))
    return dataclasses.replace(study, seats=seats, typing=typing, rooms=rooms)


@pytest.mark.parametrize("of_three", [True, False])
def test_who_sits_where_goes_with_the_label(
    of_three: bool, folder: Path, telling: ta.Study
) -> None:
    """Seats have one story with rooms: whoever is called the human has the person's code."""
    study = ta.load(folder) if of_three else telling
    false = ta.permuted(study)
    assert len(false.seats) == len(study.seats)
    assert list(false.seats["room"].unique()) == list(study.rooms["room"])
    rooms = false.rooms.set_index("room")
    for seat in false.seats[false.seats["seat"] != "interrogator"].itertuples():
        room = rooms.loc[seat.room]
        if seat.stand_in:
            continue
        named = room.witness_kind or ("human" if room.human_pane == seat.seat else "machine")
        assert seat.kind == named
        if seat.profile or seat.participant:
            whose = room.human_witness if seat.kind == "human" else room.profile
            assert whose == (seat.participant if seat.kind == "human" else seat.profile)


def test_nothing_beside_the_labels_tells(telling: ta.Study) -> None:
    """Whatever can be read of a room without its label is the same in rooms of both kinds."""
    false = ta.permuted(telling)
    true = telling.rooms.set_index("room")["witness_kind"]
    for name in TABLES:
        table = getattr(false, name)
        told = table.drop(
            columns=["event", "seq", "at", "message", "interrogator", "participant"],
            errors="ignore",
        )
        labels = {"kind", "witness_kind", "human_pane", "profile", "human_witness", "p_true"}
        told = told.drop(columns=[*labels & set(told), *{"correct", "human"} & set(told)])
        if name == "seats":  # whoever stands in came with the label
            told = told[~told["stand_in"]]
        rows = told.assign(room=told["room"].map(true)).astype(str)
        counts = rows.value_counts().unstack("room", fill_value=0)
        if len(counts):
            assert (counts["human"] == counts["machine"]).all(), name


def test_a_blinded_report_has_nothing_that_one_kind_alone_has(
    telling: ta.Study, tmp_path: Path
) -> None:
    study = dataclasses.replace(
        telling, config={**telling.config, "reports": "blinded", "machine_failure": "exclude"}
    )
    blind = report(study, tmp_path / "blind").read_text()
    files = {path.stem for path in (tmp_path / "blind").iterdir()}
    telling_files = {"reliability", "unanswered-questions", "unanswered-rules", "late-replies"}
    assert not files & telling_files and "timeout" not in blind
    assert "are not shown while labels are permuted" in blind
    # Rules go by true labels: the rooms of failing machines, and no others, are left out.
    assert "10 rooms analysed" not in blind and "0 rooms analysed" in blind
    shown = report(study, tmp_path / "shown", blinded=False).read_text()
    files = {path.stem for path in (tmp_path / "shown").iterdir()}
    assert {"reliability", "unanswered-questions"} <= files and "timeout" in shown
    assert "are not shown while labels are permuted" not in shown


def test_blinded_report_says_so_on_every_table(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "blinded"
    assert main(["report", str(folder), "--out", str(out), "--blinded"]) == 0
    html = (out / "index.html").read_text()
    assert "BLINDED" in html and "--unblind" in html
    assert html.count("<b>Table ") == html.count("</b> <strong>Permuted labels.</strong>") - (
        html.count("<b>Figure ")
    )
    for table in out.glob("*.csv"):
        assert "labels" in table.read_text().split("\r\n")[0], table


def test_a_study_that_declares_it_is_blinded_until_unblinded(folder: Path, tmp_path: Path) -> None:
    found = ta.load(folder)
    study = dataclasses.replace(found, config={**found.config, "reports": "blinded"})
    assert "BLINDED" in report(study, tmp_path / "one").read_text()
    assert "BLINDED" not in report(study, tmp_path / "two", blinded=False).read_text()


def test_coders_read_words_alone(folder: Path, tmp_path: Path) -> None:
    study = ta.load(folder)
    sheet = ta.coding_sheet(study)
    assert list(sheet) == ["room", "message", "pane", "who", "text"]
    assert set(sheet["who"]) <= {"interrogator", "witness"}
    assert set(sheet["message"]) <= set(study.messages["event"])
    # The same of the true labels and of false ones: nothing in it follows from a label.
    pd.testing.assert_frame_equal(sheet, ta.coding_sheet(ta.permuted(study)))
    assert main(["coding", str(folder), "--out", str(tmp_path / "sheet.csv")]) == 0
    assert len(pd.read_csv(tmp_path / "sheet.csv", keep_default_na=False)) == len(sheet)
