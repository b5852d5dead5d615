"""What every hazard regression hands out: coefficients, hazard ratios and their uncertainty."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import special

from analysis import intervals
from analysis.arrays import Floats, Groups
from analysis.comparison import TestResult, quadratic

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True, kw_only=True)
class HazardModel:
    """Log hazard ratios and their covariance.

    `covariance` is what intervals use: with clusters the sandwich times G/(G-1), else the same as
    `model_covariance`, the inverse of the information.
    """

    terms: tuple[str, ...]
    coefficients: Floats
    covariance: Floats
    model_covariance: Floats
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
    def clustering(self) -> str:
        """How rows were grouped, in words."""
        return "none" if self.n_clusters is None else f"{self.n_clusters} clusters"

    @property
    def table(self) -> "pd.DataFrame":
        """One row per term; low and high are ends of the interval for the hazard ratio."""
        import pandas as pd

        error = self.std_error
        reach = error * intervals.critical(self.level, self.n_clusters)
        return pd.DataFrame(
            {
                "term": self.terms,
                "coefficient": self.coefficients,
                "hazard_ratio": np.exp(self.coefficients),
                "std_error": error,
                "low": np.exp(self.coefficients - reach),
                "high": np.exp(self.coefficients + reach),
                "p_value": _p_values(self.coefficients / error, self.n_clusters),
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
        )

    def _repr_html_(self) -> str:
        head = f"<p>n = {self.n}, events: {self.n_events}, clustering: {self.clustering}, "
        head += f"level {self.level:g}. {self.method}.</p>"
        return head + self.table.to_html(index=False)


def sandwich(inverse: Floats, scores: Floats, clusters: Groups) -> Floats:
    """Covariance from row scores (rows x terms) summed within clusters, times G/(G-1)."""
    sums = cluster_scores(scores, clusters) @ inverse
    return np.asarray(sums.T @ sums * intervals.cluster_factor(clusters.count))


def cluster_scores(scores: Floats, clusters: Groups) -> Floats:
    """Row scores summed within clusters, clusters x terms."""
    summed = [
        np.bincount(clusters.index, weights=column, minlength=clusters.count) for column in scores.T
    ]
    return np.stack(summed, axis=1)


def _p_values(ratio: Floats, n_clusters: int | None) -> Floats:
    if n_clusters is None:
        return np.asarray(2 * special.ndtr(-np.abs(ratio)))
    if n_clusters < 2:
        return np.full(len(ratio), np.nan)
    return np.asarray(2 * special.stdtr(n_clusters - 1, -np.abs(ratio)))
