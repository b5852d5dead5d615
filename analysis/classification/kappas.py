"""Cohen's kappa: agreement of two coders beyond chance."""

import numpy as np
from numpy.typing import ArrayLike

from analysis.classification.codings import MISSING, read_codings
from analysis.numerics import arrays, columns, intervals
from analysis.numerics.arrays import Floats, Groups, Ints
from analysis.numerics.estimate import Estimate

METHOD = "Cohen's kappa; delta-method error (Fleiss, Cohen and Everitt); plain interval"


def cohen_kappa(
    first: ArrayLike,
    second: ArrayLike,
    *,
    cluster: ArrayLike | None = None,
    level: float = 0.95,
) -> Estimate:
    """Cohen's kappa of two coders, on the units that both coded.

    Parameters
    ----------
    first, second : arrays of n labels
        None, NaN and the empty text mean that the coder skipped the unit.
    cluster : array of n labels, optional
        Errors are then summed within clusters, with G/(G-1) and t quantiles.
    level : float
        Confidence level.

    References
    ----------
    Fleiss, Cohen and Everitt, Psychological Bulletin 72 (1969) 323-327.

    Examples
    --------
    >>> import analysis as ta
    >>> round(ta.cohen_kappa(list("aabb"), list("abbb")).value, 3)
    0.5
    """
    level = arrays.level(level)
    read = read_codings({"first": first, "second": second})
    clusters = arrays.groups(cluster, name="cluster", n=len(read.codes))
    return kappa(read.codes[:, 0], read.codes[:, 1], clusters=clusters, level=level)


def kappa(a: Ints, b: Ints, *, clusters: Groups | None, level: float) -> Estimate:
    """Kappa of two columns of codes, on the units that have both."""
    both = (a != MISSING) & (b != MISSING)
    a, b, n = a[both], b[both], int(both.sum())
    within = None if clusters is None else _renumbered(clusters.index[both])
    count = int(max(a.max(initial=0), b.max(initial=0))) + 1
    rows = np.bincount(a, minlength=count) / max(n, 1)
    cols = np.bincount(b, minlength=count) / max(n, 1)
    same, chance = float((a == b).mean()) if n else np.nan, float(rows @ cols)
    if n == 0 or chance == 1:
        value = error = np.nan
    else:
        value = (same - chance) / (1 - chance)
        moved = cols[a] + rows[b] - 2 * chance
        influence = ((a == b) - same) / (1 - chance) - (1 - same) / (1 - chance) ** 2 * moved
        error = _error(influence, within)
    g = None if within is None else within.count
    reach = error * intervals.critical(level, g)
    return Estimate(
        value=value,
        std_error=error,
        low=max(value - reach, -1.0) if reach == reach else np.nan,
        high=min(value + reach, 1.0) if reach == reach else np.nan,
        n=n,
        n_clusters=g,
        level=level,
        method=METHOD + ("" if g is None else ", errors summed within clusters"),
    )


def _error(influence: Floats, clusters: Groups | None) -> float:
    if clusters is not None:
        return columns.clustered_error(influence, clusters)
    error = float(np.sqrt(influence @ influence)) / len(influence)
    return error if error > 0 else np.nan


def _renumbered(index: Ints) -> Groups:
    known, numbers = np.unique(index, return_inverse=True)
    return Groups(index=numbers.astype(np.int64), count=len(known))
