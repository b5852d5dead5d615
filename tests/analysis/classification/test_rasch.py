"""Ratings of interrogators and machines: the optimum, ranks, and coverage."""

import math

import numpy as np
import pytest
from scipy import optimize, special

import analysis as ta
from tests.analysis.golden import column, integers


def verdicts() -> tuple[list[str], list[str], np.ndarray]:
    people, machines = column("verdicts", "interrogator_id"), column("verdicts", "model_id")
    return people, machines, integers("verdicts", "correct")


def test_mode_maximises_the_posterior() -> None:
    people, machines, right = verdicts()
    found = ta.ratings(people, machines, right)
    who = np.unique(people, return_inverse=True)[1]
    which = np.unique(machines, return_inverse=True)[1]
    values = np.concatenate([found.machines.ability, found.interrogators.ability])

    def loss(theta: np.ndarray) -> float:
        eta = theta[4:][who] - theta[:4][which]
        prior = (theta[:4] ** 2).sum() / 8 + (theta[4:] ** 2).sum() / 2
        return float(prior - right @ eta + np.logaddexp(0, eta).sum())

    gradient = optimize.approx_fprime(values, loss, 1e-6)
    assert np.abs(gradient).max() < 1e-4
    assert loss(values) < loss(values + 0.01)


def test_machines_everybody_finds_out_stay_finite() -> None:
    found = ta.ratings(list("abcabc"), list("xxxyyy"), [1, 1, 1, 0, 0, 0])
    x, y = found.machines.ability
    assert x == pytest.approx(-y)
    assert np.isfinite(found.table[["ability", "std_error"]]).all(axis=None)


def test_no_rank_without_a_range() -> None:
    table = ta.ratings(*verdicts()).table
    assert "rank" not in table
    assert (table["rank_low"] <= table["rank_high"]).all()
    machines = table[table["kind"] == "machine"]
    assert machines["name"].tolist() == sorted(machines["name"])  # by name, not by value
    assert machines["rank_low"].min() == 1 and machines["rank_high"].max() == 4


def test_order_of_rooms_changes_nothing() -> None:
    people, machines, right = (np.array(part) for part in verdicts())
    order = np.random.default_rng(3).permutation(len(right))
    one = ta.ratings(people, machines, right)
    two = ta.ratings(people[order], machines[order], right[order])
    np.testing.assert_allclose(one.machines.ability, two.machines.ability, rtol=1e-9)
    assert one.machines.rank_low.tolist() == two.machines.rank_low.tolist()


def test_one_interrogator_tells_no_machines_apart() -> None:
    found = ta.ratings(["a"] * 40, ["x", "y"] * 20, [1, 0] * 20)
    assert np.isnan(found.machines.low).all()
    assert found.machines.rank_high.tolist() == [2, 2]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (([], [], []), "`correct` must have at least 1 row"),
        ((["a"], ["x"], [2]), "`correct` holds 2 in row 0"),
        ((["a", ""], ["x", "x"], [1, 0]), r"`interrogator` holds \(empty\) in row 1"),
        ((["a"], [], [1]), r"`machine` must have 1 rows, one each \(got 0"),
    ],
)
def test_bad_input_is_refused(arguments: tuple, says: str) -> None:
    with pytest.raises(ta.ArgumentError, match=says):
        ta.ratings(*arguments)


def test_priors_must_spread() -> None:
    with pytest.raises(ta.ArgumentError, match="`skill_sd` and `deception_sd` must be above 0"):
        ta.ratings(["a"], ["x"], [1], skill_sd=0)


@pytest.mark.parametrize(
    "n_people",
    [8, 15, *(pytest.param(n, marks=pytest.mark.monte_carlo) for n in (30, 60))],
)
def test_simultaneous_intervals_and_ranks_hold(n_people: int) -> None:
    rng, reps = np.random.default_rng(n_people), 200
    truth, ranks = np.array([-1.2, -0.3, 0.3, 0.9]), np.array([4, 3, 2, 1])
    who, which = np.repeat(np.arange(n_people), 16), np.tile(np.arange(4), 4 * n_people)
    inside = ranked = 0
    for _ in range(reps):
        eta = rng.normal(0, 1, n_people)[who] - truth[which]
        right = (rng.random(len(who)) < special.expit(eta)).astype(int)
        found = ta.ratings(who, which, right).machines
        inside += ((found.low <= truth) & (truth <= found.high)).all()
        ranked += ((found.rank_low <= ranks) & (ranks <= found.rank_high)).all()
    slack = 3 * math.sqrt(0.95 * 0.05 / reps)
    assert inside / reps >= 0.95 - slack
    assert ranked / reps >= 0.95 - slack
