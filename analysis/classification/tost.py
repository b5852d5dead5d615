"""Two one-sided tests: whether a share, or a difference of two, lies within a margin.

"Not different" is never shown by a large p-value; this is how it is shown.
"""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike
from scipy import optimize, special

from analysis.classification.proportion_tests import two_groups
from analysis.errors import ArgumentError
from analysis.numerics import arrays, columns, intervals
from analysis.numerics.arrays import Floats, Groups, Ints
from analysis.numerics.clustering import METHOD as METHOD_CLUSTERED
from analysis.numerics.clustering import Clustering, clustering, together
from analysis.numerics.result import Result


@dataclass(frozen=True, slots=True, kw_only=True)
class EquivalenceTest(Result):
    """Whether `value` lies between `lower` and `upper`.

    `p_value` is the larger of the two one-sided ones. `level` is one less the size of the test;
    `low` and `high` are the matching interval, of level ``2 * level - 1``.
    """

    source: ClassVar[str] = (
        "Schuirmann, Journal of Pharmacokinetics and Biopharmaceutics 15 (1987) 657-680; "
        "Farrington and Manning, Statistics in Medicine 9 (1990) 1447-1454"
    )
    value: float
    lower: float
    upper: float
    p_lower: float
    p_upper: float
    low: float
    high: float
    n: int
    n_clusters: int | None
    level: float
    method: str

    @property
    def p_value(self) -> float:
        """The larger one-sided p-value: small means "within the margin"."""
        return max(self.p_lower, self.p_upper)

    @property
    def equivalent(self) -> bool:
        """Whether the test finds the value within the margin."""
        return self.p_value < 1 - self.level

    def _repr_html_(self) -> str:
        return (
            f"<p>{self.value:.4g}, margin {self.lower:.4g} to {self.upper:.4g}: "
            f"p {self.p_value:.4g}, n = {self.n}. {self.method}.</p>"
        )


def equivalence(
    correct: ArrayLike,
    by: ArrayLike | None = None,
    *,
    margin: float,
    reference: float = 0.5,
    cluster: ArrayLike | None = None,
    level: float = 0.95,
) -> EquivalenceTest:
    """Test whether a share lies within a margin of a reference, or two shares of each other.

    Parameters
    ----------
    correct : array of n booleans or 0 and 1
    by : array of n labels, two different ones, optional
        With it the share of the label that sorts first, less that of the other, is tested.
    margin : float
        How far from the reference is still alike. Fix it before there are data.
    reference : float
        What a single share is compared with. Differences are compared with 0.
    cluster : array of n labels, or table of two such columns, optional
        Who answered; a cluster may be in both groups.
    level : float
        One less the size of the test.

    Returns
    -------
    EquivalenceTest
        Independent rooms: exact binomial tests for a share, score tests with constrained
        estimates for a difference. Clustered: t tests with CR2 errors and Satterthwaite degrees
        of freedom, NaN where nothing varies between clusters.

    Raises
    ------
    ArgumentError
        A margin that leaves nothing outside, bad rows, `by` without exactly two labels.

    References
    ----------
    Schuirmann, Journal of Pharmacokinetics and Biopharmaceutics 15 (1987) 657-680; Farrington and
    Manning, Statistics in Medicine 9 (1990) 1447-1454.

    Examples
    --------
    >>> import analysis as ta
    >>> found = ta.equivalence([1] * 500 + [0] * 500, margin=0.05)
    >>> found.equivalent, round(found.p_value, 5)
    (True, 0.00085)
    """
    level = arrays.level(level)
    if by is None:
        size = np.size(np.asarray(correct))
        right = arrays.codes(correct, name="correct", allowed=(0, 1), n=size)
        group = np.zeros(len(right), dtype=np.int64)
        bounds = _bounds(reference, margin, (0.0, 1.0))
    else:
        right, group = two_groups(correct, by)
        bounds = _bounds(0.0, margin, (-1.0, 1.0))
    if not len(right):
        raise ArgumentError("`correct` must have at least 1 row (got none).")
    clusters = clustering(cluster, name="cluster", n=len(right))
    if clusters is not None:
        return _clustered(right, group, clusters=clusters, bounds=bounds, level=level)
    if by is None:
        return _exact(right, bounds=bounds, level=level)
    return _score(right, group, bounds=bounds, level=level)


def _bounds(centre: float, margin: float, limits: tuple[float, float]) -> tuple[float, float]:
    if not (margin > 0 and limits[0] < centre - margin and centre + margin < limits[1]):
        raise ArgumentError(
            f"`margin` must be above 0 and, around {centre:g}, stay within {limits[0]:g} and "
            f"{limits[1]:g} (got {margin!r})."
        )
    return centre - margin, centre + margin


def _exact(right: Ints, *, bounds: tuple[float, float], level: float) -> EquivalenceTest:
    n, x = len(right), int(right.sum())
    tail = 1 - level
    return EquivalenceTest(
        value=x / n,
        lower=bounds[0],
        upper=bounds[1],
        p_lower=float(special.bdtrc(x - 1.0, n, bounds[0])) if x else 1.0,
        p_upper=float(special.bdtr(float(x), n, bounds[1])),
        low=float(special.betaincinv(x, n - x + 1, tail)) if x else 0.0,
        high=float(special.betaincinv(x + 1, n - x, 1 - tail)) if x < n else 1.0,
        n=n,
        n_clusters=None,
        level=level,
        method="Two one-sided exact binomial tests; Clopper-Pearson; rooms taken as independent",
    )


def _score(
    right: Ints, group: Ints, *, bounds: tuple[float, float], level: float
) -> EquivalenceTest:
    n = np.bincount(group, minlength=2).astype(np.float64)
    x = np.bincount(group, weights=right, minlength=2).astype(np.float64)
    value = float(x[0] / n[0] - x[1] / n[1])
    width = intervals.critical(2 * level - 1)
    return EquivalenceTest(
        value=value,
        lower=bounds[0],
        upper=bounds[1],
        p_lower=float(special.ndtr(-score_z(x, n, bounds[0]))),
        p_upper=float(special.ndtr(score_z(x, n, bounds[1]))),
        low=_inverted(x, n, (width, -1.0)),
        high=_inverted(x, n, (-width, 1.0)),
        n=len(right),
        n_clusters=None,
        level=level,
        method="Two one-sided score tests (Farrington-Manning); rooms taken as independent",
    )


def score_z(x: Floats, n: Floats, gap: float) -> float:
    """Score statistic of "the first share is the second plus `gap`", errors as under it."""
    first = _constrained(x / n, float(n[1] / n[0]), gap)
    p = np.array([first, min(max(first - gap, 0.0), 1.0)])
    variance = float((p * (1 - p) / n).sum())
    distance = float(x[0] / n[0] - x[1] / n[1]) - gap
    if variance > 0:
        return float(distance / np.sqrt(variance))
    return np.inf if distance > 0 else -np.inf if distance < 0 else 0.0


def _constrained(p: Floats, ratio: float, gap: float) -> float:
    """Maximum-likelihood first share if it is the second plus `gap`: a root of a cubic."""
    a = 1 + ratio
    b = -(1 + ratio + p[0] + ratio * p[1] + gap * (ratio + 2))
    c = gap * gap + gap * (2 * p[0] + ratio + 1) + p[0] + ratio * p[1]
    d = -p[0] * gap * (1 + gap)
    v = b**3 / (27 * a**3) - b * c / (6 * a * a) + d / (2 * a)
    u = np.copysign(np.sqrt(max(b * b / (9 * a * a) - c / (3 * a), 0.0)), v)
    if u == 0:
        return float(-b / (3 * a))
    angle = (np.pi + np.arccos(np.clip(v / u**3, -1.0, 1.0))) / 3
    root = 2 * u * np.cos(angle) - b / (3 * a)
    return float(min(max(root, gap, 0.0), 1.0, 1.0 + gap))


def _inverted(x: Floats, n: Floats, end: tuple[float, float]) -> float:
    """The difference at which the score statistic is `end[0]`, towards the limit `end[1]`."""
    wanted, limit = end
    value, edge = float(x[0] / n[0] - x[1] / n[1]), limit * (1 - 1e-10)
    if abs(value) >= abs(edge) and value * edge > 0:
        return limit
    return float(optimize.brentq(lambda gap: score_z(x, n, gap) - wanted, edge, value))


def _clustered(
    right: Ints,
    group: Ints,
    *,
    clusters: Clustering,
    bounds: tuple[float, float],
    level: float,
) -> EquivalenceTest:
    n = np.bincount(group)
    p = np.bincount(group, weights=right) / n
    sign = np.array([1.0, -1.0])[group] if len(n) == 2 else np.ones(len(right))
    value = float(p[0] - p[1]) if len(n) == 2 else float(p[0])
    labels = Groups(index=group, count=len(n))
    error, df = together(sign * (right - p[group]) / n[group], labels, clusters)
    reach = error * float(columns.quantile(2 * level - 1, np.array([df]))[0]) if df else np.nan
    below, above = (float(special.stdtr(df, (bound - value) / error)) for bound in bounds)
    return EquivalenceTest(
        value=value,
        lower=bounds[0],
        upper=bounds[1],
        p_lower=below,
        p_upper=1 - above,
        low=value - reach,
        high=value + reach,
        n=len(right),
        n_clusters=clusters.count,
        level=level,
        method=f"Two one-sided t tests; {METHOD_CLUSTERED}",
    )
