"""Differences between two shares, and tests of them: paired, for equivalence, and for a trend.

For independent rooms, except where a cluster can be given.
"""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from analysis.errors import ArgumentError
from analysis.numerics import arrays, columns, intervals
from analysis.numerics.arrays import Ints
from analysis.numerics.estimate import Estimate
from analysis.numerics.model_matrix import coded
from analysis.numerics.result import Result


@dataclass(frozen=True, slots=True, kw_only=True)
class PairedTest(Result):
    """Pairs of answers of the same interrogator to two machines; only discordant pairs count.

    `statistic` and `p_value` are those of the uncorrected chi-squared test with 1 degree of
    freedom; quote `p_mid`, or `p_exact` where the level must hold at any cost.
    """

    source: ClassVar[str] = "McNemar, Psychometrika 12 (1947) 153-157"
    n: int
    n_first_only: int
    n_second_only: int
    statistic: float
    df: int
    p_value: float
    p_exact: float
    p_mid: float
    method: str = "McNemar's test of paired answers; pairs taken as independent"

    def _repr_html_(self) -> str:
        return (
            f"<p>{self.n_first_only} right in the first only, {self.n_second_only} in the second "
            f"only, of {self.n} pairs: mid-p {self.p_mid:.4g}, exact {self.p_exact:.4g}. "
            f"{self.method}.</p>"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class TrendTest(Result):
    """Whether the share rises or falls with a dose; `slope` is per unit of it, by least squares."""

    source: ClassVar[str] = "Armitage, Biometrics 11 (1955) 375-386"
    n: int
    slope: float
    z: float
    statistic: float
    df: int
    p_value: float
    method: str = "Cochran-Armitage test for a trend; rooms taken as independent"

    def _repr_html_(self) -> str:
        return (
            f"<p>Slope {self.slope:.4g} per unit, z {self.z:.3f}, p {self.p_value:.4g}, "
            f"n = {self.n}. {self.method}.</p>"
        )


def mcnemar(first: ArrayLike, second: ArrayLike) -> PairedTest:
    """Test whether the same people are right equally often with two machines.

    Parameters
    ----------
    first, second : arrays of n booleans or 0 and 1
        Row i holds the two answers of interrogator i. One pair per interrogator.

    Returns
    -------
    PairedTest
        Without unlike pairs the p-values are 1 and the statistic is NaN.

    References
    ----------
    McNemar, Psychometrika 12 (1947) 153-157; Fagerland, Lydersen and Laake, BMC Medical Research
    Methodology 13 (2013) 91 (mid-p).

    Examples
    --------
    >>> import analysis as ta
    >>> found = ta.mcnemar([1] * 9 + [0] * 3, [0] * 9 + [1] + [0] * 2)
    >>> found.n_first_only, found.n_second_only, round(found.p_exact, 4), round(found.p_mid, 4)
    (9, 1, 0.0215, 0.0117)
    """
    one = arrays.codes(first, name="first", allowed=(0, 1))
    two = arrays.codes(second, name="second", allowed=(0, 1), n=len(one))
    b, c = int((one > two).sum()), int((two > one).sum())
    unlike, fewer = b + c, min(b, c)
    exact = min(2 * float(special.bdtr(float(fewer), unlike, 0.5)), 1.0) if unlike else 1.0
    below = float(special.bdtr(float(fewer - 1), unlike, 0.5)) if fewer else 0.0
    at = float(special.bdtr(float(fewer), unlike, 0.5)) - below if unlike else 0.0
    statistic = (b - c) ** 2 / unlike if unlike else np.nan
    return PairedTest(
        n=len(one),
        n_first_only=b,
        n_second_only=c,
        statistic=statistic,
        df=1,
        p_value=float(special.chdtrc(1, statistic)) if unlike else 1.0,
        p_exact=exact,
        p_mid=min(2 * below + at, 1.0) if unlike else 1.0,
    )


def accuracy_trend(correct: ArrayLike, dose: ArrayLike) -> TrendTest:
    """Test whether the share of right answers rises or falls with an ordered dose.

    A dose is what was set beforehand, as the length of a room or the turns allowed. The number of
    messages an interrogator sent is not a dose: it may follow from what was suspected.

    Parameters
    ----------
    correct : array of n booleans or 0 and 1
    dose : array of n numbers

    References
    ----------
    Armitage, Biometrics 11 (1955) 375-386.

    Examples
    --------
    >>> import analysis as ta
    >>> right = [1] * 2 + [0] * 8 + [1] * 5 + [0] * 5 + [1] * 8 + [0] * 2
    >>> found = ta.accuracy_trend(right, [1] * 10 + [2] * 10 + [3] * 10)
    >>> round(found.slope, 3), round(found.z, 3)
    (0.3, 2.683)
    """
    right = arrays.codes(correct, name="correct", allowed=(0, 1))
    doses = columns.numbers(dose, name="dose", n=len(right))
    n = len(right)
    share = right.mean() if n else np.nan
    centred = doses - doses.mean() if n else doses
    spread = float(centred @ centred)
    if not spread > 0 or share in (0, 1):
        raise ArgumentError(
            "`dose` must have at least 2 different values and `correct` both 0 and 1 "
            f"(in these {n} rows one of them is constant)."
        )
    moment = float(centred @ right)
    z = moment / float(np.sqrt(share * (1 - share) * spread))
    return TrendTest(
        n=n,
        slope=moment / spread,
        z=z,
        statistic=z * z,
        df=1,
        p_value=float(special.chdtrc(1, z * z)),
    )


def accuracy_difference(correct: ArrayLike, by: ArrayLike, *, level: float = 0.95) -> Estimate:
    """Difference between two shares of independent rooms, with Newcombe's hybrid interval.

    Parameters
    ----------
    correct : array of n booleans or 0 and 1
    by : array of n labels, two different ones
        The share of the label that sorts first, less that of the other.
    level : float
        Confidence level. With repeated interrogators use `compare_accuracy(...).differences`.

    References
    ----------
    Newcombe, Statistics in Medicine 17 (1998) 873-890, method 10.

    Examples
    --------
    >>> import analysis as ta
    >>> found = ta.accuracy_difference([1] * 9 + [0] + [1] * 3 + [0] * 7, ["a"] * 10 + ["b"] * 10)
    >>> round(found.value, 3), round(found.low, 3), round(found.high, 3)
    (0.6, 0.171, 0.809)
    """
    level = arrays.level(level)
    right, group = two_groups(correct, by)
    n = np.bincount(group, minlength=2).astype(np.float64)
    x = np.bincount(group[right == 1], minlength=2).astype(np.float64)
    p = x / n
    low, high = intervals.wilson(x, n, level)
    value = float(p[0] - p[1])
    below, above = p - low, high - p
    return Estimate(
        value=value,
        std_error=float(np.sqrt((p * (1 - p) / n).sum())),
        low=value - float(np.hypot(below[0], above[1])),
        high=value + float(np.hypot(above[0], below[1])),
        n=len(right),
        n_clusters=None,
        level=level,
        method="Difference of two shares; Newcombe's interval; rooms taken as independent",
    )


def two_groups(correct: ArrayLike, by: ArrayLike) -> tuple[Ints, Ints]:
    """Answers, and for each row 0 for the label that sorts first and 1 for the other."""
    right = arrays.codes(correct, name="correct", allowed=(0, 1))
    levels, index = coded(by, name="by", n=len(right))
    if len(levels) != 2:
        raise ArgumentError(f"`by` must have exactly 2 levels (got {len(levels)}).")
    return right, index
