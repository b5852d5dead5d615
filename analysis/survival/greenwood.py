"""Kaplan-Meier counts and errors: Greenwood's, or summed within clusters; late entry allowed.

A row enters after its entry time: it is at risk in (entry, time].
"""

from dataclasses import dataclass
from functools import partial

import numpy as np

from analysis.numerics.arrays import Codes, Floats, Groups, Ints, Times
from analysis.numerics.blocks import blocks, run
from analysis.numerics.cluster_sums import squares
from analysis.numerics.clustering import Clustering, Way, weighted
from analysis.numerics.counting import tally
from analysis.numerics.risk_sets import Spans


@dataclass(frozen=True, slots=True, kw_only=True)
class Cohort:
    """Who was at risk at each distinct time, what happened, and who the rows belong to."""

    times: Floats
    at_risk: Ints
    events: Ints
    remaining: Ints  # rows with this time or a later one
    survival: Floats
    error: Floats  # of rows as if they were independent
    band: Floats  # room for an interval: one piece of fresh memory costs less than several
    ended: Times  # of each row
    event: Codes
    entered: Ints | None  # the last distinct time not after a row's entry; -1 before them all
    clusters: Clustering | None  # with the shares of events expected if rows were alike


def cohort(spans: Spans, event: Codes, clusters: Clustering | None) -> Cohort:
    """Count who is at risk at each distinct time, and fit the curve."""
    tallied = tally(spans.stop, event, 2)
    distinct, at_risk, entered = tallied.times.distinct, tallied.remaining, None
    if spans.start is not None:
        entered = np.searchsorted(distinct, spans.start, side="right").astype(np.int64) - 1
        arrived = np.cumsum(np.bincount(entered + 1, minlength=len(distinct) + 1))[:-1]
        at_risk = at_risk - (len(entered) - arrived)
    curves = _curves(at_risk, tallied.events[0])
    if clusters is not None:
        # Rows that continue each other count as one.
        risen = np.cumsum(tallied.events[0] / at_risk)
        expected = risen[tallied.times.index] - (0 if entered is None else _known(risen, entered))
        clusters = weighted(clusters, expected)
    return Cohort(
        times=distinct if spans.times is None else spans.times[distinct.astype(np.int64)],
        at_risk=at_risk,
        events=tallied.events[0],
        remaining=tallied.remaining,
        survival=curves[0],
        error=curves[1],
        band=curves[2:],
        ended=tallied.times,
        event=event,
        entered=entered,
        clusters=clusters,
    )


def _curves(at_risk: Ints, events: Ints) -> Floats:
    """The product of ``(n - d) / n``, its error after Greenwood, and room for two more."""
    curves, so_far, risen = np.empty((4, len(at_risk))), 1.0, 0.0
    for part in blocks(len(at_risk)):
        survival, error = curves[:2, part]
        n, d = at_risk[part].astype(np.float64), events[part].astype(np.float64)
        left = n - d
        np.divide(left, n, out=survival)
        survival[0] *= so_far
        run(np.multiply, survival)
        so_far = float(survival[-1])
        if not so_far:  # see _hazard
            np.maximum(left, 1.0, out=left)
        left *= n
        d /= left
        d[0] += risen
        run(np.add, d)
        risen = float(d[-1])
        np.sqrt(d, out=d)
        np.multiply(survival, d, out=error)
    return curves


def curve_error(of: Cohort, *, stretched: bool = True) -> Floats:
    """Standard error of the curve at each time; not `stretched` as other software prints it."""
    if of.clusters is None:
        return of.error
    variance = of.clusters.variance(partial(_cluster_variance, of, stretched=stretched))
    return np.asarray(of.survival * np.sqrt(variance))


def area(of: Cohort, tau: float) -> tuple[float, float]:
    """Area under the curve up to `tau`, and its error; NaN where that is not known."""
    width = np.diff(np.minimum(np.concatenate([[0.0], of.times, [np.inf]]), tau))
    parts = np.concatenate([[1.0], of.survival]) * width
    # What an event takes is the area from its time on; none is left beyond tau.
    ahead = np.cumsum(parts[::-1])[::-1][1:]
    hazard = _hazard(of.at_risk, of.events)
    if of.clusters is None:
        return float(parts.sum()), float(np.sqrt((hazard * ahead**2).sum()))
    each = _influence(of, _inverse(of.at_risk, of.events) * ahead, np.cumsum(hazard * ahead))
    variance = of.clusters.variance(lambda way: np.sum(_stretched(each, way) ** 2, keepdims=True))
    return float(parts.sum()), float(np.sqrt(variance[0]))


def _stretched(each: Floats, way: Way) -> Floats:
    groups = way.groups
    return way.stretch * np.bincount(groups.index, weights=each, minlength=groups.count)


def _inverse(at_risk: Ints, events: Ints) -> Floats:
    """``1 / (n - d)``; where nobody is left the curve is 0, and any finite number will do."""
    return np.asarray(1.0 / np.maximum(at_risk - events, 1))


def _hazard(at_risk: Ints, events: Ints) -> Floats:
    """Greenwood's ``d / (n (n - d))``, with the same exception."""
    return np.asarray(events / (at_risk * np.maximum(at_risk - events, 1.0)))


def _influence(of: Cohort, jump: Floats, risen: Floats) -> Floats:
    """What each row adds in all: ``jump`` at its event, less what rose while it was at risk."""
    each = _ended(of, jump, risen)
    return each if of.entered is None else each + _known(risen, of.entered)


def _ended(of: Cohort, jump: Floats, risen: Floats) -> Floats:
    at = of.ended.index
    return np.asarray(np.where(of.event == 1, jump[at], 0.0) - risen[at])


def _known(risen: Floats, entered: Ints) -> Floats:
    return np.where(entered >= 0, risen[np.maximum(entered, 0)], 0.0)


def _cluster_variance(of: Cohort, way: Way, *, stretched: bool) -> Floats:
    """Sum over clusters of ``(P - Y A) ** 2``: settled influence, rows at risk, hazard so far."""
    clusters = way.groups
    stretch = way.stretch if stretched else np.ones(clusters.count)
    risen, at, m = np.cumsum(_hazard(of.at_risk, of.events)), of.ended.index, len(of.times)
    jump = _inverse(of.at_risk, of.events)
    out = np.stack([_ended(of, jump, risen), np.full(len(at), -1.0)])
    out *= stretch[clusters.index]
    size = np.bincount(clusters.index, minlength=clusters.count) * stretch
    factors = np.stack([np.ones(m), -risen])
    if of.entered is None:
        start = np.stack([np.zeros(len(size)), size])
        return squares(at, clusters, out, start=start, factors=factors)
    came = np.stack([_known(risen, of.entered), np.ones(len(at))]) * stretch[clusters.index]
    both = Groups(index=np.tile(clusters.index, 2), count=clusters.count)
    places = np.concatenate([np.maximum(of.entered, 0), at])
    changes = np.concatenate([came, out], axis=1)
    return squares(places, both, changes, start=np.zeros((2, len(size))), factors=factors)
