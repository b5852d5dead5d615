"""Interval formulas, vectorised: what goes in is already checked, too little data comes out NaN."""

from collections.abc import Callable
from enum import StrEnum

import numpy as np
from scipy import special

from analysis.numerics.arrays import Floats
from analysis.numerics.blocks import blocks


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
    p: Floats, error: Floats, *, width: float | Floats, scale: Scale, out: Floats | None = None
) -> Floats:
    """Low and high ends for probabilities `p` with standard errors, symmetric on `scale`."""
    ends, formula = np.empty((2, *p.shape)) if out is None else out, _SCALES[scale]
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        for part in blocks(p.shape[-1]):
            here, spread = ends[..., part], error[..., part]
            reach = spread * (width[..., part] if isinstance(width, np.ndarray) else width)
            formula(p[..., part], reach, here)
            if not np.logical_and.reduce(spread, axis=None):
                here[:, spread == 0] = np.nan
    return ends


def of_area(value: float, error: float, *, upper: float, width: float) -> tuple[float, float]:
    """Interval for an area under a curve of probabilities, from 0 to `most`, on the logit scale."""
    share, spread = np.array([value / upper]), np.array([error / upper])
    low, high = symmetric(share, spread, width=width, scale=Scale.LOGIT)
    return float(low[0] * upper), float(high[0] * upper)


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


# Each writes both ends for `p` into `ends`, and uses `reach` up. Where the error is 0 they may be
# anything.


def _log_log(p: Floats, reach: Floats, ends: Floats) -> None:
    log = np.log(p)
    reach /= p
    reach /= log
    np.exp(reach, out=reach)
    np.divide(log, reach, out=ends[0])
    np.multiply(log, reach, out=ends[1])
    np.exp(ends, out=ends)


def _log(p: Floats, reach: Floats, ends: Floats) -> None:
    reach /= p
    np.multiply(p, np.exp(-reach), out=ends[0])
    np.minimum(p * np.exp(reach), 1.0, out=ends[1])


def _plain(p: Floats, reach: Floats, ends: Floats) -> None:
    np.maximum(p - reach, 0.0, out=ends[0])
    np.minimum(p + reach, 1.0, out=ends[1])


def _logit(p: Floats, reach: Floats, ends: Floats) -> None:
    odds = special.logit(p)
    reach /= p * (1 - p)
    special.expit(odds - reach, out=ends[0])
    special.expit(odds + reach, out=ends[1])


_SCALES: dict[Scale, Callable[[Floats, Floats, Floats], None]] = {
    Scale.LOG_LOG: _log_log,
    Scale.LOG: _log,
    Scale.PLAIN: _plain,
    Scale.LOGIT: _logit,
}
