"""What a classifier that sees only timing makes of each pacing, on dialogues left out of the fit.

Seeds are fixed, so the figures are those of docs/pacing.md; the bounds leave room for the last
bits of another machine's arithmetic, not for another pacing.
"""

import functools

import numpy as np
import pytest

from bench.pacing.classifier import Boosting
from bench.pacing.dialogues import View
from bench.pacing.telling import Told, auc, tell

BOTH = [View.ANSWERS, View.SAME_BURSTS]


@functools.cache
def told(pacing: str, view: View) -> Told:
    return tell(pacing, view)


def test_classifier_learns_what_only_an_interaction_tells() -> None:
    rng = np.random.default_rng(1)
    rows = rng.normal(size=(4000, 3))
    is_one = ((rows[:, 0] > 0) ^ (rows[:, 1] > 0)).astype(float)
    judge = Boosting().fit(rows[:2000], is_one[:2000], np.ones(2000))
    scores, truth = judge.log_odds(rows[2000:]), is_one[2000:] > 0
    assert auc(scores[truth], scores[~truth]) > 0.97


def test_classifier_finds_nothing_where_nothing_is() -> None:
    rng = np.random.default_rng(2)
    rows, is_one = rng.normal(size=(4000, 3)), rng.integers(0, 2, 4000).astype(float)
    scores = Boosting().fit(rows[:2000], is_one[:2000], np.ones(2000)).log_odds(rows[2000:])
    truth = is_one[2000:] > 0
    assert auc(scores[truth], scores[~truth]) == pytest.approx(0.5, abs=0.04)


@pytest.mark.monte_carlo
@pytest.mark.parametrize("pacing", ["published", "instant", "fixed"])
def test_formulas_are_nearly_always_told(pacing: str) -> None:
    found = told(pacing, View.ANSWERS)
    assert found.choice > 0.95
    assert found.auc > 0.8


@pytest.mark.monte_carlo
@pytest.mark.parametrize("view", BOTH)
@pytest.mark.parametrize("pacing", ["calibrated", "matched"])
def test_people_s_waits_are_hardly_told(pacing: str, view: View) -> None:
    found = told(pacing, view)
    assert found.auc < 0.57
    assert found.choice < 0.62
    assert found.choice_upto < 0.66


@pytest.mark.monte_carlo
@pytest.mark.parametrize("pacing", ["calibrated", "matched"])
def test_bursts_cut_by_the_rule_are_no_worse_than_their_lengths(pacing: str) -> None:
    assert told(pacing, View.OWN_BURSTS).choice < 0.65
