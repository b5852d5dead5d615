"""The result of every hazard regression: coefficients, hazard ratios and their uncertainty."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from scipy import special

from analysis.numerics.arrays import Floats, Groups
from analysis.numerics.columns import quantile, two_sided
from analysis.numerics.result import Result
from analysis.survival.logrank import TestResult, quadratic

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True, kw_only=True)
class HazardModel(Result):
    """Log hazard ratios and their covariance.

    `covariance` is what intervals use, with t quantiles on `df` degrees of freedom where there are
    clusters. `model_covariance` is the inverse of the information, `sandwich` the robust covariance
    without any correction.
    """

    source: ClassVar[str]
    terms: tuple[str, ...]
    coefficients: Floats
    covariance: Floats
    model_covariance: Floats
    sandwich: Floats | None
    df: Floats | None  # of each coefficient's t; None is normal
    log_likelihood: float
    log_likelihood_null: float
    n: int
    n_events: int
    n_clusters: int | None
    n_iterations: int
    level: float
    method: str
    n_baseline: int = 0  # how many of the terms, the first ones, are the baseline hazard

    @property
    def std_error(self) -> Floats:
        """Standard errors of the coefficients."""
        return np.sqrt(np.diag(self.covariance))

    @property
    def table(self) -> "pd.DataFrame":
        """One row per term; low and high are ends of the interval for the hazard ratio."""
        import pandas as pd

        error = self.std_error
        df = np.full(len(error), np.inf) if self.df is None else self.df
        reach = error * quantile(self.level, df)
        return pd.DataFrame(
            {
                "term": self.terms,
                "coefficient": self.coefficients,
                "hazard_ratio": np.exp(self.coefficients),
                "std_error": error,
                "low": np.exp(self.coefficients - reach),
                "high": np.exp(self.coefficients + reach),
                "p_value": two_sided(self.coefficients / error, df),
            }
        )

    @property
    def likelihood_ratio(self) -> TestResult:
        """Test of all covariates at once; only without clusters, whose rows are not independent."""
        gained = 2 * (self.log_likelihood - self.log_likelihood_null)
        return self._all_terms(gained if self.n_clusters is None else np.nan, "Likelihood ratio")

    @property
    def wald(self) -> TestResult:
        """Test of all covariates at once, with the covariance that intervals use."""
        return self._all_terms(self._wald(), "Wald test")

    def _wald(self) -> float:
        kept = slice(self.n_baseline, None)
        return quadratic(self.coefficients[kept], self.covariance[kept, kept])

    def _all_terms(self, statistic: float, method: str) -> TestResult:
        df = len(self.terms) - self.n_baseline
        if self.n_clusters is not None and self.n_clusters <= df:
            statistic = np.nan
        return TestResult(
            statistic=statistic,
            df=df,
            p_value=float(special.chdtrc(df, statistic)) if np.isfinite(statistic) else np.nan,
            method=method + " of all covariates",
            n=self.n,
            n_clusters=self.n_clusters,
            source=self.source,
        )

    def _repr_html_(self) -> str:
        head = f"<p>n = {self.n}, events: {self.n_events}, clustering: {self.clustering}, "
        head += f"level {self.level:g}. {self.method}.</p>"
        return head + self.table.to_html(index=False)


def cluster_scores(scores: Floats, clusters: Groups) -> Floats:
    """Row scores summed within clusters, clusters x terms."""
    summed = [
        np.bincount(clusters.index, weights=column, minlength=clusters.count) for column in scores.T
    ]
    return np.stack(summed, axis=1)
