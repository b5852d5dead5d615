"""Clustered errors of sums of influences: leverage, degrees of freedom, groups, two ways."""

import numpy as np
import pytest

import analysis as ta
from analysis.numerics import clustering, logistic
from analysis.numerics.arrays import Groups
from analysis.numerics.clustering import Clustering
from analysis.numerics.sandwich import sandwich

RNG = np.random.default_rng(5)
WHO = np.repeat(np.arange(7), [1, 2, 2, 3, 5, 9, 18])
ANSWERS = RNG.integers(0, 2, len(WHO))


def of(labels: object) -> Clustering:
    found = clustering.clustering(labels, name="cluster", n=len(WHO))  # type: ignore[arg-type]
    assert found is not None
    return found


def residual_maker(share: np.ndarray) -> np.ndarray:
    """What fitting a mean leaves of sums of independent rows, stretched: G x G."""
    left = np.diag(share) - np.outer(share, share)
    stretch = (1 - share) ** -0.5
    return left * np.outer(stretch, stretch)


def test_variance_and_degrees_of_freedom_are_those_of_the_working_model() -> None:
    share = np.bincount(WHO) / len(WHO)
    influence = (ANSWERS - ANSWERS.mean()) / len(WHO)
    error, df = clustering.whole(influence, of(WHO))
    sums = np.bincount(WHO, weights=influence)
    assert error**2 == pytest.approx((sums**2 / (1 - share)).sum(), rel=1e-12)
    P = residual_maker(share)
    assert df == pytest.approx(np.trace(P) ** 2 / (P * P).sum(), rel=1e-12)
    # Unbiased where rows are independent and alike: the diagonal is each cluster's own variance.
    np.testing.assert_allclose(np.diag(P), share)


def test_a_mean_is_that_of_cr2_for_a_model_of_an_intercept() -> None:
    found, ones = ta.accuracy(ANSWERS, cluster=WHO), np.ones((len(WHO), 1))
    answers = ANSWERS.astype(float)
    fit, groups = logistic.fit(ones, answers), Groups(index=WHO, count=7)
    model = sandwich(ones, answers, fit, clusters=groups)
    slope = found.proportion[0] * (1 - found.proportion[0])
    assert found.cluster_std_error[0] == pytest.approx(np.sqrt(model.covariance[0, 0]) * slope)
    assert found.cluster_df[0] == pytest.approx(model.df(np.ones(1)))


@pytest.mark.parametrize("count", [2, 5, 40])
def test_clusters_of_one_size_have_the_factor_and_one_less(count: int) -> None:
    who = np.arange(6 * count) % count
    influence = RNG.normal(size=len(who))
    influence -= influence.mean()
    clusters = clustering.clustering(who, name="cluster", n=len(who))
    assert clusters is not None
    error, df = clustering.whole(influence, clusters)
    sums = np.bincount(who, weights=influence)
    assert error == pytest.approx(np.sqrt(sums @ sums * count / (count - 1)))
    assert df == pytest.approx(count - 1)
    assert clusters.effective == pytest.approx(count)


def test_a_difference_of_groups_is_that_of_the_working_model() -> None:
    side = RNG.integers(0, 2, len(WHO))
    influence = RNG.normal(size=len(WHO))
    for k in (0, 1):
        influence[side == k] -= influence[side == k].mean()
    error, df = clustering.together(influence, Groups(index=side, count=2), of(WHO))
    total, P = np.zeros(7), np.zeros((7, 7))
    for k in (0, 1):
        size = np.bincount(WHO[side == k], minlength=7)
        share = size / size.sum()
        sums = np.bincount(WHO[side == k], weights=influence[side == k], minlength=7)
        total += sums / np.sqrt(1 - share)
        P += residual_maker(share) * (influence[side == k] ** 2).sum()
    assert error**2 == pytest.approx(total @ total)
    assert df == pytest.approx(np.trace(P) ** 2 / (P * P).sum())


def test_one_cluster_has_no_error() -> None:
    error, df = clustering.whole(RNG.normal(size=len(WHO)), of(np.zeros(len(WHO), int)))
    assert np.isnan(error)
    assert df == 0
    lone = ta.time_lost_differences(
        [1, 2, 3, 1, 2, 3], [1, 2, 0] * 2, list("aaabbb"), tau=2, cluster=list("xxxyzw")
    )
    assert np.isnan(lone.std_error[0])


def test_two_ways_are_cameron_gelbach_and_miller() -> None:
    second = RNG.integers(0, 9, len(WHO))
    influence = RNG.normal(size=len(WHO))
    influence -= influence.mean()
    ways = (WHO, second, WHO * 100 + second)
    each = [clustering.whole(influence, of(way)) for way in ways]
    variance = [error**2 for error, _ in each]
    wanted = max(variance[0] + variance[1] - variance[2], variance[0], variance[1])
    error, df = clustering.whole(influence, of(np.stack([WHO, second], axis=1)))
    assert error**2 == pytest.approx(wanted)
    assert df == pytest.approx(min(each[0][1], each[1][1]))


def test_two_columns_alike_are_one() -> None:
    for estimate in (
        lambda who: ta.cumulative_incidence(TIME, ANSWERS + 1, cluster=who).std_error,
        lambda who: ta.kaplan_meier(TIME, ANSWERS, cluster=who).std_error,
        lambda who: ta.accuracy(ANSWERS, cluster=who).cluster_high,
        lambda who: ta.calibration(TIME / 99, ANSWERS, cluster=who, n_resamples=1).slope.high,
    ):
        np.testing.assert_allclose(estimate(WHO), estimate(np.stack([WHO, WHO], axis=1)))


TIME = RNG.integers(1, 50, len(WHO))


def test_a_table_of_three_columns_is_refused() -> None:
    with pytest.raises(ta.ArgumentError, match=r"one column of labels, or two \(got 3 columns\)"):
        ta.accuracy(ANSWERS, cluster=np.stack([WHO] * 3, axis=1))
    table = np.stack([WHO.astype(object), np.where(WHO == 3, None, WHO)], axis=1)
    with pytest.raises(ta.ArgumentError, match=r"`cluster` .* rows 5, 6, 7"):
        ta.accuracy(ANSWERS, cluster=table)


def test_effective_number_is_of_equal_sizes() -> None:
    assert clustering.effective_of(list("aabbccdd")) == pytest.approx(4)
    assert clustering.effective_of(list("aaaaaaab")) == pytest.approx(64 / 50)
    assert clustering.effective_of([]) == 0


def test_numbers_of_those_still_at_risk() -> None:
    curve = ta.cumulative_incidence([1, 2, 2, 3, 4], [1, 1, 2, 0, 1], cluster=list("aabbb"))
    assert curve.n_effective_at_risk.tolist() == pytest.approx([25 / 13, 16 / 10, 1, 1])
    plain = ta.cumulative_incidence([1, 2, 2, 3, 4], [1, 1, 2, 0, 1])
    assert plain.n_effective_at_risk.tolist() == [5, 4, 2, 1]
