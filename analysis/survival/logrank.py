"""Log-rank tests: do groups of rooms differ in when one kind of event happens?

Weighted, stratified, and for rows in clusters. Fixed-sample tests: watching one until it is
significant inflates its error.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from analysis.errors import ArgumentError
from analysis.numerics import arrays
from analysis.numerics.arrays import Codes, Floats, Groups, Ints, Times
from analysis.numerics.counting import tally
from analysis.numerics.result import Result

if TYPE_CHECKING:
    import pandas as pd


#: Where the tests of hazards are published.
SOURCE = "Fleming and Harrington, Counting Processes and Survival Analysis, 1991"


class Weights(StrEnum):
    """What a difference at one time counts."""

    LOGRANK = "logrank"  # the same at all times
    GEHAN = "gehan"  # rows at risk
    TARONE_WARE = "tarone-ware"  # their square root
    FLEMING_HARRINGTON = "fleming-harrington"  # S^rho (1 - S)^gamma, S just before


@dataclass(frozen=True, slots=True, kw_only=True)
class TestResult(Result):
    """A chi-squared test. NaN means that the data do not allow it."""

    __test__: ClassVar[bool] = False  # not a class of tests, whatever its name

    statistic: float
    df: int
    p_value: float
    method: str
    n: int
    n_clusters: int | None = None
    groups: tuple[object, ...] = ()
    sizes: Ints | None = None
    observed: Floats | None = None
    expected: Floats | None = None
    covariance: Floats | None = None  # of observed less expected
    source: str = SOURCE

    @property
    def table(self) -> "pd.DataFrame":
        """One row per group: group, n, observed and expected (weighted) events."""
        import pandas as pd

        columns = {"n": self.sizes, "observed": self.observed, "expected": self.expected}
        return pd.DataFrame({"group": pd.Series(self.groups, dtype="object"), **columns})

    def __str__(self) -> str:
        return f"chi-squared {self.statistic:.4g}, df {self.df}, p {self.p_value:.3g}"

    def _repr_html_(self) -> str:
        head = f"<p><b>{self}</b>. n = {self.n}, clustering: {self.clustering}. {self.method}.</p>"
        return head + (self.table.to_html(index=False) if self.groups else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """Rows in groups, checked: at least two groups, at least two rows in each."""

    index: Ints
    labels: tuple[object, ...]
    sizes: Ints

    @property
    def count(self) -> int:
        """How many groups there are."""
        return len(self.labels)


def logrank(
    time: ArrayLike,
    event: ArrayLike,
    group: ArrayLike,
    *,
    strata: ArrayLike | None = None,
    cluster: ArrayLike | None = None,
    weights: str = "logrank",
    rho: float = 0,
    gamma: float = 0,
) -> TestResult:
    """Test whether the hazard of one kind of event is the same in all groups at all times.

    What matters most is that groups were formed before the clock started, best by chance: rooms
    grouped by what happened in them later are not comparable.

    Parameters
    ----------
    time : array of n numbers
        Time of the event or of the censoring, 0 or more.
    event : array of n booleans or 0 and 1
        Whether the time is that of the event. To compare one of several causes, count the others
        as censored: the test is then about the cause-specific hazard.
    group : array of n labels
        At least two groups, of at least two rows each.
    strata : array of n labels, optional
        Groups are compared within strata only.
    cluster : array of n labels, optional
        Who decided. The variance is then that of the score summed within clusters, which also
        holds where a cluster's rows are all in one group. NaN with no more clusters than degrees
        of freedom.
    weights : {"logrank", "gehan", "tarone-ware", "fleming-harrington"}
        How much a difference counts at each time: equally, by rows at risk, by their square root,
        or by ``S^rho (1 - S)^gamma`` with the pooled curve just before.
    rho, gamma : float
        For ``fleming-harrington`` only; 0 or more.

    Returns
    -------
    TestResult
        With ``.statistic``, ``.df``, ``.p_value``, ``.table`` (group, n, observed, expected).

    Raises
    ------
    ArgumentError
        Bad times or codes, missing labels, fewer than two groups, one-row groups.

    References
    ----------
    Fleming and Harrington, Counting Processes and Survival Analysis, 1991, chapter 7. Without
    clusters as R's ``survdiff``, with them as the robust score test of its ``coxph`` (Breslow).

    Examples
    --------
    >>> import analysis as ta
    >>> result = ta.logrank([1, 2, 3, 4, 5, 6], [1, 1, 1, 1, 0, 1], list("aaabbb"))
    >>> round(result.statistic, 4), result.df, round(result.p_value, 4)
    (5.0517, 1, 0.0246)
    """
    kind = _weights(weights, rho, gamma)
    when = arrays.times(time)
    n = len(when)
    codes = arrays.codes_as_given(event, name="event", allowed=(0, 1), n=n)
    groups = compared(group, n)
    layers = arrays.groups(strata, name="strata", n=n)
    clusters = arrays.groups(cluster, name="cluster", n=n)
    rows = _Rows(when=when, event=codes, group=groups.index, n_groups=groups.count)
    sums = [
        _Stratum.of(rows.some(chosen), kind, rho=rho, gamma=gamma) for chosen in members(layers, n)
    ]
    observed, expected = sum(s.observed for s in sums), sum(s.expected for s in sums)
    if clusters is None:
        covariance = sum(s.covariance for s in sums)
    else:
        score = np.zeros((clusters.count, groups.count))
        for chosen, stratum in zip(members(layers, n), sums, strict=True):
            stratum.add_scores(rows.some(chosen), clusters.index[chosen], score)
        covariance = score.T @ score
    name = "Log-rank test" if kind is Weights.LOGRANK else f"Log-rank test with {kind} weights"
    return tested(
        np.asarray(observed) - expected,
        np.asarray(covariance),
        groups,
        observed=np.asarray(observed, dtype=np.float64),
        expected=np.asarray(expected),
        n_clusters=None if clusters is None else clusters.count,
        method=name + ("" if layers is None else f", {layers.count} strata"),
    )


def compared(group: ArrayLike, n: int) -> Compared:
    """Check that there are groups to compare."""
    index = arrays.groups(group, name="group", n=n)
    assert index is not None
    sizes = np.bincount(index.index, minlength=index.count)
    if (sizes == 1).any():
        single = np.flatnonzero(sizes[index.index] == 1)
        raise ArgumentError(
            "`group` must have at least 2 rows for each label (got only "
            f"{arrays.row_list(single)}). Merge these rows into another group or leave them out, "
            "and say so."
        )
    if index.count < 2:
        raise ArgumentError(f"`group` must have at least 2 different labels (got {index.count}).")
    first = arrays.first_rows(index.index, np.arange(index.count))
    labels = tuple(np.asarray(group)[first].tolist())
    return Compared(index=index.index, labels=labels, sizes=sizes)


def members(strata: Groups | None, n: int) -> Iterator[Ints | slice]:
    """The rows of each stratum; all of them at once without strata."""
    if strata is None:
        yield slice(0, n)
        return
    order = np.argsort(strata.index, kind="stable")
    ends = np.cumsum(np.bincount(strata.index, minlength=strata.count))
    yield from np.split(order, ends[:-1])


def tested(
    difference: Floats,
    covariance: Floats,
    groups: Compared,
    *,
    observed: Floats,
    expected: Floats,
    n_clusters: int | None,
    method: str,
    source: str = SOURCE,
) -> TestResult:
    """Chi-squared test that the differences, which sum to 0, are all 0."""
    informed = np.flatnonzero(expected > 0)
    df, free = max(len(informed) - 1, 0), informed[1:]
    statistic = quadratic(difference[free], covariance[free][:, free])
    if df == 0 or (n_clusters is not None and n_clusters <= df):
        statistic = np.nan
    return TestResult(
        statistic=statistic,
        df=df,
        p_value=float(special.chdtrc(df, statistic)) if np.isfinite(statistic) else np.nan,
        method=method + ("" if n_clusters is None else "; robust score variance by cluster"),
        n=int(groups.sizes.sum()),
        n_clusters=n_clusters,
        groups=groups.labels,
        sizes=groups.sizes,
        observed=observed,
        expected=expected,
        covariance=covariance,
        source=source,
    )


def quadratic(score: Floats, covariance: Floats) -> float:
    """``score' covariance^-1 score``; NaN if the covariance is singular."""
    if not score.size or not np.isfinite(covariance).all():
        return float("nan")
    if len(score) == 1:
        return float(score[0] ** 2 / covariance[0, 0]) if covariance[0, 0] > 0 else float("nan")
    spread, axes = np.linalg.eigh(covariance)
    if spread[0] <= spread[-1] * len(score) * np.finfo(np.float64).eps:
        return float("nan")
    return float(((score @ axes) ** 2 / spread).sum())


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rows:
    when: Ints | Floats
    event: Codes
    group: Ints
    n_groups: int

    def some(self, chosen: Ints | slice) -> "_Rows":
        return _Rows(
            when=self.when[chosen],
            event=self.event[chosen],
            group=self.group[chosen],
            n_groups=self.n_groups,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stratum:
    """Weighted events of each group, and what the pooled hazard would have given."""

    observed: Floats
    expected: Floats
    covariance: Floats
    times: Times
    weight: Floats
    hazard: Floats
    share: Floats  # groups x times: of the rows at risk

    @classmethod
    def of(cls, rows: _Rows, kind: Weights, *, rho: float, gamma: float) -> "_Stratum":
        tallied = tally(rows.when, rows.group * 2 + rows.event, 2 * rows.n_groups)
        events = tallied.events[0::2]
        ended = events[1:] + tallied.events[1::2]
        at_risk = np.empty(events.shape)
        at_risk[1:] = ended.sum(axis=1, keepdims=True) - np.cumsum(ended, axis=1) + ended
        n, d = tallied.remaining.astype(np.float64), events.sum(axis=0)
        np.subtract(n, at_risk[1:].sum(axis=0), out=at_risk[0])
        weight, share = (
            _weight(n, d, kind, rho=rho, gamma=gamma),
            np.divide(at_risk, n, out=at_risk),
        )
        spread = weight**2 * d * (n - d) / np.maximum(n - 1, 1)
        covariance = np.diag(share @ spread) - (share * spread) @ share.T
        return cls(
            observed=events @ weight,
            expected=share @ (weight * d),
            covariance=covariance,
            times=tallied.times,
            weight=weight,
            hazard=d / n,
            share=share,
        )

    def add_scores(self, rows: _Rows, cluster: Ints, score: Floats) -> None:
        """Add each row's score, clusters x groups: observed less expected for its own part."""
        at, k = self.times.index, rows.n_groups
        weight = np.where(rows.event == 1, self.weight[at], 0.0)
        own = weight - np.cumsum(self.weight * self.hazard)[at]
        cell = cluster * k + rows.group
        score += np.bincount(cell, weights=own, minlength=score.size).reshape(score.shape)
        pooled = np.cumsum(self.weight * self.hazard * self.share, axis=1)
        for g in range(k):
            others = pooled[g][at] - weight * self.share[g][at]
            score[:, g] += np.bincount(cluster, weights=others, minlength=len(score))


def _weight(n: Floats, d: Ints, kind: Weights, *, rho: float, gamma: float) -> Floats:
    if kind is Weights.GEHAN:
        return n
    if kind is Weights.TARONE_WARE:
        return np.sqrt(n)
    if kind is Weights.LOGRANK:
        return np.ones(len(n))
    before = np.concatenate([[1.0], np.cumprod(1 - d / n)[:-1]])
    return np.asarray(before**rho * (1 - before) ** gamma)


def _weights(weights: str, rho: float, gamma: float) -> Weights:
    kind = arrays.choice(Weights, weights, "weights")
    if not (rho >= 0 and gamma >= 0):
        raise ArgumentError(f"`rho` and `gamma` must be 0 or more (got {rho!r} and {gamma!r}).")
    if (rho or gamma) and kind is not Weights.FLEMING_HARRINGTON:
        raise ArgumentError(
            f"`rho` and `gamma` belong to fleming-harrington weights (got {rho!r} and {gamma!r} "
            f"with {kind}); choose these weights, or leave both out."
        )
    return kind
