"""Gray's test: do groups differ in the cumulative incidence of one of several causes?"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from analysis.errors import ArgumentError
from analysis.numerics import arrays
from analysis.numerics.arrays import Codes, Floats, Ints
from analysis.numerics.counting import leaving, tally
from analysis.numerics.intervals import cluster_factor
from analysis.survival.cumulative_incidence import CAUSES, one_cause
from analysis.survival.logrank import TestResult, compared, members, tested


def gray_test(
    time: ArrayLike,
    cause: ArrayLike,
    group: ArrayLike,
    *,
    of: int = 1,
    strata: ArrayLike | None = None,
    cluster: ArrayLike | None = None,
    rho: float = 0,
) -> TestResult:
    """Test whether the cumulative incidence of one cause is the same in all groups.

    The cumulative incidence of a cause also depends on the hazard of the other one; `logrank` with
    the other cause censored compares the cause-specific hazards alone.

    Parameters
    ----------
    time : array of n numbers
        Time of the event or of the censoring, 0 or more.
    cause : array of n integers
        0 censored, 1 right, 2 wrong.
    group : array of n labels
        At least two groups, of at least two rows each.
    of : {1, 2}
        The cause that is compared.
    strata : array of n labels, optional
        Groups are compared within strata only.
    cluster : array of n labels, optional
        Who decided. The variance is then that of what the rows of each cluster add to the score
        under the null, summed within clusters, times G/(G-1).
    rho : float
        Times are weighted by ``(1 - F)^rho``, with the pooled incidence just before.

    Returns
    -------
    TestResult
        With ``.statistic``, ``.df``, ``.p_value``, ``.table`` (group, n, observed, expected).

    Raises
    ------
    ArgumentError
        Bad times or causes, missing labels, fewer than two groups, one-row groups.

    References
    ----------
    Gray, Annals of Statistics 16 (1988) 1141-1154; ties as in R's ``cmprsk::cuminc``. With
    clusters after Zhou, Fine, Latouche and Labopin, Biostatistics 13 (2012) 371-383.

    Examples
    --------
    >>> import analysis as ta
    >>> time, cause = [1, 2, 3, 4, 5, 6, 7, 8], [1, 1, 2, 1, 2, 1, 2, 0]
    >>> round(ta.gray_test(time, cause, list("aaaabbbb")).statistic, 4)
    3.774
    """
    when = arrays.times(time)
    n = len(when)
    codes = arrays.codes(cause, name="cause", allowed=(0, *CAUSES), n=n)
    one_cause(of)
    if not np.isfinite(rho):
        raise ArgumentError(f"`rho` must be a finite number (got {rho!r}).")
    groups = compared(group, n)
    layers = arrays.groups(strata, name="strata", n=n)
    clusters = arrays.groups(cluster, name="cluster", n=n)
    # The cause in question first, the other second.
    kind = codes if of == 1 else np.array([0, 2, 1])[codes]
    k = groups.count
    observed, expected, covariance = np.zeros(k), np.zeros(k), np.zeros((k, k))
    score = np.zeros((0 if clusters is None else clusters.count, k))
    for chosen in members(layers, n):
        cells = groups.index[chosen] * 3 + kind[chosen]
        found = tally(when[chosen], cells, 3 * k)
        counts = np.concatenate([leaving(found.remaining)[None], found.events])
        counts[0] -= found.events.sum(axis=0)
        counts = counts.reshape(k, 3, -1)
        stratum = _stratum(counts, rho)
        observed, expected = observed + stratum.observed, expected + stratum.expected
        if clusters is None:
            covariance += _covariance(stratum)
            continue
        place = np.cumsum(counts[:, 1:].any(axis=(0, 1)), dtype=np.int64)[found.times.index]
        rows = _row_scores(stratum, groups.index[chosen], kind[chosen], place=place)
        np.add.at(score, clusters.index[chosen], rows)
    return tested(
        observed - expected,
        covariance if clusters is None else score.T @ score * cluster_factor(clusters.count),
        groups,
        observed=observed,
        expected=expected,
        n_clusters=None if clusters is None else clusters.count,
        source="Gray, Annals of Statistics 16 (1988) 1141-1154",
        method=f"Gray's test of cause {of}" + (f", {layers.count} strata" if layers else ""),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Process:
    """The groups (rows) at the times of any event (columns), and the pooled incidence."""

    observed: Floats  # weighted events of each group, and what the pooled incidence would give
    expected: Floats
    n: Floats
    own: Floats  # events of the cause in question
    other: Floats
    free: Floats  # share without any event, after each time
    free_before: Floats
    weighted_at_risk: Floats  # rows at risk over the share without any event just before
    pooled: Floats
    pooled_before: Floats
    weight: Floats


def _stratum(counts: Ints, rho: float) -> _Process:
    """Observed and expected weighted events of each group, and what their errors follow from."""
    at_risk = np.cumsum(counts.sum(axis=1)[:, ::-1], axis=1)[:, ::-1]
    any_event = counts[:, 1:].any(axis=(0, 1))
    n, own, other = (x[:, any_event].astype(float) for x in (at_risk, counts[:, 1], counts[:, 2]))
    free = np.asarray(np.cumprod(1 - _ratio(own + other, n), axis=1), np.float64)
    free_before = _before(free, 1.0)
    risen = np.cumsum(free_before * _ratio(own, n), axis=1)
    weighted_at_risk = _ratio(n, free_before)
    pooled = np.cumsum(own.sum(axis=0) / weighted_at_risk.sum(axis=0))
    pooled_before = _before(pooled[None], 0.0)[0]
    weight = (1 - pooled_before) ** rho
    in_question = weighted_at_risk * (1 - _before(risen, 0.0))
    due = in_question * (weight * own.sum(axis=0) / in_question.sum(axis=0))
    return _Process(
        observed=own @ weight,
        expected=due.sum(axis=1),
        n=n,
        own=own,
        other=other,
        free=free,
        free_before=free_before,
        weighted_at_risk=weighted_at_risk,
        pooled=pooled,
        pooled_before=pooled_before,
        weight=weight,
    )


def _effects(of: _Process) -> tuple[Floats, Floats]:
    """What an event of either cause in group `k` does to score `i`: scores x groups x times.

    It acts at once, and later through the incidence of its group in all weights to come. Events
    count by their rows at risk, each standing for those its group has lost before.
    """
    events, total = of.own.sum(axis=0), of.weighted_at_risk.sum(axis=0)
    k = len(of.n)
    at_once = (
        of.weight
        * of.weighted_at_risk
        * (np.eye(k)[..., None] - (of.weighted_at_risk / total)[:, None])
    )
    drift = np.cumsum(at_once * (events / (total * (1 - of.pooled_before))), axis=2)
    to_come = drift[:, :, -1:] - drift
    kept = _ratio(1 - of.pooled, of.free)
    return at_once + np.where(of.free > 0, 1 - kept, 1.0) * to_come, kept * to_come


def _covariance(of: _Process) -> Floats:
    """Covariance of the scores of independent rows."""
    events, total = of.own.sum(axis=0), of.weighted_at_risk.sum(axis=0)
    own, other = _effects(of)
    spread = _ties(events, total * of.free_before) * _ratio(of.free_before * events / total, of.n)
    result = np.einsum("ikt,jkt,kt->ij", own, own, spread, optimize=True)
    spread = _ties(of.other, of.n) * _ratio(of.free_before**2 * of.other, of.n**2)
    return np.asarray(result + np.einsum("ikt,jkt,kt->ij", other, other, spread, optimize=True))


def _row_scores(of: _Process, group: Ints, kind: Codes, *, place: Ints) -> Floats:
    """What each row adds to the scores: observed less expected under the null.

    `place` is how many of the event times lie up to the row's own.
    """
    step = _ratio(of.free_before, of.n)
    own, other = (effect * step for effect in _effects(of))
    pooled = of.own.sum(axis=0) / of.weighted_at_risk.sum(axis=0)
    due = own * _ratio(pooled, of.free_before) + other * _ratio(of.other, of.n)
    risen = np.concatenate([np.zeros((*due.shape[:2], 1)), np.cumsum(due, axis=2)], axis=2)
    last = np.maximum(place - 1, 0)
    return np.asarray(
        (
            np.where(kind == 1, own[:, group, last], 0.0)
            + np.where(kind == 2, other[:, group, last], 0.0)
            - risen[:, group, place]
        ).T
    )


def _ties(events: Floats, at_risk: Floats) -> Floats:
    """Share of the variance left when several of those at risk have the event at one time."""
    several = (events > 1) & (at_risk > 0)
    taken = np.divide(events - 1, at_risk - 1, where=several, out=np.zeros_like(at_risk))
    return 1 - taken


def _ratio(above: Floats, below: Floats) -> Floats:
    return np.divide(above, below, where=below > 0, out=np.zeros(np.shape(below)))


def _before(values: Floats, first: float) -> Floats:
    shifted = np.concatenate([np.full((len(values), 1), first), values], axis=1)
    return shifted[:, : values.shape[1]]
