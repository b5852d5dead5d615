"""Bootstrap weights: how often each row is drawn when rows, or whole clusters, are resampled."""

from collections.abc import Iterator

import numpy as np

from analysis.errors import ArgumentError
from analysis.numerics.arrays import Floats, Groups, Ints


def resamples(n: int, clusters: Groups | None, *, times: int, seed: int) -> Iterator[Ints]:
    """Yield row weights `times` times; the same seed yields the same."""
    rng = np.random.default_rng(seed)
    count = n if clusters is None else clusters.count
    for _ in range(times):
        drawn = rng.integers(0, max(count, 1), count)
        weights = np.bincount(drawn, minlength=count).astype(np.int64)
        yield weights if clusters is None else weights[clusters.index]


def percentile_interval(values: Floats, level: float) -> tuple[Floats, Floats]:
    """Percentile interval along the first axis; NaN where fewer than 95 % of values exist."""
    tail = (1 - level) / 2
    known = np.isfinite(values).mean(axis=0) >= 0.95
    filled = np.where(known, values, 0.0)
    low, high = np.nanquantile(filled, [tail, 1 - tail], axis=0)
    return np.where(known, low, np.nan), np.where(known, high, np.nan)


def spread(values: Floats) -> float:
    """Standard deviation of the values that exist; NaN for fewer than two."""
    known = values[np.isfinite(values)]
    return float(known.std(ddof=1)) if len(known) > 1 else np.nan


def check_times(times: int) -> int:
    """Check a number of resamples."""
    if times < 1:
        raise ArgumentError(
            f"`n_resamples` must be at least 1 (got {times!r}); 1000 or more are advisable."
        )
    return int(times)
