"""Kaplan-Meier with late entry: risk sets by definition, and rows that continue each other."""

import math

import numpy as np
import pytest

import analysis as ta
from tests.analysis.golden import column, integers

START, STOP = integers("episodes", "start"), integers("episodes", "stop")
EVENT, WHO = integers("episodes", "outcome") == 1, column("episodes", "interrogator_id")
WALL, OUTCOME = integers("sessions", "wall_s"), integers("sessions", "outcome")
PERSON = column("sessions", "interrogator_id")


def late() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    entry = np.random.default_rng(8).integers(0, 2000, len(WALL))
    seen = entry < WALL
    return entry[seen], WALL[seen], (OUTCOME == 1)[seen]


def test_risk_sets_are_those_of_the_definition() -> None:
    entry, time, event = late()
    found = ta.kaplan_meier(time, event, entry=entry)
    moments = np.unique(time)
    at_risk = ((entry[:, None] < moments) & (time[:, None] >= moments)).sum(axis=0)
    events = ((time[:, None] == moments) & event[:, None]).sum(axis=0)
    assert found.n_at_risk.tolist() == at_risk.tolist()
    assert found.n_events.tolist() == events.tolist()
    np.testing.assert_allclose(found.survival, np.cumprod(1 - events / at_risk), rtol=1e-12)
    hazard = np.cumsum(events / (at_risk * np.maximum(at_risk - events, 1)))
    np.testing.assert_allclose(found.std_error, found.survival * np.sqrt(hazard), rtol=1e-10)
    assert "left-truncated" in found.method


def test_rows_that_continue_each_other_are_one() -> None:
    whole = ta.kaplan_meier(WALL, OUTCOME == 1, cluster=PERSON)
    split = ta.kaplan_meier(STOP, EVENT, entry=START, cluster=WHO)
    place = np.searchsorted(split.times, whole.times)
    np.testing.assert_allclose(split.survival[place], whole.survival, rtol=1e-10)
    np.testing.assert_allclose(split.std_error[place], whole.std_error, rtol=1e-9)
    one, two = whole.restricted_mean(3600), split.restricted_mean(3600)
    np.testing.assert_allclose([one.value, one.std_error], [two.value, two.std_error], rtol=1e-9)


def test_clustered_error_is_that_of_summed_influences() -> None:
    entry, time, event = late()
    who = np.random.default_rng(1).integers(0, 12, len(time))
    found = ta.kaplan_meier(time, event, entry=entry, cluster=who)
    moments = found.times
    inside = (entry[:, None] < moments) & (time[:, None] >= moments)
    own = (time[:, None] == moments) & event[:, None]
    left = found.n_at_risk - found.n_events
    step = (own - inside * found.n_events / found.n_at_risk) / np.maximum(left, 1)
    each = np.where(left > 0, step, 0).cumsum(axis=1) * found.survival
    sums = np.stack([np.bincount(who, weights=c) for c in each.T])
    expected = np.bincount(who, weights=inside @ (found.n_events / found.n_at_risk))
    left = 1 - expected / expected.sum()
    wanted = np.sqrt((sums**2 / left).sum(axis=1))
    np.testing.assert_allclose(found.std_error, wanted, rtol=1e-8, atol=1e-14)
    tau = 5000
    width = np.diff(np.minimum(np.append(moments, np.inf), tau))
    area = np.bincount(who, weights=each @ width)
    wanted_area = math.sqrt((area**2 / left).sum())
    np.testing.assert_allclose(found.restricted_mean(tau).std_error, wanted_area, rtol=1e-8)


def test_entry_of_all_rows_at_zero_changes_nothing() -> None:
    plain = ta.kaplan_meier(WALL, OUTCOME == 1)
    found = ta.kaplan_meier(WALL, OUTCOME == 1, entry=np.zeros(len(WALL)))
    np.testing.assert_array_equal(found.survival, plain.survival)
    np.testing.assert_array_equal(found.std_error, plain.std_error)


def test_curve_that_falls_to_zero_early_stays_there() -> None:
    found = ta.kaplan_meier([1, 4, 5], [1, 1, 0], entry=[0, 2, 2])
    assert found.survival.tolist() == [0, 0, 0]
    assert found.n_at_risk.tolist() == [1, 2, 1]
    assert np.isnan(found.low).all()


def test_nearly_equal_entries_and_times_are_one() -> None:
    found = ta.kaplan_meier([0.3, 0.9], [1, 1], entry=[0.0, 0.1 + 0.2])
    assert found.n_at_risk.tolist() == [1, 1]


def test_entry_not_before_its_time_is_refused() -> None:
    with pytest.raises(ta.ArgumentError, match=r"`entry` is not before `time` in row 1"):
        ta.kaplan_meier([1, 2], [1, 1], entry=[0, 2])
    with pytest.raises(ta.ArgumentError, match=r"must have 2 rows, one each \(got 1"):
        ta.kaplan_meier([1, 2], [1, 1], entry=[0])


def test_intervals_cover_under_late_entry() -> None:
    rng = np.random.default_rng(12)
    n, n_studies, hits = 150, 2000, 0
    for _ in range(n_studies):
        time = np.ceil(rng.exponential(1000, 3 * n)).astype(int)
        entry = rng.integers(0, 1000, 3 * n) * rng.integers(0, 2, 3 * n)
        seen = np.flatnonzero(entry < time)[:n]
        found = ta.kaplan_meier(time[seen], np.ones(n), entry=entry[seen])
        place = np.searchsorted(found.times, 800, side="right") - 1
        hits += found.low[place] <= math.exp(-0.8) <= found.high[place]
    assert abs(hits / n_studies - 0.95) < 3 * math.sqrt(0.95 * 0.05 / n_studies)
