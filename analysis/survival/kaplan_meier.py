"""Kaplan-Meier: the share without the event, where no other event competes."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from numpy.typing import ArrayLike

from analysis.errors import ArgumentError
from analysis.numerics import arrays, intervals, risk_sets
from analysis.numerics.arrays import Floats, Ints
from analysis.numerics.clustering import METHOD, clustering, critical
from analysis.numerics.counting import leaving
from analysis.numerics.estimate import NOTHING, Estimate
from analysis.numerics.result import Result
from analysis.survival import greenwood
from analysis.survival.cumulative_incidence import DECIDED, first_reaching

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True, kw_only=True)
class Survival(Result):
    """The share still without the event after each distinct time."""

    source: ClassVar[str] = "Kaplan and Meier, JASA 53 (1958) 457-481"
    times: Floats
    n_at_risk: Ints
    n_events: Ints
    survival: Floats
    std_error: Floats
    low: Floats
    high: Floats
    n: int
    level: float
    method: str
    fit: greenwood.Cohort

    @property
    def n_censored(self) -> Ints:
        """Rows censored at each time."""
        return leaving(self.fit.remaining) - self.n_events

    @property
    def n_clusters(self) -> int | None:
        """Number of clusters, or None without clustering."""
        return None if self.fit.clusters is None else self.fit.clusters.count

    @property
    def df(self) -> float:
        """Degrees of freedom of the intervals; infinite (normal) without clusters."""
        return np.inf if self.fit.clusters is None else self.fit.clusters.df

    @property
    def sandwich(self) -> Floats:
        """Clustered errors without any small-sample correction, as other software prints them."""
        return greenwood.curve_error(self.fit, stretched=False)

    @property
    def table(self) -> "pd.DataFrame":
        """Columns time, n_at_risk, n_events, n_censored, survival, std_error, low, high."""
        import pandas as pd

        return pd.DataFrame(
            {
                "time": self.times,
                "n_at_risk": self.n_at_risk,
                "n_events": self.n_events,
                "n_censored": self.n_censored,
                "survival": self.survival,
                "std_error": self.std_error,
                "low": self.low,
                "high": self.high,
            }
        )

    def quantile(self, p: float) -> Estimate:
        """First time at which a share `p` has had the event; `inf` means "not reached"."""
        if not 0 < p < 1:
            raise ArgumentError(f"`p` must be between 0 and 1 (got {p!r}).")
        if self.n == 0:
            return Estimate.of(self, NOTHING)
        value, low, high = (
            first_reaching(self.times, 1 - curve, p)
            for curve in (self.survival, self.low, self.high)
        )
        return Estimate.of(self, (value, np.nan, low, high))

    def restricted_mean(self, tau: float) -> Estimate:
        """Mean time without the event up to `tau`, with an interval on the logit scale."""
        last = float(self.times[-1]) if self.n else 0.0
        if self.n == 0 or not tau > 0 or (tau > last and float(self.survival[-1]) > DECIDED):
            raise ArgumentError(
                f"`tau` must be above 0 and inside the follow-up, which ends at {last:g} "
                f"(got {tau!r})."
            )
        value, error = greenwood.area(self.fit, tau)
        width = critical(self.level, self.fit.clusters)
        ends = intervals.of_area(value, error, upper=tau, width=width)
        return Estimate.of(self, (value, error, *ends))

    def _repr_html_(self) -> str:
        return f"<p>n = {self.n}. {self.method}.</p>" + self.table.to_html(index=False, max_rows=12)


def kaplan_meier(
    time: ArrayLike,
    event: ArrayLike,
    *,
    entry: ArrayLike | None = None,
    cluster: ArrayLike | None = None,
    level: float = 0.95,
    interval: str = "log-log",
) -> Survival:
    """Estimate the probability of being without the event after each time.

    One minus this curve is *not* the probability of detection when false accusations are
    censored: it overstates it. Use `cumulative_incidence` for that.

    Parameters
    ----------
    time : array of n numbers
        Time of the event or of the censoring, 0 or more.
    event : array of n booleans or 0 and 1
        Whether the time is that of the event.
    entry : array of n numbers, optional
        When a row came under observation, if that was after the start of its clock: it is at risk
        in ``(entry, time]``. Where few are at risk early, the curve may fall to 0 and stay there.
    cluster : array of n labels, or table of two such columns, optional
        Influences are then summed within clusters: CR2 errors, t quantiles. See
        `cumulative_incidence`.
    level : float
        Confidence level of the pointwise intervals.
    interval : {"log-log", "log", "plain", "logit"}
        Scale on which the interval is symmetric.

    Raises
    ------
    ArgumentError
        Negative or missing times, an entry not before its time, unknown codes; the message names
        the rows.

    Notes
    -----
    The error is Greenwood's. Whole-number times are compared exactly. Other times that differ by
    less than 1.5e-8, absolutely or relative to their mean, are one time, as in R's ``survfit``.

    Examples
    --------
    >>> import analysis as ta
    >>> [round(float(s), 3) for s in ta.kaplan_meier([1, 2, 3], [1, 0, 1]).survival]
    [0.667, 0.667, 0.0]
    """
    level = arrays.level(level)
    scale = arrays.choice(intervals.Scale, interval, "interval")
    spans = risk_sets.spans(entry, time, names=("entry", "time"))
    n = len(spans.stop)
    codes = arrays.codes_as_given(event, name="event", allowed=(0, 1), n=n)
    clusters = clustering(cluster, name="cluster", n=n)
    fit = greenwood.cohort(spans, codes, clusters)
    error = greenwood.curve_error(fit)
    width = critical(level, clusters)
    low, high = intervals.symmetric(fit.survival, error, width=width, scale=scale, out=fit.band)
    return Survival(
        times=fit.times,
        n_at_risk=fit.at_risk,
        n_events=fit.events,
        survival=fit.survival,
        std_error=error,
        low=low,
        high=high,
        n=n,
        level=level,
        method=_method(scale, late=entry is not None, clustered=clusters is not None),
        fit=fit,
    )


def _method(scale: intervals.Scale, *, late: bool, clustered: bool) -> str:
    start = "Kaplan-Meier; left-truncated" if late else "Kaplan-Meier"
    return f"{start}; {scale} interval" + (f"; {METHOD}" if clustered else "")
