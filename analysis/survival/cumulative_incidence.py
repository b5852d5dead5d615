"""Cumulative incidence of detection and of false accusation, with clustered intervals."""

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from numpy.typing import ArrayLike

from analysis.errors import ArgumentError
from analysis.numerics import arrays, intervals
from analysis.numerics.arrays import Floats, Ints
from analysis.numerics.cluster_sums import squares
from analysis.numerics.clustering import Clustering, clustering, critical
from analysis.numerics.estimate import NOTHING, Estimate
from analysis.numerics.result import Result
from analysis.survival import product_limit

if TYPE_CHECKING:
    import pandas as pd

#: Cause 1 is the right decision, cause 2 the wrong one; 0 is censoring.
CAUSES = (1, 2)

#: What the causes are called; the third only where drop-out is analysed as a competing cause.
CAUSE_NAMES = {1: "right", 2: "wrong", 3: "dropped out"}

#: An undecided share below this is 0 but for rounding.
DECIDED = 1e-12

METHOD = "Aalen-Johansen, exact with ties; infinitesimal-jackknife errors; log-log interval"
METHOD_CLUSTERED = (
    "Aalen-Johansen, exact with ties; infinitesimal-jackknife influences summed within clusters, "
    "CR2 by the clusters' shares of the rows; log-log interval with t quantiles on Satterthwaite "
    "degrees of freedom"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Net(Result):
    """Net incidence: that of cause 1 less that of cause 2, 0 under guessing."""

    source: ClassVar[str] = (
        "Aalen and Johansen, Scandinavian Journal of Statistics 5 (1978) 141-150"
    )
    times: Floats
    value: Floats
    std_error: Floats
    sandwich: Floats  # the clustered error without any small-sample correction
    low: Floats
    high: Floats
    undecided: float  # share without any event after the last time
    n: int
    n_clusters: int | None
    level: float
    method: str

    @property
    def table(self) -> "pd.DataFrame":
        """Columns time, net, std_error, low, high."""
        import pandas as pd

        columns = {"time": self.times, "net": self.value, "std_error": self.std_error}
        return pd.DataFrame({**columns, "low": self.low, "high": self.high})

    def at(self, time: float) -> Estimate:
        """Net detection by `time`; NaN beyond the last time if rows were still undecided."""
        place = int(np.searchsorted(self.times, time, side="right")) - 1
        value, error, low, high = (0.0, 0.0, np.nan, np.nan)
        if self.n == 0 or (time > self.times[-1] and self.undecided > DECIDED):
            value = error = np.nan
        elif place >= 0:
            columns = (self.value, self.std_error, self.low, self.high)
            value, error, low, high = (float(column[place]) for column in columns)
        return Estimate.of(self, (value, error, low, high))

    def _repr_html_(self) -> str:
        return self.table.to_html(index=False, max_rows=12)


@dataclass(frozen=True, slots=True, kw_only=True)
class CumulativeIncidence(Result):
    """Incidence of each cause after each distinct time; arrays are causes by times.

    `n_clusters_at_risk` counts the clusters with a row still at risk (rows, without clusters).
    """

    source: ClassVar[str] = (
        "Aalen and Johansen, Scandinavian Journal of Statistics 5 (1978) 141-150"
    )
    times: Floats
    n_at_risk: Ints
    n_clusters_at_risk: Ints
    n_events: Ints
    incidence: Floats
    std_error: Floats
    low: Floats
    high: Floats
    undecided: Floats
    causes: tuple[int, ...]
    n: int
    level: float
    method: str
    fit: product_limit.Curves
    clusters: Clustering | None

    @property
    def n_censored(self) -> Ints:
        """Rows censored at each time."""
        return self.fit.counts.censored

    @property
    def n_clusters(self) -> int | None:
        """Number of clusters (the first of two ways), or None without clustering."""
        return None if self.clusters is None else self.clusters.count

    @property
    def df(self) -> float:
        """Degrees of freedom of the intervals; infinite (normal) without clusters."""
        return np.inf if self.clusters is None else self.clusters.df

    @property
    def sandwich(self) -> Floats:
        """Clustered errors without any small-sample correction, as other software prints them."""
        return _errors(self.fit, np.eye(len(self.causes)), self.clusters, stretched=False)

    @property
    def n_effective_at_risk(self) -> Floats:
        """Equally large clusters that those still at risk before each time are worth (Kish)."""
        if self.clusters is None:
            return self.n_at_risk.astype(np.float64)
        groups, m = self.clusters.ways[0].groups, len(self.times)
        size = np.bincount(groups.index, minlength=groups.count).astype(np.float64)
        left = squares(
            self.fit.times.index,
            groups,
            np.full((1, self.n), -1.0),
            start=size[None],
            factors=np.ones((1, m)),
        )
        return np.asarray(self.n_at_risk**2.0 / np.concatenate([[size @ size], left])[:m])

    @property
    def table(self) -> "pd.DataFrame":
        """One row per cause and time, with counts, incidence, std_error, low and high."""
        import pandas as pd

        each = [pd.DataFrame(self._columns(k)) for k in range(len(self.causes))]
        return pd.concat(each, ignore_index=True)

    def at(self, time: float, cause: int = 1) -> Estimate:
        """Incidence of `cause` by `time`; NaN beyond the last time if rows were undecided."""
        row = self._row(cause)
        if self._beyond(time):
            return Estimate.of(self, NOTHING)
        place = int(np.searchsorted(self.times, time, side="right")) - 1
        if place < 0:
            return Estimate.of(self, (0.0, 0.0, np.nan, np.nan))
        columns = (self.incidence, self.std_error, self.low, self.high)
        value, error, low, high = (float(column[row, place]) for column in columns)
        return Estimate.of(self, (value, error, low, high))

    def net(self) -> Net:
        """Incidence of cause 1 less that of cause 2, with a plain interval."""
        value = self.incidence[0] - self.incidence[1]
        weights = np.array([[1.0, -1.0, *[0.0] * (len(self.causes) - 2)]])
        error = _errors(self.fit, weights, self.clusters)[0]
        plain = _errors(self.fit, weights, self.clusters, stretched=False)[0]
        reach = error * critical(self.level, self.clusters)
        reach = np.where(error > 0, reach, np.nan)
        return Net(
            times=self.times,
            value=value,
            std_error=error,
            sandwich=plain,
            low=np.maximum(value - reach, -1.0),
            high=np.minimum(value + reach, 1.0),
            undecided=float(self.undecided[-1]) if self.n else 1.0,
            n=self.n,
            n_clusters=self.n_clusters,
            level=self.level,
            method=self.method.replace("log-log", "plain"),
        )

    def time_lost(self, tau: float, cause: int = 1) -> Estimate:
        """Restricted mean time lost to `cause` up to `tau`, with an interval on the logit scale.

        It is the area under the curve: the mean of ``max(tau - time, 0)``, 0 without the event.
        Raises ArgumentError if `tau` lies beyond the follow-up, where the area is not known.
        """
        row = self._row(cause)
        if not tau > 0:
            raise ArgumentError(f"`tau` must be above 0 (got {tau!r}).")
        if self._beyond(tau):
            raise ArgumentError(
                f"`tau` must be inside the follow-up, which ends at {self._last:g} with rows still "
                f"undecided (got {tau:g})."
            )
        rows = product_limit.influence(self.fit, _only(row, len(self.causes)))
        value, each = product_limit.restricted_mean_time_lost(rows, tau)
        error = product_limit.error(each, self.fit, self.clusters)
        width = critical(self.level, self.clusters)
        ends = intervals.of_area(value, error, upper=tau, width=width)
        return Estimate.of(self, (value, error, *ends))

    def quantile(self, p: float, cause: int = 1) -> Estimate:
        """First time at which the incidence of `cause` reaches `p`; `inf` means "not reached".

        The interval inverts the band. A plateau exactly at `p` gives its midpoint.
        """
        row = self._row(cause)
        if not 0 < p < 1:
            raise ArgumentError(f"`p` must be between 0 and 1 (got {p!r}).")
        if self.n == 0:
            return Estimate.of(self, NOTHING)
        value, low, high = (
            first_reaching(self.times, curve[row], p)
            for curve in (self.incidence, self.high, self.low)
        )
        if not np.isfinite(self.low[row]).any():
            low = high = np.nan
        return Estimate.of(self, (value, np.nan, low, high))

    def _repr_html_(self) -> str:
        head = f"<p>n = {self.n}, clustering: {self.clustering}, level {self.level:g}. "
        return head + f"{self.method}.</p>" + self.table.to_html(index=False, max_rows=12)

    def _row(self, cause: int) -> int:
        return self.causes.index(one_cause(cause, self.causes, name="cause"))

    @property
    def _last(self) -> float:
        return float(self.times[-1]) if self.n else 0.0

    def _beyond(self, time: float) -> bool:
        return self.n == 0 or (time > self._last and float(self.undecided[-1]) > DECIDED)

    def _columns(self, k: int) -> dict[str, object]:
        return {
            "cause": self.causes[k],
            "time": self.times,
            "n_at_risk": self.n_at_risk,
            "n_events": self.n_events[k],
            "n_censored": self.n_censored,
            "incidence": self.incidence[k],
            "std_error": self.std_error[k],
            "low": self.low[k],
            "high": self.high[k],
        }


def cumulative_incidence(
    time: ArrayLike,
    cause: ArrayLike,
    *,
    cluster: ArrayLike | None = None,
    level: float = 0.95,
) -> CumulativeIncidence:
    """Estimate the probability of having been decided rightly, and wrongly, by each time.

    The estimand is ``F_k(t) = P(T <= t, J = k)`` for cause 1 (right) and 2 (wrong), which compete:
    ``F_1 + F_2`` and the undecided share sum to 1. What matters most is that censoring is not
    informative: censored rooms would have gone on like those still at risk.

    Parameters
    ----------
    time : array of n numbers
        Time of the event or of the censoring, 0 or more, whole milliseconds or counts at best.
    cause : array of n integers
        0 censored, 1 right, 2 wrong.
    cluster : array of n labels, or table of two such columns, optional
        Who decided. Give it whenever an interrogator decided more than one room: without it,
        intervals are far too short. With two columns, such as the interrogator and the human
        witness, rooms that share either are taken as alike.
    level : float
        Confidence level of the pointwise intervals.

    Returns
    -------
    CumulativeIncidence
        With ``.table``, ``.at(t)``, ``.net()``, ``.time_lost(tau)``, ``.quantile(p)``. Intervals
        are NaN where a curve is still 0, and everywhere if there is only one cluster.

    Raises
    ------
    ArgumentError
        Negative or missing times, unknown causes, missing labels; the message names the rows.

    References
    ----------
    Aalen and Johansen, Scandinavian Journal of Statistics 5 (1978) 141-150; the errors are those
    of R's ``survival::survfit``, with influences summed within clusters.

    Examples
    --------
    >>> import analysis as ta
    >>> curve = ta.cumulative_incidence([1, 2, 2, 3], [1, 2, 0, 1])
    >>> [round(float(f), 3) for f in curve.incidence[0]]
    [0.25, 0.25, 0.75]
    """
    return fitted(time, cause, CAUSES, cluster=cluster, level=level)


def fitted(
    time: ArrayLike,
    cause: ArrayLike,
    causes: tuple[int, ...],
    *,
    cluster: ArrayLike | None,
    level: float,
) -> CumulativeIncidence:
    """Fit `cumulative_incidence` for any number of causes, numbered from 1."""
    level = arrays.level(level)
    when = arrays.times(time)
    n = len(when)
    codes = arrays.codes_as_given(cause, name="cause", allowed=(0, *causes), n=n)
    clusters = clustering(cluster, name="cluster", n=n)
    fit = product_limit.curves(when, codes, len(causes))
    error = _each_error(fit, clusters)
    width = critical(level, clusters)
    low, high = intervals.symmetric(
        fit.incidence, error, width=width, scale=intervals.Scale.LOG_LOG, out=fit.band[1:]
    )
    return CumulativeIncidence(
        times=fit.times.distinct,
        n_at_risk=fit.counts.at_risk,
        n_clusters_at_risk=clusters_at_risk(fit, clusters),
        n_events=fit.counts.events,
        incidence=fit.incidence,
        std_error=error,
        low=low,
        high=high,
        undecided=fit.remaining,
        causes=causes,
        n=n,
        level=level,
        method=METHOD if clusters is None else METHOD_CLUSTERED + clusters.method,
        fit=fit,
        clusters=clusters,
    )


def one_cause(cause: int, causes: tuple[int, ...] = CAUSES, *, name: str = "of") -> int:
    """Check an argument that is one of the causes."""
    if cause not in causes:
        known = " or ".join(f"{c} ({CAUSE_NAMES[c]})" for c in causes)
        raise ArgumentError(f"`{name}` must be {known} (got {cause!r}).")
    return cause


def _each_error(fit: product_limit.Curves, clusters: Clustering | None) -> Floats:
    if clusters is not None:
        return _errors(fit, np.eye(len(fit.incidence)), clusters)
    variance = product_limit.variance_of_rows(fit, out=fit.band[0])
    return np.sqrt(variance, out=variance)


def _errors(
    fit: product_limit.Curves,
    weights: Floats,
    clusters: Clustering | None,
    *,
    stretched: bool = True,
) -> Floats:
    if clusters is None:
        return np.sqrt(product_limit.variance_of_rows(fit, weights))
    of = partial(product_limit.variance_of_clusters, stretched=stretched)
    each = (product_limit.influence(fit, tuple(row)) for row in weights)
    return np.sqrt(np.stack([clusters.variance(partial(of, rows)) for rows in each]))


def clusters_at_risk(fit: product_limit.Curves, clusters: Clustering | None) -> Ints:
    """How many clusters still have a row at risk just before each time."""
    if clusters is None:
        return fit.counts.at_risk
    last = np.full(clusters.count, -1, dtype=np.int64)
    np.maximum.at(last, clusters.index, fit.times.index)
    leaving = np.bincount(last, minlength=len(fit.times.distinct))
    return np.asarray(np.cumsum(leaving[::-1])[::-1], dtype=np.int64)


def first_reaching(times: Floats, curve: Floats, p: float) -> float:
    """First time a rising curve reaches `p`, midway if it rests exactly there; `inf` if never.

    The end of a band may fall back late, where few are at risk: as in R, the time is then that of
    the value next to `p`.
    """
    reached = curve >= p - 1e-12
    if not reached.any():
        return float("inf")
    first = int(np.argmin(np.where(reached, curve, np.inf)))
    above = np.flatnonzero(curve > p + 1e-12)
    if abs(curve[first] - p) <= 1e-12 and above.size:
        return float(times[first] + times[int(above[0])]) / 2
    return float(times[first])


def _only(row: int, n_causes: int) -> tuple[float, ...]:
    return tuple(float(k == row) for k in range(n_causes))
