"""Comparisons of accuracy between strategies, profiles or people of different kinds.

A logistic model with errors clustered by interrogator, and the probabilities it implies.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from numpy.typing import ArrayLike

from analysis.classification.gee import Correlation, corrected, gee
from analysis.classification.standardisation import AnswerModel, Contrasts, standardised
from analysis.errors import ArgumentError
from analysis.numerics import arrays, intervals, logistic
from analysis.numerics.arrays import Floats, Groups, Ints, choice
from analysis.numerics.columns import quantile, two_sided
from analysis.numerics.cr2 import FEW
from analysis.numerics.model_matrix import ModelMatrix, model_matrix
from analysis.numerics.result import Result
from analysis.numerics.sandwich import sandwich

if TYPE_CHECKING:
    import pandas as pd


class Method(StrEnum):
    """How answers of the same interrogator are allowed for."""

    CR2 = "cr2"
    GEE = "gee"


METHODS = {
    None: "Logistic regression; rooms taken as independent, normal quantiles",
    Method.CR2: "Logistic regression; CR2 errors by cluster, t with Satterthwaite df",
    Method.GEE: (
        "Logistic GEE; robust errors by cluster: below 50 clusters CR2, t with Satterthwaite df, "
        "else times G/(G-1), t with G-1 df"
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class AccuracyComparison(Result):
    """A logistic model of right answers. `low` and `high` bound the odds ratio.

    `standardised` holds each level's probability with all rows set to it, and `differences`
    that probability less the one of the reference level.
    """

    source: ClassVar[str] = (
        "Pustejovsky and Tipton, Journal of Business & Economic Statistics 36 (2018) "
        "672-683; Liang and Zeger, Biometrika 73 (1986) 13-22"
    )
    terms: tuple[str, ...]
    coefficients: Floats
    std_error: Floats
    df: Floats
    low: Floats
    high: Floats
    p_value: Floats
    covariance: Floats
    standardised: Contrasts
    differences: Contrasts
    reference: object
    n: int
    n_clusters: int | None
    correlation: float | None  # within clusters, as the GEE estimates it
    level: float
    method: str

    @property
    def table(self) -> "pd.DataFrame":
        """Columns term, coefficient, odds_ratio, std_error, df, low, high, p_value."""
        import pandas as pd

        return pd.DataFrame(
            {
                "term": self.terms,
                "coefficient": self.coefficients,
                "odds_ratio": np.exp(self.coefficients),
                "std_error": self.std_error,
                "df": self.df,
                "low": self.low,
                "high": self.high,
                "p_value": self.p_value,
            }
        )

    def _repr_html_(self) -> str:
        head = f"<p>n = {self.n}, clustering: {self.clustering}, level {self.level:g}, reference "
        head += f"{self.reference}. {self.method}.</p>"
        return head + self.table.to_html(index=False) + self.standardised._repr_html_()


def compare_accuracy(
    correct: ArrayLike,
    by: ArrayLike,
    *,
    covariates: Mapping[str, ArrayLike] | None = None,
    cluster: ArrayLike | None = None,
    method: str = "cr2",
    correlation: str = "exchangeable",
    reference: object = None,
    level: float = 0.95,
) -> AccuracyComparison:
    """Compare the share of right answers between levels, adjusted for covariates.

    The estimand is the population average: how the share of right answers differs between levels
    among rooms with the same covariates. It is an effect only if the levels were randomised; a
    strategy that was chosen may be a reaction to what was already suspected.

    Parameters
    ----------
    correct : array of n booleans or 0 and 1
    by : array of n labels
        What is compared.
    covariates : mapping of names to arrays of n numbers or labels, optional
        A data frame will do. Labels enter as levels against the first in sorted order.
    cluster : array of n labels, optional
        Who answered. Without it every row counts as independent, and errors are those of the model.
    method : {"cr2", "gee"}
        ``cr2``: independence estimates, CR2 errors with Satterthwaite degrees of freedom; the one
        to use below some 40 clusters. ``gee``: generalised estimating equations.
    correlation : {"exchangeable", "independence"}
        Working correlation of the GEE.
    reference : label, optional
        Level the others are compared with; the first in sorted order by default.
    level : float
        Confidence level, of each interval by itself.

    Returns
    -------
    AccuracyComparison
        With ``.table`` (the interval is that of the odds ratio), ``.standardised.table``
        (probabilities, everybody set to each level and averaged over the rows, which are taken as
        given; delta-method errors; interval on the logit scale) and ``.differences.table`` (those
        less the reference's, with Holm-adjusted p-values).

    Raises
    ------
    ArgumentError
        Bad rows; a level with only right or only wrong answers, whose odds are infinite;
        covariates that repeat each other; fewer than 2 clusters.

    References
    ----------
    Pustejovsky and Tipton, Journal of Business & Economic Statistics 36 (2018) 672-683 (CR2);
    Liang and Zeger, Biometrika 73 (1986) 13-22 (GEE).

    Examples
    --------
    >>> import analysis as ta
    >>> found = ta.compare_accuracy([1, 1, 0, 1, 0, 0, 1, 0], by=list("aaaabbbb"))
    >>> [round(float(p), 2) for p in found.standardised.value]
    [0.75, 0.25]
    """
    level = arrays.level(level)
    right = arrays.codes(correct, name="correct", allowed=(0, 1))
    matrix = model_matrix(by, covariates, reference=reference, n=len(right))
    clusters = arrays.groups(cluster, name="cluster", n=len(right))
    _refuse_certain(right, matrix)
    chosen = choice(Method, method, "method")
    within = choice(Correlation, correlation, "correlation")
    if clusters is None:
        model = _independent(right, matrix)
    elif chosen is Method.CR2:
        model = _cr2(right, matrix, clusters)
    else:
        model = _gee(right, matrix, (clusters, within))
    text = METHODS[chosen if clusters is not None else None]
    return _result(model, matrix, clusters=clusters, level=level, text=text)


def _independent(right: Ints, matrix: ModelMatrix) -> AnswerModel:
    fit = logistic.fit(matrix.values, right.astype(np.float64))
    return AnswerModel(
        coefficients=fit.coefficients, covariance=fit.covariance, df=_constant(np.inf)
    )


def _cr2(right: Ints, matrix: ModelMatrix, clusters: Groups) -> AnswerModel:
    answers = right.astype(np.float64)
    fit = logistic.fit(matrix.values, answers)
    errors = sandwich(matrix.values, answers, fit, clusters=clusters)
    return AnswerModel(coefficients=fit.coefficients, covariance=errors.covariance, df=errors.df)


def _gee(right: Ints, matrix: ModelMatrix, within: tuple[Groups, Correlation]) -> AnswerModel:
    clusters, correlation = within
    # Refuses what has no solution before the iterations start, in our own words.
    start = logistic.fit(matrix.values, right.astype(np.float64)).coefficients
    coefficients, plain, alpha = gee(matrix.values, right, clusters, working=(correlation, start))
    covariance = plain * intervals.cluster_factor(clusters.count)
    df = _constant(clusters.count - 1.0)
    if clusters.count < FEW:
        found = corrected(matrix.values, right, clusters, fitted=(coefficients, alpha))
        covariance, df = found.covariance, found.df
    return AnswerModel(coefficients=coefficients, covariance=covariance, df=df, correlation=alpha)


def _constant(df: float) -> Callable[[Floats], float]:
    """Degrees of freedom that are the same for every combination of the coefficients."""
    return lambda _: df


def _result(
    model: AnswerModel, matrix: ModelMatrix, *, clusters: Groups | None, level: float, text: str
) -> AccuracyComparison:
    n, p = matrix.values.shape
    error = np.sqrt(np.diag(model.covariance))
    df = np.array([model.df(row) for row in np.eye(p)])
    reach = error * quantile(level, df)
    probabilities, differences = standardised(model, matrix, level)
    return AccuracyComparison(
        terms=matrix.terms,
        coefficients=model.coefficients,
        std_error=error,
        df=df,
        low=np.exp(model.coefficients - reach),
        high=np.exp(model.coefficients + reach),
        p_value=two_sided(model.coefficients / error, df),
        covariance=model.covariance,
        standardised=probabilities,
        differences=differences,
        reference=matrix.levels[0],
        n=n,
        n_clusters=None if clusters is None else clusters.count,
        correlation=model.correlation,
        level=level,
        method=text,
    )


def _refuse_certain(right: Ints, matrix: ModelMatrix) -> None:
    n = np.bincount(matrix.level, minlength=len(matrix.levels))
    n_right = np.bincount(matrix.level[right == 1], minlength=len(matrix.levels))
    for label, k, total in zip(matrix.levels, n_right, n, strict=True):
        if k in (0, total):
            raise ArgumentError(
                f"Of the {total} answers at level {label} {k} are right, so its odds are "
                "infinite. Merge it with another level or leave it out; `accuracy` gives its "
                "share and interval."
            )
