"""Belief over time: scores and paths by hand."""

import math
from pathlib import Path

import numpy as np
import pytest

import analysis as ta
from tests.analysis.golden import assert_same


def test_by_hand() -> None:
    found = ta.integrated_brier(
        ["a", "b", "a"], [10, 0, 30], [0.8, 1.0, 0.0], rooms=["a", "b", "c"], end=[40, 5, 7]
    )
    # a: 10 s at .25, 20 s at .04, 10 s at 1, over 40 s; b knew at once; c never said anything.
    assert_same(found.score, [(2.5 + 0.8 + 10) / 40, 0.0, 0.25])
    assert found.n_reports.tolist() == [2, 1, 0]


def test_last_report_of_a_moment_holds() -> None:
    found = ta.integrated_brier(["a", "a"], [5, 5], [0.1, 0.9], rooms=["a"], end=[10])
    assert_same(found.score, [(0.25 + 0.01) / 2])


def test_order_of_rooms_changes_nothing() -> None:
    room, at, p = list("abab"), [1, 2, 3, 4], [0.2, 0.4, 0.6, 0.8]
    one = ta.integrated_brier(room, at, p, rooms=["a", "b"], end=[9, 8])
    two = ta.integrated_brier(room, at, p, rooms=["b", "a"], end=[8, 9])
    assert one.score.tolist() == two.score[::-1].tolist()


def test_rooms_without_time_have_no_score() -> None:
    found = ta.integrated_brier([], [], [], rooms=["a", "b"], end=[0, 4], cluster=["x", "y"])
    assert_same(found.score, [None, 0.25])
    assert (found.n, found.mean.value, found.mean.n_clusters) == (1, 0.25, 1)


def test_no_rooms_have_no_score() -> None:
    assert math.isnan(ta.integrated_brier([], [], [], rooms=[], end=[], cluster=[]).mean.value)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"at": [11]}, "`at` holds 11.0 in row 0"),
        ({"at": [-1]}, "`at` holds -1"),
        ({"p_true": [1.5]}, r"`p_true` holds 1\.5 in row 0"),
        ({"room": ["z"]}, "`room` holds z in row 0"),
        ({"rooms": ["a", "a"], "end": [10, 10]}, "`rooms` holds a in row 1"),
        ({"room": []}, r"`room` must have 1 rows, one each \(got 0"),
    ],
)
def test_bad_input_is_refused(changes: dict, says: str) -> None:
    given = {"room": ["a"], "at": [5], "p_true": [0.5], "rooms": ["a"], "end": [10]}
    with pytest.raises(ta.ArgumentError, match=says):
        ta.integrated_brier(**(given | changes))


@pytest.mark.parametrize("clock", ["wall", "active", "messages"])
def test_scores_of_a_study(export: Path, clock: str) -> None:
    study = ta.load(export)
    found = ta.belief_score(study, clock=clock)
    live = study.rooms["started_at"].notna()
    assert found.rooms == tuple(study.rooms["room"][live])
    assert found.mean.n_clusters == study.rooms["interrogator"][live].nunique()
    assert list(found.table) == ["room", "cluster", "end", "n_reports", "score"]


def test_steps_give_the_score(export: Path) -> None:
    study = ta.load(export)
    score = ta.belief_score(study).table.set_index("room")["score"]
    for room, path in ta.belief_trajectories(study).groupby("room"):
        held = np.diff(path["time"])
        area = held @ (1 - path["p_true"].to_numpy()[:-1]) ** 2
        assert area / path["time"].iloc[-1] == pytest.approx(score[room])
        assert path["p_true"].iloc[0] == 0.5


def test_landmarks_keep_rooms_still_open(export: Path) -> None:
    study = ta.load(export)
    rooms = study.rooms[study.rooms["started_at"].notna()].set_index("room")
    found = ta.belief_trajectories(study, [120_000, 0])
    late = found[found["time"] == 120_000]
    assert set(late["room"]) == set(rooms.index[rooms["elapsed_ms"] >= 120_000])
    said = study.beliefs[study.beliefs["elapsed_ms"] <= 120_000].groupby("room")["p_true"].last()
    assert (late.set_index("room")["p_true"] == said.reindex(late["room"]).fillna(0.5)).all()
    assert (found["p_true"][found["time"] == 0] == 0.5).all()


def test_unknown_clock_is_refused(export: Path) -> None:
    with pytest.raises(
        ta.ArgumentError, match=r"`clock` must be one of wall, active, messages \(got 'sun'"
    ):
        ta.belief_score(ta.load(export), clock="sun")
