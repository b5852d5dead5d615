"""Errors of sums of influences whose rows come in clusters of any sizes, one way or two.

An estimate is, to first order, a sum of influences. What a cluster adds is measured from a mean to
which it has contributed itself, the more so the larger it is: with the share `h` of the rows, its
sum of residuals keeps only ``1 - h`` of its variance if rows are independent and alike (the working
model). CR2 gives that back, so that the variance is unbiased there; for clusters of one size it is
the factor G/(G-1). Degrees of freedom are Satterthwaite's under the same model: G - 1 for clusters
of one size, fewer the more unequal they are.

Two ways are combined after Cameron, Gelbach and Miller: the variances of both less that of their
intersection, but never less than either alone, with the fewer of the two degrees of freedom.

Sources: Bell and McCaffrey, Survey Methodology 28 (2002) 169-181; Imbens and Kolesar, Review of
Economics and Statistics 98 (2016) 701-712; Cameron, Gelbach and Miller, Journal of Business and
Economic Statistics 29 (2011) 238-249; MacKinnon, Nielsen and Webb, Econometrics and Statistics
(2024), for the larger of the three variances.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from analysis.errors import ArgumentError
from analysis.numerics import arrays
from analysis.numerics.arrays import Floats, Groups, Ints

#: How the errors were made, for the methods of results.
METHOD = "CR2 errors by cluster, t quantiles with Satterthwaite degrees of freedom"

#: Less of a cluster's variance than this is what rounding leaves of none.
SETTLED = 1e-12


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One way in which rows are grouped."""

    groups: Groups
    stretch: Floats  # of each cluster's sum of influences on something estimated from all rows
    df: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Clustering:
    """The ways in which rows are grouped: one; or two, and at last their intersection."""

    ways: tuple[Way, ...]

    @property
    def count(self) -> int:
        """Clusters of the first way."""
        return self.ways[0].groups.count

    @property
    def index(self) -> Ints:
        """Cluster of each row, the first way."""
        return self.ways[0].groups.index

    @property
    def df(self) -> float:
        """Degrees of freedom of an estimate from all rows; 0 with fewer than two clusters."""
        return min(way.df for way in self.ways[:2])

    @property
    def effective(self) -> float:
        """Clusters of one size that those of the first way are worth."""
        groups = self.ways[0].groups
        return effective(np.bincount(groups.index, minlength=groups.count))

    @property
    def crossed(self) -> bool:
        """Whether rows are grouped in two ways."""
        return len(self.ways) > 1

    @property
    def method(self) -> str:
        """What is to be added to the method of an estimate."""
        return "; two ways combined after Cameron, Gelbach and Miller" if self.crossed else ""

    def variance(self, of: Callable[[Way], Floats]) -> Floats:
        """Combine the variances of the ways; NaN where a cluster is alone."""
        found = combined([of(way) for way in self.ways])
        return found if self.df > 0 else np.full_like(found, np.nan)


@dataclass(frozen=True, slots=True, kw_only=True)
class Spreads:
    """Standard errors of estimates, one per group of rows; NaN where the spread is not known."""

    n_clusters: Ints
    n_effective: Floats  # clusters of one size that these are worth
    error: Floats
    df: Floats


def clustering(values: ArrayLike | None, *, name: str, n: int) -> Clustering | None:
    """Number the clusters of one column of labels, or of a table of two; None stays None."""
    if values is None:
        return None
    given = np.asarray(values)
    if given.ndim != 2:
        groups = arrays.groups(values, name=name, n=n)
        assert groups is not None
        return Clustering(ways=(_way(groups),))
    if given.shape[1] != 2:
        raise ArgumentError(
            f"`{name}` must be one column of labels, or two (got {given.shape[1]} columns)."
        )
    both = [arrays.groups(column, name=name, n=n) for column in given.T]
    first, second = both
    assert first is not None and second is not None
    return Clustering(ways=(_way(first), _way(second), _way(_intersection(first, second))))


def without_way(clusters: Clustering | None) -> Groups | None:
    """The groups of the first way, for what knows one way only."""
    return None if clusters is None else clusters.ways[0].groups


def some(clusters: Clustering | None, chosen: ArrayLike) -> Clustering | None:
    """The clusters of some of the rows."""
    if clusters is None:
        return None
    return Clustering(ways=tuple(_way(_renumbered(way.groups, chosen)) for way in clusters.ways))


def weighted(clusters: Clustering | None, weight: Floats) -> Clustering | None:
    """The same clusters with shares of `weight`, which is of each row, in place of their rows'."""
    if clusters is None or not weight.any():
        return clusters
    return Clustering(ways=tuple(_way(way.groups, weight) for way in clusters.ways))


def effective(size: Ints | Floats) -> float:
    """Equally large clusters that these are worth: the number of rows squared, by the sum of
    squared sizes (Kish); the number of clusters if all are of one size, and 0 for no rows."""
    given = np.asarray(size, dtype=np.float64)
    squares = float(given @ given)
    return float(given.sum()) ** 2 / squares if squares > 0 else 0.0


def effective_of(labels: ArrayLike) -> float:
    """The same, from the label of each row."""
    return effective(np.unique(np.asarray(labels).astype(str), return_counts=True)[1])


def critical(level: float, clusters: Clustering | None) -> float:
    """Two-sided quantile: normal without clusters, else Student's t; NaN with one cluster."""
    tail = 0.5 + level / 2
    if clusters is None:
        return float(special.ndtri(tail))
    return float(special.stdtrit(clusters.df, tail)) if clusters.df > 0 else np.nan


def combined(variances: list[Floats]) -> Floats:
    """The variance of one way, or of two less their intersection; at least that of either."""
    if len(variances) == 1:
        return variances[0]
    first, second, shared = variances
    return np.maximum(first + second - shared, np.maximum(first, second))


def each(influence: Floats, labels: Groups, clusters: Clustering) -> Spreads:
    """Errors of one estimate per group of rows, from influences that sum to 0 in each group."""
    tables = [_table(influence, labels, way.groups) for way in clusters.ways]
    variance = combined([((t.stretch * t.sums) ** 2).sum(axis=1) for t in tables])
    df = np.min([_each_df(t.share) for t in tables[:2]], axis=0)
    return _known(tables[0].share, variance, df)


def whole(influence: Floats, clusters: Clustering) -> tuple[float, float]:
    """Error and degrees of freedom of one estimate from all rows."""
    found = each(influence, _one(len(influence)), clusters)
    return float(found.error[0]), float(found.df[0])


def together(influence: Floats, labels: Groups, clusters: Clustering) -> tuple[float, float]:
    """Error and degrees of freedom of one estimate that is a sum over groups of rows.

    Each group has been centred by itself, as both shares in a difference of two have; a cluster may
    have rows in several.
    """
    tables = [_table(influence, labels, way.groups) for way in clusters.ways]
    sums = [(t.stretch * t.sums).sum(axis=0) for t in tables]
    variance = combined([np.array([total @ total]) for total in sums])
    own = np.bincount(labels.index, weights=influence**2, minlength=labels.count).astype(float)
    df = np.array([min(_shared_df(t.share, own) for t in tables[:2])])
    found = _known(tables[0].share.mean(axis=0, keepdims=True), variance, df)
    return float(found.error[0]), float(found.df[0])


@dataclass(frozen=True, slots=True, kw_only=True)
class _Table:
    """Groups of rows x clusters: share of the group's rows, stretch, sum of influences."""

    share: Floats
    stretch: Floats
    sums: Floats


def _table(influence: Floats, labels: Groups, groups: Groups) -> _Table:
    shape = (labels.count, groups.count)
    cell = labels.index * groups.count + groups.index
    size = np.bincount(cell, minlength=shape[0] * shape[1]).reshape(shape)
    sums = np.bincount(cell, weights=influence, minlength=shape[0] * shape[1])
    share = size / np.maximum(size.sum(axis=1, keepdims=True), 1)
    return _Table(share=share, stretch=_stretch(share), sums=sums.reshape(shape).astype(float))


def _way(groups: Groups, weight: Floats | None = None) -> Way:
    size = np.bincount(groups.index, weights=weight, minlength=groups.count)
    share = size / max(float(size.sum()), SETTLED)
    return Way(groups=groups, stretch=_stretch(share), df=float(_each_df(share[None])[0]))


def _stretch(share: Floats) -> Floats:
    """What gives a sum of residuals its working variance back; a cluster alone has none."""
    left = 1 - share
    return np.asarray(np.where(left > SETTLED, np.maximum(left, SETTLED) ** -0.5, 0.0))


def _each_df(share: Floats) -> Floats:
    """``(tr P)^2 / tr P^2`` with ``P_gg = h_g``, ``P_gk = -h_g h_k / root((1-h_g)(1-h_k))``."""
    alone = (share > 1 - SETTLED).any(axis=1)
    off = share**2 / np.maximum(1 - share, SETTLED)
    total = (share**2).sum(axis=1) + off.sum(axis=1) ** 2 - (off**2).sum(axis=1)
    known = ~alone & (total > 0)
    return np.asarray(np.divide(1.0, total, where=known, out=np.zeros(len(share))))


def _shared_df(share: Floats, own: Floats) -> float:
    """The same where each cluster's part is a sum over groups with variances `own`."""
    if (share > 1 - SETTLED).any() or not own.any():
        return 0.0
    weight, stretch = own[:, None] / own.sum(), _stretch(share)
    alone, pulled = (weight * stretch**2 * share).sum(axis=0), np.sqrt(weight) * stretch * share
    trace = float((alone - (pulled**2).sum(axis=0)).sum())
    inner = pulled @ pulled.T
    square = alone @ alone - 2 * float((alone * pulled**2).sum()) + float((inner * inner).sum())
    return trace**2 / float(square)


def _known(share: Floats, variance: Floats, df: Floats) -> Spreads:
    # Residuals that are all 0 do not estimate a spread.
    known = (variance > 0) & (df > 0)
    error = np.sqrt(variance, where=known, out=np.full(len(df), np.nan))
    return Spreads(
        n_clusters=(share > 0).sum(axis=1),
        n_effective=np.array([effective(row) for row in share]),
        error=error,
        df=df,
    )


def _one(n: int) -> Groups:
    return Groups(index=np.zeros(n, dtype=np.int64), count=1)


def _intersection(first: Groups, second: Groups) -> Groups:
    return _numbered(first.index * second.count + second.index)


def _renumbered(groups: Groups, chosen: ArrayLike) -> Groups:
    return _numbered(groups.index[np.asarray(chosen)])


def _numbered(labels: Ints) -> Groups:
    seen, index = np.unique(labels, return_inverse=True)
    return Groups(index=index.astype(np.int64), count=len(seen))
