"""Two one-sided tests, against exact tails, a brute-force likelihood and simulation."""

import math

import numpy as np
import pytest
from scipy import optimize, special, stats

import analysis as ta
from analysis.classification.tost import score_z


def answers(x: int, n: int) -> list[int]:
    return [1] * x + [0] * (n - x)


@pytest.mark.parametrize(("x", "n"), [(50, 100), (0, 20), (20, 20), (1, 1)])
def test_exact_tails_equal_the_binomial(x: int, n: int) -> None:
    found = ta.equivalence(answers(x, n), margin=0.1)
    assert found.p_lower == pytest.approx(stats.binom.sf(x - 1, n, 0.4), rel=1e-9)
    assert found.p_upper == pytest.approx(stats.binom.cdf(x, n, 0.6), rel=1e-9)
    wanted = stats.binomtest(x, n).proportion_ci(0.9, method="exact")
    assert (found.low, found.high) == pytest.approx((wanted.low, wanted.high), rel=1e-9)


@pytest.mark.parametrize("gap", [-0.3, -0.05, 0.0, 0.1, 0.3, 0.9])
@pytest.mark.parametrize("counts", [(56, 70, 48, 80), (3, 9, 7, 8), (1, 10, 0, 12)])
def test_score_uses_the_constrained_maximum(counts: tuple[int, int, int, int], gap: float) -> None:
    x, n = np.array(counts[::2], dtype=float), np.array(counts[1::2], dtype=float)

    def loss(second: float) -> float:
        p = np.array([second + gap, second])
        return -float((special.xlogy(x, p) + special.xlog1py(n - x, -p)).sum())

    low, high = max(0.0, -gap), min(1.0, 1.0 - gap)
    best = optimize.minimize_scalar(loss, bounds=(low, high), method="bounded").x
    p = np.array([best + gap, best])
    wanted = (x[0] / n[0] - x[1] / n[1] - gap) / math.sqrt((p * (1 - p) / n).sum())
    assert score_z(x, n, gap) == pytest.approx(wanted, rel=2e-3, abs=1e-6)


def test_score_without_a_gap_is_the_pooled_z() -> None:
    pooled = 104 / 150
    wanted = 0.2 / math.sqrt(pooled * (1 - pooled) * (1 / 70 + 1 / 80))
    found = score_z(np.array([56.0, 48.0]), np.array([70.0, 80.0]), 0.0)
    assert found == pytest.approx(wanted, rel=1e-9)


@pytest.mark.parametrize("margin", [0.05, 0.2, 0.33])
def test_interval_and_test_agree(margin: float) -> None:
    by = ["a"] * 70 + ["b"] * 80
    found = ta.equivalence(answers(56, 70) + answers(48, 80), by, margin=margin)
    assert found.equivalent == (-margin < found.low and found.high < margin)
    assert found.low < found.value < found.high


def test_extreme_difference_ends_at_one() -> None:
    found = ta.equivalence([1] * 10 + [0] * 20, ["a"] * 10 + ["b"] * 20, margin=0.3)
    assert (found.value, found.high) == (1.0, 1.0)
    assert not found.equivalent


def test_clusters_of_one_give_the_usual_error() -> None:
    found = ta.equivalence(answers(50, 100), margin=0.1, cluster=range(100))
    error = math.sqrt(0.25 / 99)
    assert found.p_lower == pytest.approx(stats.t.sf(0.1 / error, 99), rel=1e-9)
    assert found.high - 0.5 == pytest.approx(stats.t.ppf(0.95, 99) * error, rel=1e-9)


def test_one_cluster_shows_nothing() -> None:
    found = ta.equivalence([1, 0], margin=0.1, cluster=["a", "a"])
    assert math.isnan(found.p_value) and not found.equivalent


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"correct": [1, 0], "margin": 0.5}, r"stay within 0 and 1 \(got 0.5"),
        ({"correct": [1, 0], "margin": -0.1}, "`margin` must be above 0"),
        ({"correct": [], "margin": 0.1}, "`correct` must have at least 1 row"),
        ({"correct": [1, 0], "by": ["a", ""], "margin": 0.1}, r"`by` holds \(empty\) in row 1"),
    ],
)
def test_bad_input_is_refused(arguments: dict, says: str) -> None:
    with pytest.raises(ta.ArgumentError, match=says):
        ta.equivalence(**arguments)


def test_error_at_the_edge_of_the_margin() -> None:
    """At the margin 5 % are wrongly called equivalent; ignoring clusters gives more."""
    rng, reps, n_people = np.random.default_rng(10), 1500, 30
    who, found = np.repeat(np.arange(n_people), 15), np.zeros(3)
    for _ in range(reps):
        alone = (rng.random(450) < 0.6).astype(int)
        right = (rng.random(450) < rng.beta(3.0, 2.0, n_people)[who]).astype(int)
        found += [
            ta.equivalence(alone, margin=0.1).equivalent,
            ta.equivalence(right, margin=0.1, cluster=who).equivalent,
            ta.equivalence(right, margin=0.1).equivalent,
        ]
    limit = 0.05 + 3 * math.sqrt(0.05 * 0.95 / reps)
    exact, clustered, naive = found / reps
    assert exact <= limit
    assert clustered <= limit
    assert naive > limit
