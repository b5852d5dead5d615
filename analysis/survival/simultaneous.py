"""Bands that hold a whole curve of incidence at once, beside the pointwise ones.

The studentised curve is taken as a Gaussian process with the covariance of clusters' influences,
over one root of a chi-square: at each time by itself it is Student's t with the degrees of freedom
of the pointwise interval. The band is as many errors wide as hold the largest deviation between its
ends, on the scale of the pointwise interval.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from analysis.errors import ArgumentError
from analysis.numerics import intervals
from analysis.numerics.arrays import Floats, Ints
from analysis.numerics.clustering import Way, clustering, critical
from analysis.numerics.result import Result
from analysis.survival import product_limit
from analysis.survival.cumulative_incidence import CumulativeIncidence
from analysis.survival.product_limit import Influence

if TYPE_CHECKING:
    import pandas as pd

#: Times at which the process is looked at; between them it hardly moves.
PLACES = 200

METHOD = (
    "Simultaneous band: quantile of the largest of a Gaussian process with the covariance of the "
    "influences, over a root of chi-square with the degrees of freedom of the pointwise interval"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Band(Result):
    """Low and high ends between which a whole curve lies, and how many errors wide they are."""

    source: ClassVar[str] = (
        "Lin, Fleming and Wei, Biometrika 81 (1994) 73-81; Hothorn, Bretz and Westfall, "
        "Biometrical Journal 50 (2008) 346-363"
    )
    times: Floats
    value: Floats
    low: Floats
    high: Floats
    width: float
    pointwise: float
    n: int
    n_clusters: int | None
    level: float
    method: str

    @property
    def table(self) -> "pd.DataFrame":
        """Columns time, value, low, high."""
        import pandas as pd

        columns = {"time": self.times, "value": self.value, "low": self.low, "high": self.high}
        return pd.DataFrame(columns)

    def _repr_html_(self) -> str:
        return f"<p>n = {self.n}. {self.method}.</p>" + self.table.to_html(index=False, max_rows=12)


def simultaneous_band(
    result: CumulativeIncidence,
    of: int | str = 1,
    *,
    start: float = 0.0,
    end: float | None = None,
    n_draws: int = 2000,
    seed: int = 0,
) -> Band:
    """Find a band that holds the whole curve between two times with the level of `result`.

    Parameters
    ----------
    result : CumulativeIncidence
        Its level and its clusters are those of the band.
    of : {1, 2, "net"}
        The cause, or net detection.
    start, end : float
        Where the band has to hold, in the unit of the times; fix them in advance. It begins where
        the first pointwise interval does, and ends with the last time by default.
    n_draws, seed : int
        Draws for the quantile; the same seed gives the same band.

    Returns
    -------
    Band
        With ``.table``, ``.width`` and ``.pointwise``: errors to each side, on the scale of the
        interval (log-log; plain for net detection). Empty where there is no pointwise interval.

    Raises
    ------
    ArgumentError
        An unknown `of`, or a `start` after `end`.

    References
    ----------
    Lin, Fleming and Wei, Biometrika 81 (1994) 73-81, for bands by resampled influences.

    Examples
    --------
    >>> import analysis as ta
    >>> curve = ta.cumulative_incidence([1, 2, 2, 3, 5, 7], [1, 2, 1, 1, 0, 1])
    >>> band = ta.simultaneous_band(curve)
    >>> band.width > band.pointwise
    True
    """
    value, error, weights = _curve(result, of)
    last = np.inf if end is None else end
    if not start < last:
        raise ArgumentError(f"`start` must be before `end` (got {start!r} and {end!r}).")
    known = (error > 0) & (result.times >= start) & (result.times <= last)
    scale = intervals.Scale.PLAIN if of == "net" else intervals.Scale.LOG_LOG
    if of != "net":
        known &= (value > 0) & (value < 1)
    at = np.flatnonzero(known)
    width = np.nan
    if at.size:
        rows = product_limit.influence(result.fit, weights)
        places = np.unique(
            at[np.linspace(0, len(at) - 1, min(PLACES, len(at))).round().astype(int)]
        )
        width = _width(result, rows, places, draw=(n_draws, seed))
    value, error = value[at], error[at]
    if of == "net":
        low, high = np.maximum(value - width * error, -1.0), np.minimum(value + width * error, 1.0)
    else:
        low, high = intervals.symmetric(value, error, width=width, scale=scale)
    return Band(
        times=result.times[at],
        value=value,
        low=low,
        high=high,
        width=float(width),
        pointwise=critical(result.level, result.clusters),
        n=result.n,
        n_clusters=result.n_clusters,
        level=result.level,
        method=METHOD,
    )


def _curve(result: CumulativeIncidence, of: int | str) -> tuple[Floats, Floats, tuple[float, ...]]:
    """The curve, its error, and its weights on the causes."""
    if of == "net":
        net, rest = result.net(), len(result.causes) - 2
        return net.value, net.std_error, (1.0, -1.0, *[0.0] * rest)
    if of not in result.causes:
        raise ArgumentError(f"`of` must be one of {result.causes} or 'net' (got {of!r}).")
    row = result.causes.index(int(of))
    weights = tuple(float(k == row) for k in range(len(result.causes)))
    return result.incidence[row], result.std_error[row], weights


def _width(
    result: CumulativeIncidence, rows: Influence, places: Ints, *, draw: tuple[int, int]
) -> float:
    """Errors to each side that hold the largest deviation."""
    clusters = result.clusters
    if clusters is None:
        clusters = clustering(np.arange(result.n), name="cluster", n=result.n)
        assert clusters is not None
    rng, ways = np.random.default_rng(draw[1]), clusters.ways
    if clusters.crossed or clusters.count > PLACES:
        root = _root([_covariance(rows, way, places) for way in ways])
    else:
        root = _stretched(rows, ways[0], places).T
    root /= np.sqrt((root**2).sum(axis=1, keepdims=True))
    deviation = np.abs(rng.standard_normal((draw[0], root.shape[1])) @ root.T)
    largest = deviation.max(axis=1)
    if result.clusters is not None:
        largest /= np.sqrt(rng.chisquare(result.df, draw[0]) / result.df)
    found = float(np.quantile(largest, result.level))
    return max(found, critical(result.level, result.clusters))


def _root(covariances: list[Floats]) -> Floats:
    """A root of the covariance of one way, or of two less their intersection."""
    covariance = covariances[0]
    if len(covariances) > 1:
        covariance = covariance + covariances[1] - covariances[2]
    spread = np.sqrt(np.maximum(np.diag(covariance), np.finfo(float).tiny))
    values, axes = np.linalg.eigh(covariance / np.outer(spread, spread))
    kept = values > 1e-10 * values[-1]
    return np.asarray(axes[:, kept] * np.sqrt(values[kept]))


def _covariance(rows: Influence, way: Way, times: Ints) -> Floats:
    """Covariance of the curve at some of its times."""
    sums = _stretched(rows, way, times)
    return np.asarray(sums.T @ sums)


def _stretched(rows: Influence, way: Way, times: Ints) -> Floats:
    return np.asarray(way.stretch[:, None] * _sums(rows, way, times))


def _sums(rows: Influence, way: Way, times: Ints) -> Floats:
    """Influences summed within clusters, clusters x times."""
    groups, own, code = way.groups, rows.fit.times.index, rows.fit.codes
    # A row is settled from the first of these times that is not before its own.
    first = np.searchsorted(times, own, side="left")
    shape = (groups.count, len(times) + 1)
    cell = groups.index * shape[1] + first

    def so_far(weights: Floats) -> Floats:
        table = np.bincount(cell, weights=weights, minlength=shape[0] * shape[1]).reshape(shape)
        return np.asarray(np.cumsum(table, axis=1)[:, :-1])

    ahead = (rows.value - rows.value[-1])[times]
    size = np.bincount(groups.index, minlength=groups.count)[:, None]
    settled = so_far(np.ones(len(own)))
    fixed, slope = so_far(rows.fixed[code, own]), so_far(rows.slope[code, own])
    waiting = rows.waiting[times]
    return np.asarray(fixed - slope * ahead + (size - settled) * waiting)
