"""Kaplan-Meier against R's results and a published fixture."""

import math

import numpy as np
import pytest

import analysis as ta
from tests.analysis.golden import assert_same, column, integers, reference

DATA = {
    "ses_wall": (integers("sessions", "wall_s"), integers("sessions", "outcome") == 1),
    "ses_msg": (integers("sessions", "n_messages"), integers("sessions", "outcome") == 1),
    "tiny": (integers("tiny_ties", "time"), integers("tiny_ties", "cause") > 0),
}


@pytest.mark.parametrize("entry", reference("km"))
def test_survival_equals_r(entry: str) -> None:
    data, interval = entry.rsplit("_", 1)
    wanted, found = reference("km")[entry], ta.kaplan_meier(*DATA[data], interval=interval)
    assert_same(found.survival, wanted["surv"])
    assert_same(found.std_error, wanted["se_surv"])
    assert_same(found.low, wanted["lower"])
    assert_same(found.high, wanted["upper"])
    quartiles = [found.quantile(p) for p in (0.25, 0.5, 0.75)]
    for name, ends in (
        ("quantile", [q.value for q in quartiles]),
        ("q_lower", [q.low for q in quartiles]),
        ("q_upper", [q.high for q in quartiles]),
    ):
        assert ends == [math.inf if x[0] is None else x[0] for x in wanted[name]]


def test_clustered_sandwich_equals_r() -> None:
    who = column("sessions", "interrogator_id")
    wanted = reference("km_cluster")["ses_wall_cluster"]
    found = ta.kaplan_meier(*DATA["ses_wall"], cluster=who)
    assert_same(found.sandwich, wanted["se_surv"])


def test_restricted_mean_equals_r() -> None:
    wanted = reference("rmst")["ses_wall_3600"]
    found = ta.kaplan_meier(*DATA["ses_wall"]).restricted_mean(3600)
    assert_same([found.value, found.std_error], [wanted["rmst"], wanted["se"]])


def test_nearly_equal_times_are_one() -> None:
    root = math.sqrt(2) ** 2
    time, event = [1, 2, root, 2, root, 3, 0.1 + 0.2 + 2.7], [1, 1, 1, 0, 1, 1, 0]
    wanted = reference("float_ties")["timefix"]
    found = ta.kaplan_meier(time, event)
    assert_same(found.survival, wanted["surv"])
    assert found.n_at_risk.tolist() == wanted["n_risk"]


def test_nineteen_published_games() -> None:
    games = [
        (3, 1), (3, 1), (2, 1), (2, 1), (1, 1), (3, 1), (3, 1), (4, 0), (1, 1), (1, 1),
        (3, 1), (3, 0), (2, 1), (3, 0), (3, 1), (4, 0), (1, 1), (1, 1), (4, 0),
    ]  # fmt: skip
    found = ta.kaplan_meier(*zip(*games, strict=True))
    assert np.round(found.survival, 4)[:3].tolist() == [0.7368, 0.5789, 0.2632]
    assert np.round(found.std_error, 4)[:3].tolist() == [0.101, 0.1133, 0.101]


def test_a_long_curve_is_the_textbooks() -> None:
    rng = np.random.default_rng(5)
    time, event = rng.integers(1, 10**7, 120_000), rng.random(120_000) < 0.7
    found = ta.kaplan_meier(time, event)
    distinct, place = np.unique(time, return_inverse=True)
    d = np.bincount(place, weights=event)
    n = len(time) - np.searchsorted(np.sort(time), distinct)
    left = np.where(n > d, n - d, 1)
    survival, risen = np.cumprod(1 - d / n), np.cumsum(d / (n * left))
    assert (found.times == distinct).all()
    assert (found.n_at_risk == n).all()
    assert (found.n_events == d).all()
    assert (np.diff(found.survival)[d[1:] == 0] == 0).all()
    np.testing.assert_allclose(found.survival, survival, rtol=1e-11)
    np.testing.assert_allclose(found.std_error, survival * np.sqrt(risen), rtol=1e-11)
    with np.errstate(divide="ignore", invalid="ignore"):
        spread = np.exp(1.959963984540054 * np.sqrt(risen) / np.log(survival))
        low, high = survival ** (1 / spread), survival**spread
    known = found.std_error > 0
    np.testing.assert_allclose(found.low[known], low[known], rtol=1e-9)
    np.testing.assert_allclose(found.high[known], high[known], rtol=1e-9)
    assert np.isnan(found.low[~known]).all()


@pytest.mark.parametrize("kind", [bool, np.int8, np.uint8, np.uint64, float, object])
def test_events_may_come_as_any_kind_of_number(kind: type) -> None:
    time, event = np.array([5, 3, 3, 9, 1_000_000]), np.array([1, 0, 1, 1, 0])
    if kind is object:
        with pytest.raises(ta.ArgumentError, match="`event` must hold the codes 0, 1"):
            ta.kaplan_meier(time, event.astype(kind))
        return
    found = ta.kaplan_meier(time, event.astype(kind), cluster=[1, 1, 2, 2, 3])
    np.testing.assert_array_equal(
        found.table, ta.kaplan_meier(time, event, cluster=list("aabbc")).table
    )


def test_unknown_interval_is_refused() -> None:
    with pytest.raises(
        ta.ArgumentError, match="`interval` must be one of log-log, log, plain, logit"
    ):
        ta.kaplan_meier([1], [1], interval="arcsine")


def test_no_rows_give_no_numbers() -> None:
    found = ta.kaplan_meier([], [])
    assert found.table.empty
    assert math.isnan(found.quantile(0.5).value)
    with pytest.raises(ta.ArgumentError, match="`tau` must be above 0 and inside the follow-up"):
        found.restricted_mean(1)
