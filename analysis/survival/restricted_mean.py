"""Restricted mean time lost: differences between groups, the effect size of the curves."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from numpy.typing import ArrayLike

from analysis.errors import ArgumentError
from analysis.numerics import arrays, columns
from analysis.numerics.arrays import Floats, Groups, Ints
from analysis.numerics.clustering import Clustering, clustering, some, together
from analysis.numerics.multiplicity import holm
from analysis.numerics.result import Result
from analysis.survival import product_limit
from analysis.survival.cumulative_incidence import CAUSES, DECIDED, one_cause

if TYPE_CHECKING:
    import pandas as pd

METHOD = "Difference of mean times lost up to tau; infinitesimal-jackknife errors, groups apart"
METHOD_CLUSTERED = (
    "Difference of mean times lost up to tau; infinitesimal-jackknife influences of both groups "
    "summed within clusters, CR2 by the clusters' shares of each group's rows, t quantiles with "
    "Satterthwaite degrees of freedom"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class LostTimeDifferences(Result):
    """Restricted mean time lost in `first` less that in `second`, one row per pair of groups."""

    source: ClassVar[str] = "Andersen, Statistics in Medicine 32 (2013) 5278-5285"
    first: tuple[object, ...]
    second: tuple[object, ...]
    n: Ints
    n_clusters: Ints | None
    value: Floats
    std_error: Floats
    low: Floats
    high: Floats
    p_value: Floats
    tau: float
    of: int
    level: float
    method: str

    @property
    def table(self) -> "pd.DataFrame":
        """One row per pair; p_holm is adjusted for the number of pairs."""
        import pandas as pd

        known = np.isfinite(self.p_value)
        adjusted = np.full(len(known), np.nan)
        adjusted[known] = holm(self.p_value[known])
        shown: dict[str, object] = {
            "first": pd.Series(self.first, dtype="object"),
            "second": pd.Series(self.second, dtype="object"),
            "n": self.n,
        }
        if self.n_clusters is not None:
            shown["n_clusters"] = self.n_clusters
        shown |= {"difference": self.value, "std_error": self.std_error}
        shown |= {"low": self.low, "high": self.high, "p_value": self.p_value, "p_holm": adjusted}
        return pd.DataFrame(shown)

    def _repr_html_(self) -> str:
        head = f"<p>Cause {self.of}, tau {self.tau:g}, level {self.level:g}. {self.method}.</p>"
        return head + self.table.to_html(index=False)


def time_lost_differences(
    time: ArrayLike,
    cause: ArrayLike,
    group: ArrayLike,
    *,
    tau: float,
    of: int = 1,
    cluster: ArrayLike | None = None,
    level: float = 0.95,
) -> LostTimeDifferences:
    """Compare the restricted mean time lost to one cause between all pairs of groups.

    The estimand is the difference of the areas under two incidence curves up to `tau`. It needs
    no proportional hazards. What matters most is that `tau` was fixed in advance and lies inside
    the follow-up of every group.

    Parameters
    ----------
    time : array of n numbers
    cause : array of n integers
        0 censored, 1 right, 2 wrong.
    group : array of n labels
    tau : float
        Horizon, in the unit of the times.
    of : {1, 2}
        The cause.
    cluster : array of n labels, or table of two such columns, optional
        Who decided; the same people may be in several groups. See `cumulative_incidence`.
    level : float
        Confidence level of each interval by itself.

    Returns
    -------
    LostTimeDifferences
        With ``.table`` (first, second, n, difference, std_error, low, high, p_value, p_holm).

    Raises
    ------
    ArgumentError
        Fewer than two groups, or a group whose follow-up ends before `tau`.

    Examples
    --------
    >>> import analysis as ta
    >>> time, cause = [1, 2, 3, 4, 1, 3, 4, 4], [1, 1, 2, 0, 2, 1, 0, 0]
    >>> found = ta.time_lost_differences(time, cause, list("aaaabbbb"), tau=4)
    >>> found.first, found.second, found.value.round(3).tolist()
    (('a',), ('b',), [1.0])
    """
    level = arrays.level(level)
    when = arrays.times(time)
    n = len(when)
    codes = arrays.codes(cause, name="cause", allowed=(0, *CAUSES), n=n)
    one_cause(of)
    if not tau > 0:
        raise ArgumentError(f"`tau` must be above 0 (got {tau!r}).")
    groups = arrays.groups(group, name="group", n=n)
    clusters = clustering(cluster, name="cluster", n=n)
    assert groups is not None
    if groups.count < 2:
        raise ArgumentError(f"`group` must have at least 2 different labels (got {groups.count}).")
    labels = list(dict.fromkeys(np.asarray(group).astype(object)))
    parts = [
        _part(when, codes, groups.index == k, name=labels[k], of=(of, tau))
        for k in range(groups.count)
    ]
    return _compared(parts, labels, clusters, tau=tau, of=of, level=level)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """One group: the mean time lost, and its rows' influences at their places among all rows."""

    value: float
    influence: Floats
    chosen: np.ndarray[tuple[int], np.dtype[np.bool_]]


def _part(
    when: Ints | Floats,
    codes: Ints,
    chosen: np.ndarray[tuple[int], np.dtype[np.bool_]],
    *,
    name: object,
    of: tuple[int, float],
) -> _Part:
    cause, tau = of
    fit = product_limit.curves(when[chosen], codes[chosen], len(CAUSES))
    if tau > fit.times.distinct[-1] and fit.remaining[-1] > DECIDED:
        raise ArgumentError(
            f"`tau` must be inside the follow-up of every group; that of {name} ends at "
            f"{fit.times.distinct[-1]:g} with rows still undecided (got {tau:g})."
        )
    rows = product_limit.influence(fit, tuple(float(k == cause) for k in CAUSES))
    value, each = product_limit.restricted_mean_time_lost(rows, tau)
    influence = np.zeros(len(when))
    influence[chosen] = each[fit.codes, fit.times.index]
    return _Part(value=value, influence=influence, chosen=chosen)


def _compared(
    parts: Sequence[_Part],
    labels: Sequence[object],
    clusters: Clustering | None,
    *,
    tau: float,
    of: int,
    level: float,
) -> LostTimeDifferences:
    pairs = list(combinations(range(len(parts)), 2))
    value = np.array([parts[a].value - parts[b].value for a, b in pairs])
    error, df, people = (np.empty(len(pairs)) for _ in range(3))
    for row, (a, b) in enumerate(pairs):
        error[row], df[row], people[row] = _error(parts[a], parts[b], clusters)
    known = (error > 0) & (df > 0)
    error = np.where(known, error, np.nan)
    df = np.where(known, df, 1.0)
    reach = error * columns.quantile(level, df)
    return LostTimeDifferences(
        first=tuple(labels[a] for a, _ in pairs),
        second=tuple(labels[b] for _, b in pairs),
        n=np.array([int((parts[a].chosen | parts[b].chosen).sum()) for a, b in pairs]),
        n_clusters=None if clusters is None else people.astype(np.int64),
        value=value,
        std_error=error,
        low=np.maximum(value - reach, -tau),
        high=np.minimum(value + reach, tau),
        p_value=columns.two_sided(value / error, df),
        tau=float(tau),
        of=of,
        level=level,
        method=METHOD if clusters is None else METHOD_CLUSTERED + clusters.method,
    )


def _error(a: _Part, b: _Part, clusters: Clustering | None) -> tuple[float, float, float]:
    """Standard error of a difference, its degrees of freedom, and the clusters behind it."""
    difference = a.influence - b.influence
    if clusters is None:
        return float(np.sqrt(difference @ difference)), np.inf, np.nan
    chosen = a.chosen | b.chosen
    within = some(clusters, chosen)
    assert within is not None
    side = Groups(index=b.chosen[chosen].astype(np.int64), count=2)
    return *together(difference[chosen], side, within), float(within.count)
