"""Calibration of stated confidence: scores, their decomposition, and a calibration curve.

For the confidence stated with the final verdict: one number per room.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from numpy.typing import ArrayLike
from scipy import optimize, special

from analysis.errors import ArgumentError
from analysis.numerics import arrays, columns, logistic, resampling
from analysis.numerics.arrays import Floats, Groups, Ints
from analysis.numerics.clustering import METHOD as METHOD_CLUSTERED
from analysis.numerics.clustering import Clustering, clustering, combined, without_way
from analysis.numerics.estimate import Estimate
from analysis.numerics.result import Result
from analysis.numerics.sandwich import sandwich

if TYPE_CHECKING:
    import pandas as pd

#: Confidences are moved this far from 0 and 1 where a logarithm is taken.
CLIP = 0.01

METHOD_CORP = "isotonic regression (CORP); percentile bootstrap of {unit}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration(Result):
    """Scores of stated confidences (low is good) and how they come about.

    ``brier = miscalibration - discrimination + uncertainty``. The curve is the share of right
    answers at each stated confidence, rising by construction; its band is pointwise and rough.
    `slope` is 1 and `intercept` 0 for calibrated people; `calibration_in_the_large` is the
    intercept with the slope held at 1.
    """

    source: ClassVar[str] = "Dimitriadis, Gneiting and Jordan, PNAS 118 (2021) e2016191118"
    brier: Estimate
    log_score: Estimate
    miscalibration: float
    discrimination: float
    uncertainty: float
    slope: Estimate
    intercept: Estimate
    calibration_in_the_large: Estimate
    confidence: Floats
    n_stated: Ints
    calibrated: Floats
    low: Floats
    high: Floats
    clip: float
    n: int
    n_clusters: int | None
    level: float
    method: str

    @property
    def table(self) -> "pd.DataFrame":
        """The curve: columns confidence, n, calibrated, low, high."""
        import pandas as pd

        return pd.DataFrame(
            {
                "confidence": self.confidence,
                "n": self.n_stated,
                "calibrated": self.calibrated,
                "low": self.low,
                "high": self.high,
            }
        )

    @property
    def scores(self) -> "pd.DataFrame":
        """Columns measure, value, std_error, low, high; the parts of the score have no errors."""
        import pandas as pd

        estimates = ("brier", "log_score", "slope", "intercept", "calibration_in_the_large")
        rows = [
            (name, e.value, e.std_error, e.low, e.high)
            for name in estimates
            for e in (getattr(self, name),)
        ]
        parts = ("miscalibration", "discrimination", "uncertainty")
        rows += [(name, getattr(self, name), np.nan, np.nan, np.nan) for name in parts]
        return pd.DataFrame(rows, columns=["measure", "value", "std_error", "low", "high"])

    def _repr_html_(self) -> str:
        head = f"<p>n = {self.n}, level {self.level:g}, clipped to {self.clip:g} from 0 and 1 for "
        head += f"logarithms. {self.method}.</p>"
        return head + self.scores.to_html(index=False) + self.table.to_html(index=False)


def calibration(
    confidence: ArrayLike,
    correct: ArrayLike,
    *,
    cluster: ArrayLike | None = None,
    level: float = 0.95,
    clip: float = CLIP,
    n_resamples: int = 1000,
    seed: int = 0,
) -> Calibration:
    """Compare stated confidence with being right.

    One row per room. The running reports of a room are not to be pooled here: they are one unit
    (`belief_score`).

    Parameters
    ----------
    confidence : array of n numbers from 0 to 1
        Stated probability of being right.
    correct : array of n booleans or 0 and 1
    cluster : array of n labels, or table of two such columns, optional
        Who answered: CR2 errors with Satterthwaite degrees of freedom for the scores, slope and
        intercept, and clusters (of the first column) drawn for the band.
    level : float
        Confidence level of the intervals.
    clip : float
        A confidence nearer than this to 0 or 1 counts as that far for logarithms: one certain
        mistake would otherwise make every log score infinite. State it.
    n_resamples, seed : int
        The bootstrap of the band; the same seed gives the same band.

    Returns
    -------
    Calibration
        With ``.scores`` and ``.table``. Slope and intercept are NaN where they do not exist: all
        confidences alike, or answers that a threshold of confidence separates.

    Raises
    ------
    ArgumentError
        Confidences outside 0 to 1, answers other than 0 and 1; the message names the rows.

    References
    ----------
    Dimitriadis, Gneiting and Jordan, PNAS 118 (2021) e2016191118 (CORP); Cox, Biometrika 45 (1958)
    562-565 (slope and intercept).

    Examples
    --------
    >>> import analysis as ta
    >>> found = ta.calibration([0.6, 0.6, 0.9, 0.9], [1, 0, 1, 1], n_resamples=10)
    >>> round(found.brier.value, 3), [round(float(p), 2) for p in found.calibrated]
    (0.135, [0.5, 1.0])
    """
    level, times = arrays.level(level), resampling.check_times(n_resamples)
    stated = columns.numbers(confidence, name="confidence", low=0.0, high=1.0)
    right = arrays.codes(correct, name="correct", allowed=(0, 1), n=len(stated))
    clusters = clustering(cluster, name="cluster", n=len(stated))
    if not 0 < clip < 0.5:
        raise ArgumentError(f"`clip` must be between 0 and 0.5 (got {clip!r}).")
    answers, kept = right.astype(np.float64), np.clip(stated, clip, 1 - clip)
    values, place, n_stated = np.unique(stated, return_inverse=True, return_counts=True)
    curve = _Curve(values, place).of(answers, np.ones(len(stated)))
    first = without_way(clusters)
    low, high = _band((values, place), answers, first, level=level, draw=(times, seed))
    parts = _parts(stated, answers, curve[place] if len(stated) else curve)
    loss = -(special.xlogy(answers, kept) + special.xlogy(1 - answers, 1 - kept))
    fits = _cox(special.logit(kept), answers, clusters, level=level)
    return Calibration(
        brier=columns.mean(
            (stated - answers) ** 2,
            clusters,
            level=level,
            method=_text("Brier score", clusters),
            bounded=True,
        ),
        log_score=columns.mean(
            loss, clusters, level=level, method=_text(f"Log score, clip {clip:g}", clusters)
        ),
        miscalibration=parts[0],
        discrimination=parts[1],
        uncertainty=parts[2],
        slope=fits[0],
        intercept=fits[1],
        calibration_in_the_large=fits[2],
        confidence=values,
        n_stated=n_stated,
        calibrated=curve,
        low=low,
        high=high,
        clip=clip,
        n=len(stated),
        n_clusters=None if clusters is None else clusters.count,
        level=level,
        method=METHOD_CORP.format(unit="rooms" if clusters is None else "clusters"),
    )


class _Curve:
    """Isotonic regression of answers on stated confidence."""

    def __init__(self, values: Floats, place: Ints) -> None:
        self._values, self._place = values, place

    def of(self, answers: Floats, weights: Floats) -> Floats:
        """The curve at every stated value; between values that were drawn it is linear."""
        m = len(self._values)
        mass = np.bincount(self._place, weights=weights, minlength=m)
        drawn = mass > 0
        if not drawn.any():
            return np.full(m, np.nan)
        share = np.bincount(self._place, weights=weights * answers, minlength=m)[drawn]
        fit = optimize.isotonic_regression(share / mass[drawn], weights=mass[drawn])
        return np.asarray(np.interp(self._values, self._values[drawn], fit.x))


def _band(
    stated: tuple[Floats, Ints],
    answers: Floats,
    clusters: Groups | None,
    *,
    level: float,
    draw: tuple[int, int],
) -> tuple[Floats, Floats]:
    curve, (times, seed) = _Curve(*stated), draw
    if not len(answers):
        return np.zeros(0), np.zeros(0)
    drawn = resampling.resamples(len(answers), clusters, times=times, seed=seed)
    curves = np.array([curve.of(answers, weights.astype(np.float64)) for weights in drawn])
    return resampling.percentile_interval(curves, level)


def _parts(stated: Floats, answers: Floats, calibrated: Floats) -> tuple[float, float, float]:
    """Miscalibration, discrimination and uncertainty of the Brier score."""
    if not len(stated):
        return np.nan, np.nan, np.nan
    base = answers.mean()
    score = float(((stated - answers) ** 2).mean())
    best = float(((calibrated - answers) ** 2).mean())
    uncertainty = float(base * (1 - base))
    return score - best, uncertainty - best, uncertainty


def _cox(
    log_odds: Floats, answers: Floats, clusters: Clustering | None, *, level: float
) -> tuple[Estimate, Estimate, Estimate]:
    """Slope, its intercept, and the intercept with a slope of 1."""
    ones = np.ones(len(answers))
    both = _regression(np.stack([log_odds, ones], axis=1), answers, clusters, level=level)
    alone = _regression(ones[:, None], answers, clusters, level=level, offset=log_odds)
    return both[0], both[1], alone[0]


def _regression(
    design: Floats,
    answers: Floats,
    clusters: Clustering | None,
    *,
    level: float,
    offset: Floats | None = None,
) -> list[Estimate]:
    p = design.shape[1]
    value, error, df = np.full(p, np.nan), np.full(p, np.nan), np.full(p, np.inf)
    try:
        fit = logistic.fit(design, answers, offset=offset)
    except ArgumentError:
        fit = None
    if fit is not None:
        value, error = fit.coefficients, np.sqrt(np.diag(fit.covariance))
    if fit is not None and clusters is not None:
        error = np.full(p, np.nan)
        if clusters.df > 0:
            ways = [sandwich(design, answers, fit, clusters=way.groups) for way in clusters.ways]
            error = np.sqrt(combined([np.diag(way.covariance) for way in ways]))
            df = np.array([min(way.df(row) for way in ways[:2]) for row in np.eye(p)])
    reach = error * columns.quantile(level, df)
    return [
        Estimate(
            value=float(value[k]),
            std_error=float(error[k]),
            low=float(value[k] - reach[k]),
            high=float(value[k] + reach[k]),
            n=len(answers),
            n_clusters=None if clusters is None else clusters.count,
            level=level,
            method="Logistic regression on the log-odds of the confidence"
            + ("" if clusters is None else "; CR2 errors, Satterthwaite degrees of freedom"),
        )
        for k in range(p)
    ]


def _text(name: str, clusters: Clustering | None) -> str:
    return name + ("" if clusters is None else f"; {METHOD_CLUSTERED}")
