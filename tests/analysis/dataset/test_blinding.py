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
