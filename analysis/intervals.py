"""Interval formulas, vectorised: what goes in is already checked, too little data comes out NaN."""

from collections.abc import Callable
from enum import StrEnum

import numpy as np
from scipy import special

from analysis.arrays import Floats
from analysis.blocks import blocks


class Scale(StrEnum):
    """The scale on which an interval for a probability is symmetric."""

    LOG_LOG = "log-log"
    LOG = "log"
    PLAIN = "plain"
    LOGIT = "logit"


def critical(level: float, n_clusters: int | None = None) -> float:
    """Two-sided normal quantile; Student's t with G - 1 degrees of freedom for G clusters."""
    tail = 0.5 + level / 2
    if n_clusters is None:
        return float(special.ndtri(tail))
    return float(special.stdtrit(n_clusters - 1, tail)) if n_clusters > 1 else np.nan


def cluster_factor(n_clusters: int) -> float:
    """G / (G - 1), the small-sample factor of a clustered variance; NaN for one cluster."""
    return n_clusters / (n_clusters - 1) if n_clusters > 1 else np.nan


def symmetric(
    p: Floats, error: Floats, *, width: float | Floats, scale: Scale
) -> tuple[Floats, Floats]:
    """Interval for probabilities `p` with standard errors, symmetric on `scale`."""
    low, high = np.empty(p.shape), np.empty(p.shape)
    for part in blocks(p.shape[-1]):
        near, spread = p[..., part], error[..., part]
        reach = spread * (width if np.ndim(width) == 0 else np.asarray(width)[..., part])
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            ends = _SCALES[scale](near, reach)
        known = np.isfinite(ends[0]) & np.isfinite(ends[1]) & (spread > 0)
        if not known.all():
            ends[0][~known] = ends[1][~known] = np.nan
        low[..., part], high[..., part] = ends
    return low, high


def wilson(successes: Floats, n: Floats, level: float) -> tuple[Floats, Floats]:
    """Wilson's score interval (1927) for independent trials."""
    z = critical(level)
    with np.errstate(divide="ignore", invalid="ignore"):
        p = successes / n
        centre = (p + z * z / (2 * n)) / (1 + z * z / n)
        half = z / (1 + z * z / n) * np.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
        low = np.where(successes == 0, 0.0, centre - half)
        high = np.where(successes == n, 1.0, centre + half)
    return np.where(n > 0, low, np.nan), np.where(n > 0, high, np.nan)


def jeffreys(successes: Floats, n: Floats, level: float) -> tuple[Floats, Floats]:
    """Equal-tailed Jeffreys interval, with 0 and 1 as ends where nobody or everybody succeeded."""
    a, b, tail = successes + 0.5, n - successes + 0.5, (1 - level) / 2
    low = np.where(successes == 0, 0.0, special.betaincinv(a, b, tail))
    high = np.where(successes == n, 1.0, special.betaincinv(a, b, 1 - tail))
    return np.where(n > 0, low, np.nan), np.where(n > 0, high, np.nan)


def _log_log(p: Floats, reach: Floats) -> tuple[Floats, Floats]:
    log = np.asarray(np.log(p))
    spread = reach / p
    spread /= -log
    np.exp(spread, out=spread)
    low, high = log * spread, np.divide(log, spread, out=log)
    return np.exp(low, out=low), np.exp(high, out=high)


def _log(p: Floats, reach: Floats) -> tuple[Floats, Floats]:
    return p * np.exp(-reach / p), np.minimum(p * np.exp(reach / p), 1.0)


def _plain(p: Floats, reach: Floats) -> tuple[Floats, Floats]:
    return np.maximum(p - reach, 0.0), np.minimum(p + reach, 1.0)


def _logit(p: Floats, reach: Floats) -> tuple[Floats, Floats]:
    spread = np.exp(reach / (p * (1 - p)))
    odds = p / (1 - p)
    return odds / spread / (1 + odds / spread), odds * spread / (1 + odds * spread)


_SCALES: dict[Scale, Callable[[Floats, Floats], tuple[Floats, Floats]]] = {
    Scale.LOG_LOG: _log_log,
    Scale.LOG: _log,
    Scale.PLAIN: _plain,
    Scale.LOGIT: _logit,
}
