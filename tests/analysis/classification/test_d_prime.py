"""d', by its published formula and by simulation."""

import math

import numpy as np
import pytest
from scipy import special

import analysis as ta


def test_formula_as_published() -> None:
    """H = (hits + .5) / (hits + misses + 1), FA alike: arXiv 2310.20216; a hit is AI called AI."""
    found = ta.d_prime(430, 425, false_alarms=270, correct_rejections=523)
    wanted = special.ndtri(430.5 / 856) - special.ndtri(270.5 / 794)
    assert found.value == pytest.approx(wanted, rel=1e-12)
    assert found.n == 1648


def test_perfect_and_guessing_interrogators() -> None:
    perfect = ta.d_prime(10, 0, false_alarms=0, correct_rejections=10)
    assert perfect.value == pytest.approx(2 * special.ndtri(10.5 / 11))
    assert ta.d_prime(7, 3, false_alarms=7, correct_rejections=3).value == 0.0


@pytest.mark.parametrize("counts", [(0, 0, 3, 4), (3, 4, 0, 0)])
def test_without_one_kind_of_witness_there_is_none(counts: tuple[int, int, int, int]) -> None:
    a, b, c, d = counts
    found = ta.d_prime(a, b, false_alarms=c, correct_rejections=d)
    assert math.isnan(found.value) and math.isnan(found.low)


@pytest.mark.parametrize("hits", [-1, 1.5])
def test_no_count_is_refused(hits: float) -> None:
    with pytest.raises(ta.ArgumentError, match="`hits` must be a whole number"):
        ta.d_prime(hits, 1, false_alarms=1, correct_rejections=1)


def test_coverage() -> None:
    rng, reps, n = np.random.default_rng(7), 4000, 120
    hit, alarm = 0.75, 0.4
    truth, inside = special.ndtri(hit) - special.ndtri(alarm), 0
    for x, y in zip(rng.binomial(n, hit, reps), rng.binomial(n, alarm, reps), strict=True):
        found = ta.d_prime(int(x), int(n - x), false_alarms=int(y), correct_rejections=int(n - y))
        inside += found.low <= truth <= found.high
    assert abs(inside / reps - 0.95) <= 0.01 + 3 * math.sqrt(0.95 * 0.05 / reps)
