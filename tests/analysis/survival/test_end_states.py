"""What becomes of rooms by their end: by hand, against the curve, and what is refused."""

import numpy as np
import pytest

import analysis as ta
from analysis.survival.end_states import STATES

#: Ten rooms of 100: two lost, three decided, five undecided at the end.
ROOMS = {
    "time": [10, 20, 30, 40, 100, 100, 100, 100, 100, 100],
    "cause": [1, 0, 2, 0, 1, 0, 0, 0, 0, 0],
    "at_end": ["", "", "", "", "", "right", "right", "wrong", "nothing", "right"],
    "interrogator": list("aabbccddee"),
}


def test_probabilities_by_hand() -> None:
    found = ta.end_states(ROOMS, cluster=None)
    # 1/10, then 9/10 open; of 8 at risk one is wrong: 9/80; 63/80 open; of 6 at risk one is right
    # at the end: 63/480, and the other five share the rest.
    rest = 63 / 80 - 63 / 480
    wanted = [1 / 10 + 63 / 480, 9 / 80, rest * 3 / 5, rest / 5, rest / 5]
    np.testing.assert_allclose(found.table["probability"], wanted, rtol=1e-12)
    assert found.table["state"].tolist() == list(STATES)
    assert found.n_rooms.tolist() == [2, 1, 3, 1, 1]
    assert found.table["probability"].sum() == pytest.approx(1, abs=1e-12)


def test_decisions_in_time_are_those_of_the_curve() -> None:
    rng = np.random.default_rng(4)
    n = 400
    cause = rng.choice([0, 1, 2], n, p=[0.5, 0.3, 0.2])
    at_end = np.where(cause == 0, rng.choice(["right", "wrong", "nothing", ""], n), "")
    time = np.where(at_end != "", 1000, rng.integers(1, 1001, n))
    rooms = {"time": time, "cause": cause, "at_end": at_end, "interrogator": np.arange(n) % 23}
    found = ta.end_states(rooms)
    curve = ta.cumulative_incidence(time, cause, cluster=rooms["interrogator"])
    for state, k in (("right_in_time", 1), ("wrong_in_time", 2)):
        one, other = found.at(state), curve.at(1000, k)
        for part in ("value", "std_error", "low", "high"):
            assert getattr(one, part) == pytest.approx(getattr(other, part), rel=1e-12)
    assert found.clustering == "23 clusters"


def test_all_that_got_to_the_end_share_what_is_left() -> None:
    rooms = {"time": [5, 5, 5, 5], "cause": [0] * 4, "at_end": ["right", "right", "wrong", ""]}
    found = ta.end_states(rooms, cluster=None)
    # The last one was lost in the very last moment: its share goes to the others.
    assert found.at("right_at_end").value == pytest.approx(2 / 3)
    assert found.at("nothing_at_end").value == 0
    assert np.isnan(found.at("nothing_at_end").low)


def test_nothing_gives_nothing() -> None:
    found = ta.end_states({"time": [], "cause": [], "at_end": []}, cluster=None)
    assert found.table["probability"].isna().all() and found.n == 0


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (
            {"at_end": ["soon"] * 10},
            "`at_end` holds soon in rows .* needs right, wrong, nothing or empty",
        ),
        (
            {"at_end": ["right"] * 10},
            "`at_end` holds right in rows 0, 2, 4 .* empty where the room was decided",
        ),
        ({"at_end": [""] * 9}, "`at_end`"),
        ({"cause": [3] * 10}, "`cause`"),
    ],
)
def test_what_is_refused(change: dict, says: str) -> None:
    with pytest.raises(ta.ArgumentError, match=says):
        ta.end_states({**ROOMS, **change}, cluster=None)
    with pytest.raises(ta.ArgumentError, match="missing: at_end"):
        ta.end_states({name: ROOMS[name] for name in ("time", "cause")}, cluster=None)
    with pytest.raises(ta.ArgumentError, match=r"`state` must be one of .*got 'dog'"):
        ta.end_states(ROOMS).at("dog")


@pytest.mark.monte_carlo
def test_coverage_of_each_state() -> None:
    """Rooms of interrogators of different pace and skill: the 95 % intervals hold the truth."""
    rng = np.random.default_rng(11)
    n_people, each, reps = 30, 12, 600
    hits = np.zeros(len(STATES))
    rate, truth = 0.8, np.zeros(len(STATES))
    pace = rng.gamma(3, 1 / 3, 200_000)
    decided = 1 - np.exp(-rate * pace)
    truth[:2] = decided.mean() * np.array([0.7, 0.3])
    truth[2:] = (1 - decided).mean() * np.array([0.5, 0.3, 0.2])
    for _ in range(reps):
        of = np.repeat(rng.gamma(3, 1 / 3, n_people), each)
        when = rng.exponential(1 / (rate * of))
        in_time = when < 1
        said = rng.choice(["right", "wrong", "nothing"], len(of), p=[0.5, 0.3, 0.2])
        rooms = {
            "time": np.where(in_time, when, 1.0),
            "cause": np.where(in_time, rng.choice([1, 2], len(of), p=[0.7, 0.3]), 0),
            "at_end": np.where(in_time, "", said),
            "interrogator": np.repeat(np.arange(n_people), each),
        }
        table = ta.end_states(rooms).table
        hits += (table["low"] <= truth) & (truth <= table["high"])
    assert (hits / reps > 0.925).all() and (hits / reps < 0.98).all(), hits / reps
