"""Bands that hold a whole curve."""

import math

import numpy as np
import pytest

import analysis as ta
from analysis.numerics.clustering import Way
from analysis.survival import product_limit, simultaneous

RNG = np.random.default_rng(3)
N = 300
TIME, CAUSE, WHO = RNG.integers(1, 90, N), RNG.integers(0, 3, N), RNG.integers(0, 12, N)
CURVE = ta.cumulative_incidence(TIME, CAUSE, cluster=WHO)


def way() -> Way:
    assert CURVE.clusters is not None
    return CURVE.clusters.ways[0]


def test_its_covariance_is_that_of_the_pointwise_errors() -> None:
    times = np.arange(5, 70)
    rows = product_limit.influence(CURVE.fit, (1.0, 0.0))
    variance = np.diag(simultaneous._covariance(rows, way(), times))
    np.testing.assert_allclose(np.sqrt(variance), CURVE.std_error[0, times], rtol=1e-9)


def test_at_one_time_it_is_the_pointwise_interval() -> None:
    band = ta.simultaneous_band(CURVE, start=30, end=30.5, n_draws=20_000)
    assert band.times.tolist() == [30]
    assert band.width == pytest.approx(band.pointwise, rel=0.03)


@pytest.mark.parametrize("of", [1, 2, "net"])
def test_it_is_wider_than_pointwise_ones_and_grows_with_its_span(of: int | str) -> None:
    short, long = (ta.simultaneous_band(CURVE, of, start=a, end=80) for a in (40, 5))
    assert short.pointwise < short.width < long.width
    curve = CURVE.net() if of == "net" else CURVE
    at = np.searchsorted(CURVE.times, long.times)
    low = curve.low[at] if of == "net" else CURVE.low[int(of) - 1, at]
    assert (long.low <= low + 1e-12).all()
    again = ta.simultaneous_band(CURVE, of, start=5, end=80)
    np.testing.assert_array_equal(again.low, long.low)


def test_many_clusters_are_drawn_from_their_covariance() -> None:
    single = ta.cumulative_incidence(TIME, CAUSE, cluster=np.arange(N))
    band = ta.simultaneous_band(single, start=20, n_draws=20_000)
    plain = ta.simultaneous_band(ta.cumulative_incidence(TIME, CAUSE), start=20, n_draws=20_000)
    assert band.width == pytest.approx(plain.width, rel=0.03)


def test_two_ways() -> None:
    both = np.stack([WHO, RNG.integers(0, 30, N)], axis=1)
    band = ta.simultaneous_band(ta.cumulative_incidence(TIME, CAUSE, cluster=both), start=10)
    assert band.width > band.pointwise


def test_nothing_to_hold_is_an_empty_band() -> None:
    empty = ta.simultaneous_band(ta.cumulative_incidence([3, 4], [0, 2]), 1)
    assert empty.table.empty
    assert math.isnan(empty.width)


def test_wrong_uses_are_refused() -> None:
    with pytest.raises(ta.ArgumentError, match=r"`of` must be one of .* \(got 3\)"):
        ta.simultaneous_band(CURVE, 3)
    with pytest.raises(ta.ArgumentError, match="`start` must be before `end`"):
        ta.simultaneous_band(CURVE, start=5, end=5)
