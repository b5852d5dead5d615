"""Anytime-valid results: evidence and interval after each look, and the null they are valid for.

An e-value of ``1 / (1 - level)`` or more at any look rejects the null at that level (results call
this "refuted"), and the intervals hold at all looks simultaneously: a study may be monitored,
stopped and extended at will.
"""

import html
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from analysis.errors import ArgumentError
from analysis.numerics.arrays import Floats, Groups, Ints

if TYPE_CHECKING:
    import pandas as pd

#: Halvings of an interval for a probability: beyond these a float has no more digits.
BISECTIONS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Sequential:
    """Estimate, interval and evidence after each look; NaN ends where the method gives no interval.

    `null` is the hypothesis against which `e_value` is evidence, `not_for` what looks like it but
    for which the numbers are wrong. The interval holds under the same conditions.
    """

    looks: Ints  # observations so far, at each look
    estimate: Floats
    low: Floats
    high: Floats
    log_e_value: Floats
    measure: str
    null_value: float
    n: int
    level: float
    method: str
    clustering: str
    null: str
    not_for: str
    source: str

    @property
    def e_value(self) -> Floats:
        """Evidence against the null at each look; `inf` beyond the largest float."""
        with np.errstate(over="ignore"):
            return np.asarray(np.exp(self.log_e_value))

    @property
    def table(self) -> "pd.DataFrame":
        """One row per look: n, estimate, low, high, e_value."""
        import pandas as pd

        ends = {"low": self.low, "high": self.high}
        head = {"n": self.looks, "estimate": self.estimate}
        return pd.DataFrame({**head, **ends, "e_value": self.e_value})

    @property
    def threshold(self) -> float:
        """The e-value that refutes the null at this level."""
        return 1 / (1 - self.level)

    @property
    def refuted_at(self) -> int | None:
        """Observations at the first look that refuted the null; None if none did."""
        crossed = np.flatnonzero(self.log_e_value >= np.log(self.threshold))
        return int(self.looks[crossed[0]]) if crossed.size else None

    def running(self) -> "Sequential":
        """The same with each interval cut down to what all intervals before it allow."""
        low, high = np.fmax.accumulate(self.low), np.fmin.accumulate(self.high)
        return replace(self, low=low, high=high)

    def _repr_html_(self) -> str:
        parts = (
            f"<b>Valid for:</b> {html.escape(self.null)}.",
            f"<b>Not valid for:</b> {html.escape(self.not_for)}.",
            f"n = {self.n}, clustering: {self.clustering}, level {self.level:g}. {self.method}.",
        )
        return f"<p>{'<br>'.join(parts)}</p>" + self.table.to_html(index=False, max_rows=12)


def bisect(above: Callable[[Floats], Floats], outside: Floats, inside: Floats) -> Floats:
    """Where ``above`` changes sign between points `outside` (positive) and `inside` an interval."""
    for _ in range(BISECTIONS):
        middle = (outside + inside) / 2
        out = above(middle) > 0
        outside, inside = np.where(out, middle, outside), np.where(out, inside, middle)
    return outside


def outer_ends(
    below: Callable[[float], Floats],
    above: Callable[[float], Floats],
    *,
    grid: Floats,
    limit: float,
) -> tuple[Floats, Floats]:
    """Interval ends on a grid, rounded outwards.

    ``below(g)`` is the log evidence at each look that the value lies above `g` (falling in `g`),
    ``above(g)`` that it lies below; the interval ends at the last points refuted by `limit`.
    """
    low = np.full(len(below(float(grid[0]))), grid[0])
    high = np.full(len(low), grid[-1])
    for value in grid:
        low = np.where(below(float(value)) >= limit, value, low)
    for value in grid[::-1]:
        high = np.where(above(float(value)) >= limit, value, high)
    return low, high


def one_per_cluster(values: Floats, clusters: Groups | None) -> tuple[Floats, str]:
    """The mean of each cluster, in the order in which clusters were completed."""
    if clusters is None:
        return values, "none"
    n = np.bincount(clusters.index, minlength=clusters.count)
    total = np.bincount(clusters.index, weights=values, minlength=clusters.count)
    return (total / n)[completion(clusters)], f"one value from each of {clusters.count} clusters"


def completion(clusters: Groups) -> Ints:
    """Clusters in the order of their last rows."""
    last = np.zeros(clusters.count, dtype=np.int64)
    last[clusters.index] = np.arange(len(clusters.index))
    return np.asarray(np.argsort(last), dtype=np.int64)


def probability(value: float, name: str) -> float:
    """Check a number strictly between 0 and 1."""
    if not 0 < value < 1:
        raise ArgumentError(f"`{name}` must be between 0 and 1 (got {value!r}).")
    return float(value)


def positive(value: float, name: str) -> float:
    """Check a finite number above 0."""
    if not 0 < value < np.inf:
        raise ArgumentError(f"`{name}` must be a finite number above 0 (got {value!r}).")
    return float(value)
