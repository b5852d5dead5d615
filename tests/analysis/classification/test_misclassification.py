"""Accuracy by machine-coded strategies, corrected by a human-coded sample."""

import math

import numpy as np
import pytest
from scipy import special

import analysis as ta
from tests.analysis.golden import assert_same

RIGHT = [1, 1, 0, 0, 1, 0]


def test_everything_coded_by_people_is_their_accuracy() -> None:
    human = list("aabbab")
    found = ta.corrected_accuracy(RIGHT, list("bbbbaa"), human, probability=1.0)
    assert_same(found.accuracy, ta.accuracy(RIGHT, human).proportion)
    assert_same(found.human_only, found.accuracy)
    assert found.table["n_human"].tolist() == [3, 3]


def test_pseudo_indicators_by_hand() -> None:
    machine, human = list("aaabbb"), ["a", "b", None, None, None, "b"]
    found = ta.corrected_accuracy(RIGHT, machine, human, probability=0.5)
    # Row 1 was sampled and is b: its a is 1 + 2 (0 - 1) = -1, its b is 0 + 2 = 2.
    a, b = np.array([1, -1, 1, 0, 0, 0]), np.array([0, 2, 0, 1, 1, 1])
    wanted = [a @ RIGHT / a.sum(), b @ RIGHT / b.sum()]
    assert found.strategies == ("a", "b")
    assert_same(found.accuracy, wanted)
    assert_same(found.prevalence, [1 / 6, 5 / 6])
    error = math.sqrt(6 / 5 * ((b * (np.array(RIGHT) - wanted[1])) ** 2).sum()) / 5
    assert_same(found.std_error[1:], [error])


def test_a_right_machine_needs_no_correction() -> None:
    codes = list("aabbab")
    human = [c if i % 2 else None for i, c in enumerate(codes)]
    found = ta.corrected_accuracy(RIGHT, codes, human, probability=0.5)
    assert_same(found.accuracy, found.machine_only)


def test_rows_may_have_several_strategies() -> None:
    machine = {"joke": [1, 1, 0, 0, 1, 0], "news": [1, 0, 1, 1, 0, 1]}
    human = {"joke": [1, None, 0, None, 0, 0], "news": [1, None, 1, None, 1, 0]}
    found = ta.corrected_accuracy(RIGHT, machine, human, probability=2 / 3)
    assert found.strategies == ("joke", "news")
    assert (found.n_sampled, found.n_human.tolist()) == (4, [1, 3])


def test_one_cluster_has_no_interval() -> None:
    found = ta.corrected_accuracy(
        RIGHT, list("aabbab"), list("aabbab"), probability=1, cluster=["x"] * 6
    )
    assert np.isnan(found.std_error).all() and np.isnan(found.low).all()


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"human": [None] * 6}, "holds no coded row"),
        ({"human": list("aabba")}, r"`human` must have 6 rows, one each \(got 5"),
        ({"machine": ["a", "", "b", "b", "a", "b"]}, "`machine` holds nothing in row 1"),
        ({"probability": 0.0}, "`probability` holds 0.0 in rows 0, 1"),
        ({"probability": 1.5}, "`probability` holds 1.5"),
        ({"probability": 1, "human": ["a", None, *"bbab"]}, "`probability` holds 1.0 in row 1"),
        ({"correct": [1, 1, 0, 0, 1, 7]}, "`correct` holds 7 in row 5"),
        (
            {
                "machine": {"a": RIGHT, "b": RIGHT},
                "human": {"a": RIGHT, "b": [None, *RIGHT[1:]]},
            },
            "`human` holds a part of the strategies in row 0",
        ),
        ({"machine": {"a": [0, 1, 2, 0, 0, 0]}, "human": {"a": RIGHT}}, "holds 2.0 in row 2"),
    ],
)
def test_bad_input_is_refused(changes: dict, says: str) -> None:
    given = {
        "correct": RIGHT,
        "machine": list("aabbab"),
        "human": list("aabbab"),
        "probability": 0.5,
    }
    with pytest.raises(ta.ArgumentError, match=says):
        ta.corrected_accuracy(**(given | changes))


@pytest.mark.monte_carlo
def test_naive_is_biased_and_the_correction_covers() -> None:
    """A machine that errs more where people were wrong; 1 in 10 of 4 000 rows is human-coded."""
    rng, reps, n_people, rooms = np.random.default_rng(12), 600, 40, 100
    names, n = "abcd", n_people * rooms
    who = np.repeat(np.arange(n_people), rooms)
    skill = np.array([0.0, 0.8, 0.2, -0.5])
    nodes, weights = np.polynomial.hermite_e.hermegauss(40)
    truth = np.array([special.expit(b + 0.5 * nodes) @ weights / weights.sum() for b in skill])
    estimates, naive, inside, misled = [], [], np.zeros(4), np.zeros(4)
    for _ in range(reps):
        strategy = rng.choice(4, n, p=[0.4, 0.3, 0.2, 0.1])
        eta = skill[strategy] + rng.normal(0, 0.5, n_people)[who]
        right = (rng.random(n) < special.expit(eta)).astype(int)
        wrong = rng.random(n) > 0.75 + 0.12 * right
        coded = np.where(wrong, (strategy + rng.integers(1, 4, n)) % 4, strategy)
        seen = rng.random(n) < 0.1
        found = ta.corrected_accuracy(
            right,
            {k: coded == i for i, k in enumerate(names)},
            {k: np.where(seen, strategy == i, np.nan) for i, k in enumerate(names)},
            probability=0.1,
            cluster=who,
        )
        estimates.append(found.accuracy)
        naive.append(found.machine_only)
        inside += (found.low <= truth) & (truth <= found.high)
        as_if = ta.accuracy(right, coded, cluster=who)
        order = np.argsort(as_if.groups)
        misled += (as_if.cluster_low[order] <= truth) & (truth <= as_if.cluster_high[order])
    noise = 3 * np.std(estimates, axis=0) / math.sqrt(reps)
    slack = 3 * math.sqrt(0.95 * 0.05 / reps)
    # The ratio of two sums is off by the order of 1/n.
    assert (np.abs(np.mean(estimates, axis=0) - truth) < noise + 0.005).all()
    assert (inside / reps >= 0.935 - slack).all() and (inside / reps <= 0.985 + slack).all()
    assert np.abs(np.mean(naive, axis=0) - truth).max() > 0.02
    assert (misled / reps).min() < 0.9
