"""Signal detection in two-party rooms: sensitivity d' apart from response bias."""

import numpy as np
from scipy import special

from analysis.errors import ArgumentError
from analysis.numerics import arrays, intervals
from analysis.numerics.estimate import Estimate

METHOD = (
    "d' with half an answer added to each cell (log-linear); normal interval with the variance of "
    "Gourevitch and Galanter; rooms taken as independent"
)


def d_prime(
    hits: int, misses: int, *, false_alarms: int, correct_rejections: int, level: float = 0.95
) -> Estimate:
    """Signal-detection sensitivity d' for machines: 0 under guessing.

    ``Z(H) - Z(F)`` with ``H = (hits + 0.5) / (hits + misses + 1)`` and the same for false alarms,
    so that shares of 0 and 1 stay finite. Unlike a pass rate it does not depend on response bias,
    the readiness to say "machine".

    Parameters
    ----------
    hits, misses : int
        Machines called machine, and called human.
    false_alarms, correct_rejections : int
        Humans called machine, and called human.
    level : float
        Confidence level.

    Raises
    ------
    ArgumentError
        Counts below 0 or not whole.

    References
    ----------
    Hautus, Behavior Research Methods 27 (1995) 46-51; Jones and Bergen, arXiv 2310.20216;
    Gourevitch and Galanter, Psychometrika 32 (1967) 25-33.

    Examples
    --------
    >>> import analysis as ta
    >>> round(ta.d_prime(430, 425, false_alarms=270, correct_rejections=523).value, 3)
    0.418
    """
    level = arrays.level(level)
    machines = _counts(hits=hits, misses=misses)
    people = _counts(false_alarms=false_alarms, correct_rejections=correct_rejections)
    value, variance = 0.0, 0.0
    for sign, (said, other) in ((1, machines), (-1, people)):
        n = said + other + 1
        share = (said + 0.5) / n
        z = float(special.ndtri(share))
        value += sign * z
        variance += share * (1 - share) / n * 2 * np.pi * np.exp(z * z)
    n_rooms = sum(machines) + sum(people)
    known = min(sum(machines), sum(people)) > 0
    error = float(np.sqrt(variance)) if known else np.nan
    reach = error * intervals.critical(level)
    return Estimate(
        value=value if known else np.nan,
        std_error=error,
        low=value - reach,
        high=value + reach,
        n=n_rooms,
        n_clusters=None,
        level=level,
        method=METHOD,
    )


def _counts(**counts: int) -> tuple[int, int]:
    for name, count in counts.items():
        if count != int(count) or count < 0:
            raise ArgumentError(f"`{name}` must be a whole number, 0 or more (got {count!r}).")
    first, second = counts.values()
    return int(first), int(second)
