"""Whether hazard ratios stay the same over time: the score test on a fitted Cox model."""

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from scipy import special

from analysis.numerics.arrays import Floats, Ints
from analysis.numerics.result import Result
from analysis.survival import partial_likelihood
from analysis.survival.logrank import quadratic
from analysis.survival.partial_likelihood import Events

if TYPE_CHECKING:
    import pandas as pd


class Transform(StrEnum):
    """The function of time with which a coefficient might change."""

    KM = "km"
    IDENTITY = "identity"
    RANK = "rank"
    LOG = "log"


@dataclass(frozen=True, slots=True, kw_only=True)
class Proportionality(Result):
    """One test per term, and the last for all of them."""

    source: ClassVar[str] = "Grambsch and Therneau, Biometrika 81 (1994) 515-526"
    terms: tuple[str, ...]
    statistic: Floats
    df: Ints
    p_value: Floats
    n: int
    method: str

    @property
    def table(self) -> "pd.DataFrame":
        """Columns term (the last is "all"), statistic, df, p_value."""
        import pandas as pd

        columns = {"statistic": self.statistic, "df": self.df, "p_value": self.p_value}
        return pd.DataFrame({"term": (*self.terms, "all"), **columns})

    def _repr_html_(self) -> str:
        return f"<p>{self.method}.</p>" + self.table.to_html(index=False)


def check(
    at: Events, X: Floats, coefficients: Floats, *, g: Floats, terms: tuple[str, ...], name: str
) -> Proportionality:
    """Test for ``g(time) * term``, where `g` holds one number for each event time."""
    _, sums = partial_likelihood.fit(at, X, coefficients)
    # Any constant may be taken off g: it belongs to the term itself.
    g = g - np.average(g, weights=at.tied)
    weight = at.weight * g[at.part]
    score = X[at.rows].T @ g[at.of_row] - sums.mean.T @ weight
    plain, crossed, own = (
        partial_likelihood.information(at, X, sums, weight=at.weight * g[at.part] ** power)
        for power in (0, 1, 2)
    )
    # The coefficients are at their maximum, so only the new terms have a score.
    spread = own - crossed @ np.linalg.solve(plain, crossed)
    each = [_single(k, score, plain, crossed=crossed, own=own) for k in range(len(terms))]
    statistic = np.array([*each, quadratic(score, spread)])
    df = np.array([1] * len(terms) + [len(terms)])
    return Proportionality(
        terms=terms,
        statistic=statistic,
        df=df,
        p_value=np.asarray(special.chdtrc(df, statistic)),
        n=len(X),
        method=f"Score test of proportional hazards, {name} transform of time",
    )


def _single(k: int, score: Floats, plain: Floats, *, crossed: Floats, own: Floats) -> float:
    left = own[k, k] - crossed[k] @ np.linalg.solve(plain, crossed[k])
    return float(score[k] ** 2 / left) if left > 0 else float("nan")
