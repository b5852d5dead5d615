"""Standardised (marginal) probabilities: those of a model with all rows set to one level."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import special

from analysis.numerics import intervals
from analysis.numerics.arrays import Floats, Ints
from analysis.numerics.columns import quantile, two_sided
from analysis.numerics.model_matrix import ModelMatrix
from analysis.numerics.multiplicity import holm

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True, kw_only=True)
class Contrasts:
    """One estimate per level of `by`, with an interval and a p-value where there is a null."""

    kind: str  # what `value` is: "probability" or "difference"
    levels: tuple[object, ...]
    n: Ints
    value: Floats
    std_error: Floats
    df: Floats
    low: Floats
    high: Floats
    p_value: Floats | None = None

    @property
    def table(self) -> "pd.DataFrame":
        """One row per level; differences also with Holm-adjusted p-values."""
        import pandas as pd

        shown = {"level": pd.Series(self.levels, dtype="object"), "n": self.n}
        numbers = {self.kind: self.value, "std_error": self.std_error, "df": self.df}
        frame = pd.DataFrame({**shown, **numbers, "low": self.low, "high": self.high})
        if self.p_value is None:
            return frame
        return frame.assign(p_value=self.p_value, p_holm=holm(self.p_value))

    def _repr_html_(self) -> str:
        return self.table.to_html(index=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerModel:
    """Coefficients of a logistic model of answers, however it was fitted."""

    coefficients: Floats
    covariance: Floats
    df: Callable[[Floats], float]  # of a linear combination of the coefficients
    correlation: float | None = None


def standardised(
    model: AnswerModel, matrix: ModelMatrix, level: float
) -> tuple[Contrasts, Contrasts]:
    """Probabilities with all rows at each level, and those less the reference's."""
    values, slopes = [], []
    for k in range(len(matrix.levels)):
        x = matrix.everybody_at(k)
        p = special.expit(x @ model.coefficients)
        values.append(p.mean())
        slopes.append((p * (1 - p)) @ x / len(p))
    value, slope = np.array(values), np.array(slopes)
    error, df = _delta(model, slope)
    width = quantile(level, df)
    low, high = intervals.symmetric(value, error, width=width, scale=intervals.Scale.LOGIT)
    n = np.bincount(matrix.level, minlength=len(value))
    probabilities = Contrasts(
        kind="probability",
        levels=matrix.levels,
        n=n,
        value=value,
        std_error=error,
        df=df,
        low=low,
        high=high,
    )
    gap = value[1:] - value[0]
    error, df = _delta(model, slope[1:] - slope[0])
    reach = error * quantile(level, df)
    return probabilities, Contrasts(
        kind="difference",
        levels=matrix.levels[1:],
        n=n[1:],
        value=gap,
        std_error=error,
        df=df,
        low=np.maximum(gap - reach, -1.0),
        high=np.minimum(gap + reach, 1.0),
        p_value=two_sided(gap / error, df),
    )


def _delta(model: AnswerModel, slope: Floats) -> tuple[Floats, Floats]:
    """Delta-method errors of quantities with these gradients, and their degrees of freedom."""
    variance = np.einsum("kp,pq,kq->k", slope, model.covariance, slope)
    return np.sqrt(np.maximum(variance, 0.0)), np.array([model.df(row) for row in slope])
