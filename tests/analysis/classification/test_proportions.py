"""Accuracy and its intervals, against R's results and published counts."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import analysis as ta
from tests.analysis.golden import assert_same

#: Published games of two three-party studies in which the machine was called human, and Wilson.
PUBLISHED = [
    (208, 286, 0.673, 0.776),
    (154, 275, 0.501, 0.617),
    (53, 137, 0.309, 0.470),
    (56, 154, 0.292, 0.442),
    (35, 147, 0.176, 0.313),
    (30, 141, 0.153, 0.287),
    (87, 148, 0.507, 0.664),
    (83, 149, 0.477, 0.634),
    (16, 95, 0.106, 0.256),
]

#: Right answers in a simple and an enhanced test, arXiv 2505.02558, to two digits.
ENHANCED = [(18, 41, 0.30, 0.59), (22, 31, 0.53, 0.84)]


def answers(right: int, n: int) -> list[int]:
    return [1] * right + [0] * (n - right)


@pytest.mark.parametrize(("right", "n", "low", "high"), PUBLISHED)
def test_published_win_rates(right: int, n: int, low: float, high: float) -> None:
    found = ta.accuracy(answers(right, n))
    assert (round(found.wilson_low[0], 3), round(found.wilson_high[0], 3)) == (low, high)


@pytest.mark.parametrize(("right", "n", "low", "high"), ENHANCED)
def test_published_intervals_of_two_designs(right: int, n: int, low: float, high: float) -> None:
    found = ta.accuracy(answers(right, n))
    assert (round(found.wilson_low[0], 2), round(found.wilson_high[0], 2)) == (low, high)


@pytest.mark.parametrize(("right", "n", "share"), [(604, 1140, 0.530), (206, 392, 0.526)])
def test_published_accuracies_of_interrogators(right: int, n: int, share: float) -> None:
    assert round(float(ta.accuracy(answers(right, n)).proportion[0]), 3) == share


def test_clustered_error_by_hand() -> None:
    found = ta.accuracy([1, 1, 1, 0, 0, 0], cluster=["a", "a", "b", "b", "c", "c"])
    # Residual sums within a, b, c are 1, 0, -1; times 3/2, over 6 squared.
    assert found.cluster_std_error.tolist() == [math.sqrt(1.5 * 2) / 6]
    assert found.n_clusters.tolist() == [3]


def test_rows_as_clusters_give_the_usual_error() -> None:
    found = ta.accuracy(answers(30, 100), cluster=range(100))
    assert_same(found.cluster_std_error, [math.sqrt(0.3 * 0.7 / 99)])


def test_repetition_widens_the_clustered_interval_only() -> None:
    right = [1, 0, 1, 1, 0, 1, 0, 1] * 5
    who = list(range(8)) * 5
    found = ta.accuracy(right, cluster=who)
    assert found.cluster_high[0] - found.cluster_low[0] > 2 * (
        found.wilson_high[0] - found.wilson_low[0]
    )


def test_groups_come_in_order_of_appearance() -> None:
    found = ta.accuracy([1, 0, 1, 1], by=["b", "a", "b", "a"])
    assert found.groups == ("b", "a")
    assert found.proportion.tolist() == [1.0, 0.5]
    assert found.table["group"].tolist() == ["b", "a"]


@pytest.mark.parametrize("cluster", [None, []])
def test_no_rows_give_no_numbers(cluster: list[str] | None) -> None:
    found = ta.accuracy([], cluster=cluster)
    assert found.n.tolist() == [0]
    values = (found.proportion, found.wilson_low, found.wilson_high, found.jeffreys_low)
    assert np.isnan(values).all()
    assert np.isnan(found.cluster_std_error).all()


@pytest.mark.parametrize("right", [0, 9])
def test_all_alike_have_no_clustered_interval(right: int) -> None:
    found = ta.accuracy(answers(right, 9), cluster=["a", "b", "c"] * 3)
    assert np.isnan([found.cluster_low[0], found.cluster_high[0]]).all()
    assert (found.wilson_low[0] == 0.0) == (right == 0)
    assert (found.wilson_high[0] == 1.0) == (right == 9)


def test_one_cluster_has_no_clustered_interval() -> None:
    found = ta.accuracy([1, 0, 1], cluster=["a", "a", "a"])
    assert np.isnan([found.cluster_std_error[0], found.cluster_low[0]]).all()


@given(st.integers(0, 40), st.integers(1, 40))
def test_intervals_hold_the_share(right: int, more: int) -> None:
    found = ta.accuracy(answers(right, right + more))
    share = found.proportion[0]
    assert 0 <= found.wilson_low[0] <= share <= found.wilson_high[0] <= 1
    assert 0 <= found.jeffreys_low[0] <= share <= found.jeffreys_high[0] <= 1


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"correct": [1, 2]}, "`correct` holds 2 in row 1"),
        ({"correct": [1, 0], "by": ["a", ""]}, r"`by` holds \(empty\) in row 1"),
        ({"correct": [1, 0], "cluster": ["a"]}, r"`cluster` must have 2 rows, one each \(got 1"),
        ({"correct": [1, 0], "level": 95}, r"`level` must be between 0.5 and 1 \(got 95"),
    ],
)
def test_bad_input_is_refused(arguments: dict, says: str) -> None:
    with pytest.raises(ta.ArgumentError, match=says):
        ta.accuracy(**arguments)
