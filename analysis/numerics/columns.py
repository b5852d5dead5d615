"""Checks columns of numbers, averages them with a clustered error, and reads Student's t.

The companion of `arrays`, which checks times, codes and labels. Every refusal names the rows.
"""

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from analysis.numerics import arrays, intervals
from analysis.numerics.arrays import Floats
from analysis.numerics.clustering import Clustering, whole
from analysis.numerics.estimate import Estimate


def numbers(
    values: ArrayLike,
    *,
    name: str,
    n: int | None = None,
    low: float = -np.inf,
    high: float = np.inf,
) -> Floats:
    """Check a column of finite numbers within bounds."""
    rows = np.size(np.asarray(values)) if n is None else n
    given = arrays.numbers(values, name=name, n=rows)
    arrays.refuse((given < low) | (given > high), values, name=name, expected=_range(low, high))
    return given


def mean(
    values: Floats, clusters: Clustering | None, *, level: float, method: str, bounded: bool = False
) -> Estimate:
    """Average with an interval of Student's t, on clusters if there are any.

    It is plain, or on the logit scale where values are `bounded` by 0 and 1.
    """
    n = len(values)
    value = float(values.mean()) if n else np.nan
    error, df = error_of_mean(values - value, clusters)
    width = float(quantile(level, np.array([df]))[0]) if df > 0 else np.nan
    if bounded:
        low, high = intervals.of_area(value, error, upper=1.0, width=width)
    else:
        low, high = value - error * width, value + error * width
    return Estimate(
        value=value,
        std_error=error,
        low=low,
        high=high,
        n=n,
        n_clusters=None if clusters is None else clusters.count,
        level=level,
        method=method,
    )


def error_of_mean(residuals: Floats, clusters: Clustering | None) -> tuple[float, float]:
    """Standard error of a mean, NaN where it is not known, and its degrees of freedom.

    Without clusters every row is its own.
    """
    n = len(residuals)
    if clusters is not None:
        return whole(residuals / max(n, 1), clusters)
    if n < 2:
        return np.nan, 0.0
    error = float(np.sqrt(residuals @ residuals / (n - 1) / n))
    # Residuals that are all 0 do not estimate a spread.
    return (error if error > 0 else np.nan), n - 1.0


def quantile(level: float, df: Floats) -> Floats:
    """Two-sided quantiles of Student's t; infinite degrees of freedom are normal."""
    tail = 0.5 + level / 2
    normal = np.isinf(df)
    student = special.stdtrit(np.where(normal, 1.0, df), tail)
    return np.asarray(np.where(normal, special.ndtri(tail), student))


def two_sided(statistic: Floats, df: Floats) -> Floats:
    """Two-sided p-values of Student's t; infinite degrees of freedom are normal."""
    far, normal = -np.abs(statistic), np.isinf(df)
    student = special.stdtr(np.where(normal, 1.0, df), far)
    return np.asarray(2 * np.where(normal, special.ndtr(far), student))


def _range(low: float, high: float) -> str:
    if np.isfinite(low) and np.isfinite(high):
        return f"a number from {low:g} to {high:g}"
    return f"{low:g} or more"
