"""Cohen's kappa: agreement of two coders beyond chance."""

import numpy as np
from numpy.typing import ArrayLike

from analysis.classification.codings import MISSING, read_codings
from analysis.numerics import arrays
from analysis.numerics.arrays import Floats, Ints
from analysis.numerics.clustering import METHOD as METHOD_CLUSTERED
from analysis.numerics.clustering import Clustering, clustering, critical, some, whole
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
    cluster : array of n labels, or table of two such columns, optional
        Influences are then summed within clusters: CR2 errors, t quantiles.
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
    clusters = clustering(cluster, name="cluster", n=len(read.codes))
    return kappa(read.codes[:, 0], read.codes[:, 1], clusters=clusters, level=level)


def kappa(a: Ints, b: Ints, *, clusters: Clustering | None, level: float) -> Estimate:
    """Kappa of two columns of codes, on the units that have both."""
    both = (a != MISSING) & (b != MISSING)
    a, b, n = a[both], b[both], int(both.sum())
    within = some(clusters, both)
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
    reach = error * critical(level, within)
    return Estimate(
        value=value,
        std_error=error,
        low=max(value - reach, -1.0) if reach == reach else np.nan,
        high=min(value + reach, 1.0) if reach == reach else np.nan,
        n=n,
        n_clusters=g,
        level=level,
        method=METHOD + ("" if g is None else f"; {METHOD_CLUSTERED}"),
    )


def _error(influence: Floats, clusters: Clustering | None) -> float:
    if clusters is not None:
        return whole(influence / len(influence), clusters)[0]
    error = float(np.sqrt(influence @ influence)) / len(influence)
    return error if error > 0 else np.nan
