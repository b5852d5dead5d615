"""The one computation behind every curve: counts at risk, incidence per cause, influence of rows.

Exact with ties. The influence functions give the infinitesimal-jackknife standard errors, for
independent rows and for rows in clusters, of any weighted sum of the causes.
"""

from dataclasses import dataclass

import numpy as np

from analysis.numerics.arrays import Codes, Floats, Ints, Times
from analysis.numerics.blocks import Running, blocks, run
from analysis.numerics.cluster_sums import settled, squares
from analysis.numerics.clustering import Clustering, Way, whole
from analysis.numerics.counting import leaving, tally


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """Rows at risk just before each distinct time, and what happened at it."""

    at_risk: Ints
    events: Ints  # causes x times

    @property
    def censored(self) -> Ints:
        """Rows censored at each time."""
        return np.asarray(leaving(self.at_risk) - self.events.sum(axis=0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Curves:
    """Incidence of each cause and the share without any event, after each distinct time."""

    times: Times
    counts: Counts
    codes: Codes  # 0, or the number of the cause from 1
    incidence: Floats  # causes x times
    remaining: Floats
    # Room for errors, low and high ends, each causes x times: one piece of fresh memory costs less
    # than several.
    band: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Influence:
    """Influence of each row on a weighted sum of the incidences.

    Rows with one time and one code are alike. Before its own time a row's influence is `waiting`
    at that moment, from then on it is ``fixed - slope * (value - value[-1])`` with the summed
    incidence `value` at that moment. The last value is taken off because slopes are steep only
    near it: so little is lost to rounding.
    """

    fit: Curves
    value: Floats
    waiting: Floats
    fixed: Floats  # codes x times
    slope: Floats  # codes x times


def curves(values: Ints | Floats, codes: Codes, n_causes: int) -> Curves:
    """Aalen-Johansen incidence of causes 1 to `n_causes`, by exact counts at each time."""
    tallied = tally(values, codes, n_causes + 1)
    counts = Counts(at_risk=tallied.remaining, events=tallied.events)
    room, so_far, sums = np.empty((1 + 4 * n_causes, len(counts.at_risk))), 1.0, Running()
    remaining, incidence, band = room[0], room[1 : 1 + n_causes], room[1 + n_causes :]
    for part in blocks(len(counts.at_risk)):
        n, d = counts.at_risk[part].astype(np.float64), counts.events[:, part].astype(np.float64)
        kept = np.empty(len(n) + 1)
        kept[0] = so_far
        np.divide(n - d.sum(axis=0), n, out=kept[1:])
        run(np.multiply, kept)
        so_far = kept[-1]
        remaining[part] = kept[1:]
        d *= np.divide(kept[:-1], n, out=n)
        incidence[:, part] = sums.add(d)
    return Curves(
        times=tallied.times,
        counts=counts,
        codes=codes,
        incidence=incidence,
        remaining=remaining,
        band=band.reshape(3, *incidence.shape),
    )


def influence(fit: Curves, weights: tuple[float, ...]) -> Influence:
    """Influence of every row on ``sum(weights * incidence)``."""
    counts, n, w = fit.counts, fit.counts.at_risk, np.array(weights)
    left = n - counts.events.sum(axis=0)
    hazard = _hazard(n, n - left)
    risen = np.cumsum(hazard)
    share = _before(fit.remaining) / n
    waiting = np.cumsum(share * (w @ counts.events) * (risen - hazard - 1 / n))
    value = w @ fit.incidence
    slope = np.empty((len(w) + 1, len(n)))
    slope[0] = -risen
    slope[1:] = 1 / np.maximum(left, 1) - risen
    fixed = waiting + slope * (value - value[-1:])
    fixed[1:] += np.multiply.outer(w, share)
    return Influence(fit=fit, value=value, waiting=waiting, fixed=fixed, slope=slope)


def _hazard(n: Floats | Ints, d: Ints) -> Floats:
    """Greenwood's ``d / (n (n - d))``; where nobody is left it changes nothing any more."""
    return np.asarray(d / (n * np.maximum(n - d, 1.0)))


def variance_of_rows(
    fit: Curves, weights: Floats | None = None, *, out: Floats | None = None
) -> Floats:
    """Sums of squared row influences on ``weights @ incidence``, without the influences.

    Without weights on each incidence alone. Events at different times are uncorrelated and those
    at one time multinomial. One at `u` moves the value at `t` by the share it ends, and takes its
    part of all that comes in between, ``value(t) - value(u)``; both are sums over `u` once the
    square is multiplied out.
    """
    value = fit.incidence if weights is None else weights @ fit.incidence
    result, so_far, sums = np.empty(value.shape) if out is None else out, 1.0, Running()
    for part in blocks(len(fit.remaining)):
        # Counted from the last value: late steps are steep, and differences there must be exact.
        ahead = value[:, part] - value[:, -1:]
        n, d = fit.counts.at_risk[part].astype(np.float64), fit.counts.events[:, part]
        share = np.empty(len(n))
        share[0], share[1:] = so_far, fit.remaining[part][:-1]
        so_far = fit.remaining[part][-1]
        share /= n
        steps = np.empty((2 * len(value) + 1, len(n)))
        rest, cross, hazard = steps[: len(value)], steps[len(value) : -1], steps[-1]
        np.copyto(hazard, _hazard(n, d.sum(axis=0)))
        ended = (d if weights is None else weights @ d) * share
        moved = ended / n
        np.multiply(hazard, ahead, out=cross)
        cross += moved
        np.add(cross, moved, out=rest)
        rest *= ahead
        moved *= ended
        rest -= moved
        rest += (ended if weights is None else weights**2 @ d * share) * share
        sums.add(steps)
        moved = hazard * ahead
        moved *= ahead
        rest += moved
        cross *= ahead
        cross *= 2
        result[:, part] = settled(rest - cross, rest)
    return result


def variance_of_clusters(rows: Influence, way: Way, *, stretched: bool = True) -> Floats:
    """Sum of squared influences at each distinct time, summed within clusters first.

    It is the sum over clusters of ``(F - B ahead + W waiting) ** 2``: F and B are a cluster's
    summed `fixed` and `slope` of past rows, W its rows still waiting, all stretched by what the
    cluster has lost to the estimate. Not `stretched` it is the sandwich that R prints.
    """
    m, at, code = len(rows.value), rows.fit.times.index, rows.fit.codes
    clusters = way.groups
    size = np.bincount(clusters.index, minlength=clusters.count).astype(np.float64)
    changes = np.stack([rows.fixed[code, at], rows.slope[code, at], np.full(len(at), -1.0)])
    start = np.stack([np.zeros(len(size)), np.zeros(len(size)), size])
    if stretched:
        changes *= way.stretch[clusters.index]
        start *= way.stretch
    factors = np.stack([np.ones(m), rows.value[-1:] - rows.value, rows.waiting])
    return squares(at, clusters, changes, start=start, factors=factors)


def restricted_mean_time_lost(rows: Influence, tau: float) -> tuple[float, Floats]:
    """Area under the weighted incidence up to `tau`, and each row's influence, codes x times."""
    start = rows.fit.times.distinct
    width = np.diff(np.minimum(np.append(start, np.inf), tau))
    waited = _running(rows.waiting * width)
    above = _running((rows.value - rows.value[-1:]) * width)
    left = np.maximum(tau - start, 0.0)
    each = waited[:-1] + rows.fixed * left - rows.slope * (above[-1] - above[:-1])
    return float(rows.value @ width), each


def error(each: Floats, fit: Curves, clusters: Clustering | None) -> float:
    """Standard error of what has these influences of rows (codes x times); NaN if not known."""
    if clusters is None:
        return float(np.sqrt((_rows_per_cell(fit) * each**2).sum()))
    return whole(each[fit.codes, fit.times.index], clusters)[0]


def _rows_per_cell(fit: Curves) -> Ints:
    return np.concatenate([fit.counts.censored[None], fit.counts.events])


def _before(remaining: Floats) -> Floats:
    return np.concatenate([[1.0], remaining])[:-1]


def _running(values: Floats) -> Floats:
    return np.concatenate([[0.0], np.cumsum(values)])
