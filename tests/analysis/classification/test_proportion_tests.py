"""Newcombe, McNemar and Cochran-Armitage: edges, refusals, coverage."""

import math

import numpy as np
import pytest

import analysis as ta


def two(x: int, n: int, *, y: int, m: int) -> tuple[list[int], list[str]]:
    return [1] * x + [0] * (n - x) + [1] * y + [0] * (m - y), ["first"] * n + ["other"] * m


def test_mcnemar_without_unlike_pairs() -> None:
    found = ta.mcnemar([1, 0], [1, 0])
    assert (found.p_exact, found.p_mid, found.p_value) == (1.0, 1.0, 1.0)
    assert math.isnan(found.statistic)
    assert ta.mcnemar([], []).n == 0
    assert ta.mcnemar([1, 0], [0, 1]).p_mid == 1.0


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: ta.accuracy_trend([1, 0], [2, 2]), "in these 2 rows one of them is constant"),
        (lambda: ta.accuracy_trend([], []), "in these 0 rows"),
        (lambda: ta.accuracy_trend([1, 0], [2, np.inf]), "`dose` holds inf in row 1"),
        (
            lambda: ta.accuracy_difference([1, 0], ["a", "a"]),
            r"`by` must have exactly 2 levels \(got 1",
        ),
        (lambda: ta.mcnemar([1, 0], [1]), r"`second` must have 2 rows, one each \(got 1"),
        (lambda: ta.mcnemar([1, 0], [1, 3]), "`second` holds 3 in row 1"),
    ],
)
def test_bad_input_is_refused(call: object, says: str) -> None:
    with pytest.raises(ta.ArgumentError, match=says):
        call()


def test_newcombe_covers() -> None:
    rng, reps = np.random.default_rng(8), 2000
    inside = 0
    for x, y in zip(rng.binomial(30, 0.8, reps), rng.binomial(40, 0.6, reps), strict=True):
        found = ta.accuracy_difference(*two(int(x), 30, y=int(y), m=40))
        inside += found.low <= 0.2 <= found.high
    assert 0.935 <= inside / reps <= 0.98


def test_trend_and_pairs_hold_their_level() -> None:
    rng, reps = np.random.default_rng(9), 2000
    dose = np.repeat([1, 2, 3], 30)
    trend = pairs = 0
    for _ in range(reps):
        trend += ta.accuracy_trend(rng.integers(0, 2, 90), dose).p_value < 0.05
        pairs += ta.mcnemar(rng.integers(0, 2, 60), rng.integers(0, 2, 60)).p_mid < 0.05
    limit = 0.05 + 3 * math.sqrt(0.05 * 0.95 / reps)
    assert trend / reps <= limit
    assert pairs / reps <= limit
