"""The discrete-time model of the message clock against a row per message."""

import math

import numpy as np
import pytest

import analysis as ta
from tests.analysis.golden import column, integers

MESSAGES, OUTCOME = integers("sessions", "n_messages"), integers("sessions", "outcome")
STRATEGY, WHO = (
    np.array(column("sessions", "strategy_first")),
    column("sessions", "interrogator_id"),
)
X = {name: name == STRATEGY for name in ("adversarial", "consistency", "knowledge")}
R_ORDER = [0, 4, 5, 6, 7, 8, 1, 2, 3]  # R puts the covariates before the stretches


def test_discrete_hazard_equals_a_row_per_message() -> None:
    import statsmodels.api as sm

    room = np.repeat(np.arange(len(MESSAGES)), MESSAGES)
    message = np.arange(len(room)) - np.repeat(np.cumsum(MESSAGES) - MESSAGES, MESSAGES) + 1
    event = (message == MESSAGES[room]) & (OUTCOME[room] == 1)
    design = [np.ones(len(room)), (message > 10) & (message <= 30), message > 30]
    design = np.column_stack([*design, *(used[room] for used in X.values())]).astype(float)
    family = sm.families.Binomial(link=sm.families.links.CLogLog())
    fit = sm.GLM(event.astype(float), design, family=family).fit(tol=1e-14, maxiter=100)
    found = ta.discrete_hazard(None, MESSAGES, OUTCOME == 1, X, breaks=(10, 30))
    np.testing.assert_allclose(found.coefficients, fit.params, rtol=1e-8)
    np.testing.assert_allclose(found.std_error, fit.bse, rtol=1e-8)


def test_clusters_sum_scores_of_messages() -> None:
    found = ta.discrete_hazard(None, MESSAGES, OUTCOME == 1, X, cluster=WHO)
    room = np.repeat(np.arange(len(MESSAGES)), MESSAGES)
    message = np.arange(len(room)) - np.repeat(np.cumsum(MESSAGES) - MESSAGES, MESSAGES) + 1
    event = (message == MESSAGES[room]) & (OUTCOME[room] == 1)
    stretch = np.searchsorted([5, 10, 20, 40, 80], message)
    baseline = np.eye(6)[stretch]
    baseline[:, 0] = 1
    design = np.column_stack([baseline, *(used[room] for used in X.values())])
    hazard = np.exp(design @ found.coefficients)
    slope = np.where(event, hazard / np.expm1(hazard), -hazard)
    cluster = np.unique(WHO, return_inverse=True)[1][room]
    sums = np.stack([np.bincount(cluster, weights=c * slope) for c in design.T], axis=1)
    sums = sums @ found.model_covariance
    np.testing.assert_allclose(found.sandwich, sums.T @ sums, rtol=1e-7, atol=1e-12)


def test_splitting_rows_changes_nothing() -> None:
    rng = np.random.default_rng(4)
    cut = rng.integers(1, 40, len(MESSAGES))
    early = cut < MESSAGES
    start = np.concatenate([np.zeros(early.sum(), int), np.where(early, cut, 0)])
    stop = np.concatenate([cut[early], MESSAGES])
    event = np.concatenate([np.zeros(early.sum(), bool), OUTCOME == 1])
    both = {name: np.concatenate([used[early], used]) for name, used in X.items()}
    whole = ta.discrete_hazard(None, MESSAGES, OUTCOME == 1, X)
    split = ta.discrete_hazard(start, stop, event, both)
    np.testing.assert_allclose(split.coefficients, whole.coefficients, rtol=1e-9)
    assert split.n_messages == whole.n_messages


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"stop": [2.5, 3, 4, 5]}, "must be whole counts of messages"),
        ({"stop": [0, 3, 4, 5]}, "not before `stop` in row 0"),
        ({"event": [0] * 4}, "`event` must hold at least one event"),
        ({"breaks": (5, 5)}, r"`breaks` must be rising .*got \(5, 5\)"),
        ({"breaks": (2.5,)}, "`breaks` must be rising"),
        ({"breaks": (4, 7)}, "none in messages over 7"),
        ({"X": {"x": [1, 1, 1, 1]}}, "column x never differs"),
    ],
)
def test_bad_models_are_refused(change: dict, says: str) -> None:
    given = {
        "start": [0, 0, 0, 0],
        "stop": [2, 3, 4, 5],
        "event": [1, 1, 0, 1],
        "X": {"x": [1, 0, 1, 0]},
        "breaks": (),
    }
    with pytest.raises(ta.ArgumentError, match=says):
        ta.discrete_hazard(**(given | change))


def test_term_that_runs_to_infinity_is_refused_by_name() -> None:
    group = np.arange(40) % 2
    stop = np.random.default_rng(1).integers(2, 9, 40)
    with pytest.raises(ta.ArgumentError, match="coefficient of never"):
        ta.discrete_hazard(None, stop, group == 0, {"never": group}, breaks=())


@pytest.mark.monte_carlo
def test_intervals_cover_the_ratio_of_the_time_underneath() -> None:
    rng = np.random.default_rng(11)
    n, n_studies, truth, hits = 150, 600, 0.6, 0
    x = np.arange(n) % 2
    for _ in range(n_studies):
        time = np.ceil(rng.exponential(size=n) / (0.12 * np.exp(truth * x))).astype(int)
        found = ta.discrete_hazard(None, np.minimum(time, 15), time <= 15, {"x": x}, breaks=(5,))
        hits += found.table["low"].iloc[-1] <= math.exp(truth) <= found.table["high"].iloc[-1]
    assert abs(hits / n_studies - 0.95) < 3 * math.sqrt(0.95 * 0.05 / n_studies)
