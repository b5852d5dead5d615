"""Cox's partial likelihood on rows (start, stop], with its derivatives and row scores.

At each event time the rows at risk are those with start < time <= stop in the stratum. Every sum
over them is a running sum over event times, so a step costs time linear in rows times terms.
"""

from dataclasses import dataclass

import numpy as np

from analysis.numerics.arrays import Floats, Groups, Ints
from analysis.numerics.newton import LikelihoodPoint
from analysis.numerics.risk_sets import Spans


@dataclass(frozen=True, slots=True, kw_only=True)
class Events:
    """Event times numbered over all strata, and the parts into which ties split them.

    A tie of `d` events has `d` parts after Efron, the l-th leaving l/d of the tied rows' weight
    out; after Breslow one part that counts `d` times.
    """

    first: Ints  # of each row: number of the first event time after its start
    after: Ints  # of each row: one more than the number of the last event time up to its stop
    rows: Ints  # rows with an event
    of_row: Ints  # event time of each of these
    count: int
    times: Floats
    stratum: Ints  # of each event time
    tied: Ints  # events at each event time
    part: Ints  # event time of each part
    left_out: Floats  # share of the tied weight left out in each part
    weight: Floats  # how many events each part counts for


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskSetSums:
    """The sums that a set of coefficients gives."""

    relative: Floats  # exp of each row's linear predictor, up to one common factor
    total: Floats  # of each part: summed weight of the rows at risk
    mean: Floats  # parts x terms: their mean covariates


def events(spans: Spans, event: Ints, strata: Groups | None, *, efron: bool) -> Events:
    """Number event times and find the run of them that each row was at risk for."""
    low = int(spans.stop.min()) if spans.start is None else int(spans.start.min())
    width = int(spans.stop.max()) - low + 1
    base = np.zeros(len(event), np.int64) if strata is None else strata.index * width
    base = base - low
    rows = np.flatnonzero(event == 1)
    moments, of_row, tied = np.unique(
        (spans.stop + base)[rows], return_inverse=True, return_counts=True
    )
    first = np.searchsorted(
        moments,
        base + low if spans.start is None else spans.start + base,
        side="left" if spans.start is None else "right",
    )
    after = np.searchsorted(moments, spans.stop + base, side="right")
    parts = tied if efron else np.ones_like(tied)
    part = np.repeat(np.arange(len(moments)), parts)
    place = np.arange(len(part)) - np.repeat(np.cumsum(parts) - parts, parts)
    return Events(
        first=first,
        after=after,
        rows=rows,
        of_row=of_row,
        count=len(moments),
        times=spans.time_of(moments % width + low),
        stratum=moments // width,
        tied=tied,
        part=part,
        left_out=place / tied[part] if efron else np.zeros(len(part)),
        weight=np.ones(len(part)) if efron else tied.astype(np.float64),
    )


def fit(at: Events, X: Floats, coefficients: Floats) -> tuple[float, RiskSetSums]:
    """Log partial likelihood, and the sums it is made of."""
    predictor = X @ coefficients
    # Far rows may underflow to no weight; the largest never overflows.
    predictor -= predictor.max(initial=-np.inf)
    relative = np.exp(predictor)
    own = relative[at.rows]
    tied = np.bincount(at.of_row, weights=own, minlength=at.count)
    total = _at_risk(at, relative)[at.part] - at.left_out * tied[at.part]
    mean = np.empty((len(at.part), X.shape[1]), order="F")
    for k in range(X.shape[1]):
        sums = _at_risk(at, relative * X[:, k])[at.part]
        mine = np.bincount(at.of_row, weights=own * X[at.rows, k], minlength=at.count)
        mean[:, k] = (sums - at.left_out * mine[at.part]) / total
    value = float(predictor[at.rows].sum() - at.weight @ np.log(total))
    return value, RiskSetSums(relative=relative, total=total, mean=mean)


def expected_events(at: Events, sums: RiskSetSums, weight: Floats) -> Floats:
    """Expected events of each row (its cumulative hazard), where each part counts `weight`."""
    rise = weight / sums.total
    expected = sums.relative * _during(at, _by_time(at, rise))
    expected[at.rows] -= sums.relative[at.rows] * _by_time(at, rise * at.left_out)[at.of_row]
    return expected


def information(at: Events, X: Floats, sums: RiskSetSums, *, weight: Floats) -> Floats:
    """Covariance of the covariates at risk, summed over parts that count `weight`."""
    second = X.T @ (X * expected_events(at, sums, weight)[:, None])
    return np.asarray(second - sums.mean.T @ (sums.mean * weight[:, None]))


def point(at: Events, X: Floats, coefficients: Floats) -> LikelihoodPoint:
    """Log partial likelihood, score and information."""
    with np.errstate(all="ignore"):
        value, sums = fit(at, X, coefficients)
        residual = _residual(at, sums)
        spread = information(at, X, sums, weight=at.weight)
    usable = np.isfinite(value) and np.isfinite(spread).all()
    return LikelihoodPoint(
        log_likelihood=value if usable else -np.inf, score=X.T @ residual, information=spread
    )


def row_scores(at: Events, X: Floats, coefficients: Floats) -> Floats:
    """Score of each row, rows x terms: observed less expected at each event time."""
    _, sums = fit(at, X, coefficients)
    scores = X * _residual(at, sums)[:, None]
    share = at.weight / at.tied[at.part]
    for k in range(X.shape[1]):
        pull = sums.mean[:, k] * at.weight / sums.total
        scores[:, k] += sums.relative * _during(at, _by_time(at, pull))
        spared = _by_time(at, pull * at.left_out)[at.of_row]
        mean = _by_time(at, sums.mean[:, k] * share)[at.of_row]
        scores[at.rows, k] -= sums.relative[at.rows] * spared + mean
    return scores


def _residual(at: Events, sums: RiskSetSums) -> Floats:
    residual = -expected_events(at, sums, at.weight)
    residual[at.rows] += 1
    return residual


def _by_time(at: Events, parts: Floats) -> Floats:
    return np.asarray(np.bincount(at.part, weights=parts, minlength=at.count), np.float64)


def _at_risk(at: Events, values: Floats) -> Floats:
    """Sum of a column over the rows at risk at each event time.

    Summed from the end, where few are left: there a small sum must not come out of large ones.
    """
    ends = np.bincount(at.after, weights=values, minlength=at.count + 1)
    begins = np.bincount(at.first, weights=values, minlength=at.count + 1)
    return np.cumsum((ends - begins)[:0:-1])[::-1]


def _during(at: Events, rises: Floats) -> Floats:
    """For each row, the sum of what rises at the event times it was at risk for."""
    risen = np.concatenate([[0.0], np.cumsum(rises)])
    return np.asarray(risen[at.after] - risen[at.first])
