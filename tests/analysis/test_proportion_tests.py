"""Newcombe, McNemar and Cochran-Armitage, against R."""

import math

import numpy as np
import pytest

import analysis as ta
from tests.analysis.golden import assert_same, reference

GOLDEN = reference("proportion_tests")


def two(x: int, n: int, *, y: int, m: int) -> tuple[list[int], list[str]]:
    return [1] * x + [0] * (n - x) + [1] * y + [0] * (m - y), ["first"] * n + ["other"] * m


@pytest.mark.parametrize(
    "counts",
    [(56, 70, 48, 80), (9, 10, 3, 10), (10, 10, 0, 20)],
    ids=lambda c: "_".join(map(str, c)),
)
def test_newcombe_equals_r(counts: tuple[int, int, int, int]) -> None:
    x, n, y, m = counts
    found = ta.accuracy_difference(*two(x, n, y=y, m=m))
    wanted = GOLDEN["newcombe"]["_".join(map(str, counts))]
    assert_same([found.value, found.low, found.high], wanted)
    turned = ta.accuracy_difference(*two(y, m, y=x, m=n))
    assert_same([-turned.value, -turned.high, -turned.low], wanted)


@pytest.mark.parametrize("entry", ["A", "B"])
def test_mcnemar_equals_r(entry: str) -> None:
    wanted = GOLDEN["mcnemar"][entry]
    (both, first), (second, neither) = wanted["table"]
    one = [1] * (both + first) + [0] * (second + neither)
    other = [1] * both + [0] * first + [1] * second + [0] * neither
    found = ta.mcnemar(one, other)
    assert (found.n_first_only, found.n_second_only) == (wanted["b"], wanted["c"])
    assert_same(
        [found.p_exact, found.p_mid, found.statistic, found.p_value],
        [wanted["exact_p"], wanted["midp"], wanted["chisq"], wanted["p"]],
    )


def test_mcnemar_without_unlike_pairs() -> None:
    found = ta.mcnemar([1, 0], [1, 0])
    assert (found.p_exact, found.p_mid, found.p_value) == (1.0, 1.0, 1.0)
    assert math.isnan(found.statistic)
    assert ta.mcnemar([], []).n == 0
    assert ta.mcnemar([1, 0], [0, 1]).p_mid == 1.0


@pytest.mark.parametrize(
    ("entry", "doses"),
    [("cochran_armitage", (1, 2, 3, 4)), ("cochran_armitage_scores", (0, 1, 4, 9))],
)
def test_trend_equals_r(entry: str, doses: tuple[int, ...]) -> None:
    right, dose = [], []
    for x, n, at in zip((10, 18, 27, 41), (60, 62, 65, 70), doses, strict=True):
        right += [1] * x + [0] * (n - x)
        dose += [at] * n
    found, wanted = ta.accuracy_trend(right, dose), GOLDEN[entry]
    assert_same([found.statistic, found.p_value], [wanted["chisq"], wanted["p"]])
    if "z" in wanted:
        assert_same([found.z], [wanted["z"]])


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: ta.accuracy_trend([1, 0], [2, 2]), "all doses or all answers are alike"),
        (lambda: ta.accuracy_trend([], []), "These 0 rows"),
        (lambda: ta.accuracy_trend([1, 0], [2, np.inf]), "`dose` holds inf in row 1"),
        (lambda: ta.accuracy_difference([1, 0], ["a", "a"]), "`by` has 1 levels"),
        (lambda: ta.mcnemar([1, 0], [1]), "`second` has 1 rows"),
        (lambda: ta.mcnemar([1, 0], [1, 3]), "`second` holds 3 in row 1"),
    ],
)
def test_bad_input_is_refused(call: object, says: str) -> None:
    with pytest.raises(ta.ArgumentError, match=says):
        call()


@pytest.mark.slow
def test_newcombe_covers() -> None:
    rng, reps = np.random.default_rng(8), 2000
    inside = 0
    for x, y in zip(rng.binomial(30, 0.8, reps), rng.binomial(40, 0.6, reps), strict=True):
        found = ta.accuracy_difference(*two(int(x), 30, y=int(y), m=40))
        inside += found.low <= 0.2 <= found.high
    assert 0.935 <= inside / reps <= 0.98


@pytest.mark.slow
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
