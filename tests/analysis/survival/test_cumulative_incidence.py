"""Cumulative incidence against R's results, and the laws it must keep."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import analysis as ta
from analysis.survival import product_limit
from tests.analysis.golden import assert_same, column, integers, reference

TINY = (integers("tiny_ties", "time"), integers("tiny_ties", "cause"))
WALL = (integers("sessions", "wall_s"), integers("sessions", "outcome"))
MESSAGES = (integers("sessions", "n_messages"), integers("sessions", "outcome"))

ROWS = st.lists(
    st.tuples(st.integers(0, 30), st.integers(0, 2), st.integers(0, 5)), min_size=1, max_size=60
)


@pytest.mark.parametrize(
    ("entry", "data"),
    [("tiny_survfit", TINY), ("ses_wall_survfit", WALL), ("ses_msg_survfit", MESSAGES)],
)
def test_incidence_equals_r(entry: str, data: tuple[np.ndarray, np.ndarray]) -> None:
    wanted, found = reference("competing")[entry], ta.cumulative_incidence(*data)
    pairs = {
        "time": found.times,
        "n_risk": found.n_at_risk,
        "n_event1": found.n_events[0],
        "n_event2": found.n_events[1],
        "p0": found.undecided,
        "cif1": found.incidence[0],
        "cif2": found.incidence[1],
        "se_ij_cif1": found.std_error[0],
        "se_ij_cif2": found.std_error[1],
        "lower1": found.low[0],
        "upper1": found.high[0],
        "lower2": found.low[1],
        "upper2": found.high[1],
    }
    for name, values in pairs.items():
        assert_same(values, wanted[name])


@pytest.mark.parametrize(
    ("entry", "data", "cluster"),
    [
        ("ses_wall_cluster", WALL, column("sessions", "interrogator_id")),
        ("tiny_cluster", TINY, column("tiny_ties", "cl")),
    ],
)
def test_clustered_sandwich_equals_r(
    entry: str, data: tuple[np.ndarray, np.ndarray], cluster: list[str]
) -> None:
    wanted, found = reference("competing")[entry], ta.cumulative_incidence(*data, cluster=cluster)
    net = found.net()
    assert_same(found.sandwich[0], wanted["se_cluster_cif1"])
    assert_same(found.sandwich[1], wanted["se_cluster_cif2"])
    assert_same(net.value, wanted["net_cif1_minus_cif2"])
    assert_same(net.sandwich, wanted["se_cluster_net"])
    assert found.n_clusters == len(set(cluster))


def test_clusters_of_one_row_give_the_factor_alone() -> None:
    plain = ta.cumulative_incidence(*WALL)
    single = ta.cumulative_incidence(*WALL, cluster=np.arange(len(WALL[0])))
    factor = math.sqrt(len(WALL[0]) / (len(WALL[0]) - 1))
    np.testing.assert_allclose(single.std_error, plain.std_error * factor, rtol=1e-9)


def test_clustered_error_is_that_of_summed_row_influences() -> None:
    cluster = column("sessions", "interrogator_id")
    found = ta.cumulative_incidence(*WALL, cluster=cluster)
    rows = product_limit.influence(found.fit, (0.0, 1.0))
    codes, at = found.fit.codes, found.fit.times.index
    ahead = rows.value - rows.value[-1]
    past = rows.fixed[codes, at, None] - rows.slope[codes, at, None] * ahead
    each = np.where(np.arange(len(ahead)) >= at[:, None], past, rows.waiting)
    groups = np.unique(cluster, return_inverse=True)[1]
    sums = np.stack([np.bincount(groups, weights=column) for column in each.T])
    share = np.bincount(groups) / len(groups)
    wanted = np.sqrt((sums**2 / (1 - share)).sum(axis=1))
    np.testing.assert_allclose(found.std_error[1], wanted, rtol=1e-10, atol=1e-12)


@settings(max_examples=100, deadline=None)
@given(ROWS, st.sampled_from([(1.0, 0.0), (0.0, 1.0), (1.0, -1.0), (1.0, 1.0)]))
def test_error_without_clusters_is_that_of_row_influences(
    rows: list[tuple[int, int, int]], weights: tuple[float, float]
) -> None:
    time, cause, _ = zip(*rows, strict=True)
    fit = ta.cumulative_incidence(time, cause).fit
    each = product_limit.influence(fit, weights)
    ahead, at = each.value - each.value[-1], fit.times.index
    past = each.fixed[fit.codes, at, None] - each.slope[fit.codes, at, None] * ahead
    moved = np.where(np.arange(len(ahead)) >= at[:, None], past, each.waiting)
    found = product_limit.variance_of_rows(fit, np.array([weights]))[0]
    np.testing.assert_allclose(found, (moved**2).sum(axis=0), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize(
    ("entry", "data", "tau"), [("ses_wall_3600", WALL, 3600), ("tiny_8", TINY, 8)]
)
def test_time_lost_equals_r(entry: str, data: tuple[np.ndarray, np.ndarray], tau: float) -> None:
    wanted, found = reference("rmtl")[entry], ta.cumulative_incidence(*data)
    lost = [found.time_lost(tau, cause) for cause in (1, 2)]
    assert_same([each.value for each in lost], wanted["rmean"][1:])
    assert_same([each.std_error for each in lost], wanted["se"][1:])


def test_naive_complement_of_kaplan_meier_overstates_detection() -> None:
    wanted = reference("competing")["naive_1_minus_km_ses"]
    found = ta.cumulative_incidence(*WALL)
    naive = ta.kaplan_meier(WALL[0], WALL[1] == 1)
    place = np.searchsorted(naive.times, wanted["times"], side="right") - 1
    assert_same(1 - naive.survival[place], wanted["one_minus_km"])
    honest = [found.at(time).value for time in wanted["times"]]
    assert all(np.array(wanted["one_minus_km"]) > honest)
    assert round(found.at(14_400).value, 3) == 0.696


@settings(max_examples=200, deadline=None)
@given(ROWS)
def test_shares_sum_to_one_and_rise(rows: list[tuple[int, int, int]]) -> None:
    time, cause, cluster = zip(*rows, strict=True)
    found = ta.cumulative_incidence(time, cause, cluster=cluster)
    total = found.incidence.sum(axis=0) + found.undecided
    np.testing.assert_allclose(total, 1, rtol=0, atol=1e-12)
    assert (np.diff(found.incidence, axis=1) >= 0).all()
    assert found.n_events.sum() + found.n_censored.sum() == len(rows)


@settings(max_examples=100, deadline=None)
@given(ROWS, st.randoms(use_true_random=False))
def test_order_of_rows_does_not_matter(rows: list[tuple[int, int, int]], rng: object) -> None:
    shuffled = list(rows)
    rng.shuffle(shuffled)  # type: ignore[attr-defined]
    one, two = (
        ta.cumulative_incidence(t, c, cluster=g)
        for t, c, g in (zip(*each, strict=True) for each in (rows, shuffled))
    )
    np.testing.assert_array_equal(one.incidence, two.incidence)
    np.testing.assert_allclose(one.std_error, two.std_error, rtol=1e-9, atol=1e-12)


@settings(max_examples=50, deadline=None)
@given(ROWS)
def test_error_of_the_undecided_share_is_greenwoods(rows: list[tuple[int, int, int]]) -> None:
    time, cause, _ = zip(*rows, strict=True)
    found = ta.kaplan_meier(time, np.array(cause) > 0)
    n, d = found.n_at_risk.astype(float), found.n_events.astype(float)
    with np.errstate(divide="ignore", invalid="ignore"):
        wanted = found.survival * np.sqrt(np.cumsum(d / (n * (n - d))))
    known = np.isfinite(wanted)
    np.testing.assert_allclose(found.std_error[known], wanted[known], rtol=1e-6, atol=1e-9)


def test_a_long_curve_sums_to_one_and_has_greenwoods_error() -> None:
    rng = np.random.default_rng(6)
    time, cause = rng.integers(1, 10**7, 120_000), rng.choice(3, 120_000, p=[0.3, 0.5, 0.2])
    found, both = ta.cumulative_incidence(time, cause), ta.kaplan_meier(time, cause > 0)
    np.testing.assert_allclose(found.incidence.sum(axis=0) + found.undecided, 1, atol=1e-12)
    np.testing.assert_allclose(found.undecided, both.survival, rtol=1e-11)
    error = np.sqrt(product_limit.variance_of_rows(found.fit, np.array([[1.0, 1.0]]))[0])
    np.testing.assert_allclose(error, both.std_error, rtol=1e-6, atol=1e-9)
    alone = product_limit.variance_of_rows(found.fit, np.eye(2))
    np.testing.assert_allclose(np.sqrt(alone), found.std_error, rtol=1e-12)


def test_causes_given_as_truth_values_are_zeros_and_ones() -> None:
    cause = np.array([True, False, True, True])
    one, two = (
        ta.cumulative_incidence([3, 1, 4, 2], c, cluster=[1, 1, 2, 3]) for c in (cause, cause * 1)
    )
    np.testing.assert_array_equal(one.table, two.table)


def test_no_rows_give_no_numbers() -> None:
    found = ta.cumulative_incidence([], [])
    assert found.n == 0
    assert found.table.empty
    assert math.isnan(found.at(1).value)
    assert math.isnan(found.quantile(0.5).value)
    assert math.isnan(found.net().at(1).value)
    with pytest.raises(ta.ArgumentError, match="`tau` must be inside the follow-up"):
        found.time_lost(1)


def test_one_row_is_counted_without_an_interval() -> None:
    found = ta.cumulative_incidence([5], [1], cluster=["q1"])
    assert found.incidence[0].tolist() == [1.0]
    assert np.isnan(found.low).all()
    assert np.isnan(found.high).all()
    assert found.at(9).value == 1.0


def test_all_rows_alike_are_certain_of_nothing() -> None:
    found = ta.cumulative_incidence([3] * 8, [1] * 8)
    assert found.incidence.tolist() == [[1.0], [0.0]]
    assert np.isnan(found.low).all()
    assert found.quantile(0.5).value == 3
    assert found.quantile(0.5, cause=2).value == math.inf


def test_beyond_the_follow_up_nothing_is_known() -> None:
    found = ta.cumulative_incidence([1, 2, 3], [1, 2, 0])
    assert math.isnan(found.at(3.5).value)
    assert math.isnan(found.net().at(3.5).value)
    assert found.at(0.5).value == 0


def test_event_at_time_zero_counts() -> None:
    found = ta.cumulative_incidence([0, 0, 1, 1], [1, 0, 2, 1])
    assert found.incidence[0].tolist() == [0.25, 0.625]
    assert found.at(0).value == 0.25


def test_quantile_of_a_plateau_is_its_middle() -> None:
    found = ta.cumulative_incidence([1, 2, 4, 5], [1, 1, 2, 1])
    assert found.quantile(0.5).value == 3.5
    assert found.quantile(0.9).value == math.inf


@pytest.mark.parametrize(
    ("time", "cause", "says"),
    [
        ([1, -2, 3, -4], [1, 1, 1, 1], "rows 1, 3"),
        ([1.0, float("nan")], [1, 0], "row 1"),
        ([1.0, float("inf")], [1, 0], "row 1"),
        ([1, 2, 3], [0, 3, 1], "holds 3 in row 1"),
        ([1, 2], [0, float("nan")], "row 1"),
        ([1, 2], [0], r"must have 2 rows, one each \(got 1"),
        (["a"], [0], "milliseconds or counts"),
        ([[1]], [0], "2 dimensions"),
    ],
)
def test_bad_rows_are_refused_by_number(time: list, cause: list, says: str) -> None:
    with pytest.raises(ta.ArgumentError, match=says):
        ta.cumulative_incidence(time, cause)


@pytest.mark.parametrize("label", [None, "", float("nan")])
def test_missing_cluster_is_refused(label: object) -> None:
    with pytest.raises(ta.ArgumentError, match=r"`cluster` .* row 1"):
        ta.cumulative_incidence([1, 2], [1, 0], cluster=np.array(["a", label], dtype=object))


def test_table_has_one_row_per_cause_and_time() -> None:
    table = ta.cumulative_incidence([1, 2], [1, 0]).table
    columns = "cause time n_at_risk n_events n_censored incidence std_error low high"
    assert list(table.columns) == columns.split()
    assert table["cause"].tolist() == [1, 1, 2, 2]
    assert table["incidence"].tolist() == [0.5, 0.5, 0.0, 0.0]


def test_clustered_intervals_cover_where_plain_ones_fail() -> None:
    rng = np.random.default_rng(20261122)
    n_people, n_each, hits = 12, 15, np.zeros(2)
    n_studies = 400
    truth = 0.5 * (1 - (1 + 1 / 2) ** -2)
    for _ in range(n_studies):
        pace = rng.gamma(2, 1 / 2, n_people).repeat(n_each)
        skill = rng.beta(2, 2, n_people).repeat(n_each)
        time = np.ceil(rng.exponential(1 / pace) * 1000)
        cause = np.where(rng.random(len(time)) < skill, 1, 2)
        cause[time > 1000] = 0
        who = np.arange(n_people).repeat(n_each)
        for k, cluster in enumerate((who, None)):
            found = ta.cumulative_incidence(np.minimum(time, 1000), cause, cluster=cluster).at(1000)
            hits[k] += found.low <= truth <= found.high
    clustered, plain = hits / n_studies
    assert 0.92 <= clustered <= 0.975
    assert plain < 0.85
