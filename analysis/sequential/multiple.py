"""Several hypotheses monitored at once: e-values adjusted for multiplicity."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from numpy.typing import ArrayLike

from analysis.errors import ArgumentError
from analysis.numerics import columns
from analysis.numerics.arrays import Floats, Ints
from analysis.numerics.result import Result
from analysis.sequential import anytime

if TYPE_CHECKING:
    import pandas as pd

_NULL = "each e-value is valid for its own null, at one common moment of looking; any dependence"


@dataclass(frozen=True, slots=True, kw_only=True)
class Refuted(Result):
    """For each hypothesis its e-value, the value adjusted for the others, and the decision."""

    source: ClassVar[str] = (
        "Wang and Ramdas, JRSS B 84 (2022) 822-852; Vovk and Wang, Annals of Statistics "
        "49 (2021) 1736-1754"
    )
    e_value: Floats
    adjusted: Floats
    refuted: np.ndarray[tuple[int], np.dtype[np.bool_]]
    n: int
    alpha: float
    method: str
    null: str
    not_for: str

    @property
    def level(self) -> float:
        """One less the error that is kept."""
        return 1 - self.alpha

    @property
    def table(self) -> "pd.DataFrame":
        """One row per hypothesis: e_value, adjusted, refuted."""
        import pandas as pd

        columns = {"e_value": self.e_value, "adjusted": self.adjusted, "refuted": self.refuted}
        return pd.DataFrame(columns)

    def _repr_html_(self) -> str:
        head = f"<p>n = {self.n}, alpha {self.alpha:g}. {self.method}.</p>"
        return head + self.table.to_html(index=False)


def e_bh(e_values: ArrayLike, *, alpha: float = 0.05) -> Refuted:
    """Control the false discovery rate at `alpha` over several hypotheses: for explorations.

    With the e-values in falling order, the first `k` are rejected for the largest `k` for which
    ``e_k >= K / (k alpha)``: those whose adjusted value reaches ``1 / alpha``.

    References
    ----------
    Wang and Ramdas, JRSS B 84 (2022) 822-852.

    Examples
    --------
    >>> import analysis as ta
    >>> ta.e_bh([90, 45, 3, 0.2]).refuted.tolist()
    [True, True, False, False]
    """
    e, alpha = _checked(e_values, alpha)
    falling = np.argsort(-e, kind="stable")
    rank = np.arange(1, len(e) + 1)
    steps = np.maximum.accumulate((e[falling] * rank / max(len(e), 1))[::-1])[::-1]
    return _result(e, steps[_place(falling)], alpha, method="e-BH: false discovery rate")


def e_holm(e_values: ArrayLike, *, alpha: float = 0.05) -> Refuted:
    """Control the family-wise error at `alpha` over several hypotheses: for planned tests.

    The adjusted value is the smallest mean of its e-value with any of the others.

    References
    ----------
    Vovk and Wang, Annals of Statistics 49 (2021) 1736-1754, algorithm 1.

    Examples
    --------
    >>> import analysis as ta
    >>> ta.e_holm([90, 45, 3, 0.2]).adjusted.round(1).tolist()
    [31.1, 16.1, 1.6, 0.2]
    """
    e, alpha = _checked(e_values, alpha)
    rising = np.sort(e)
    sums = np.concatenate([[0.0], np.cumsum(rising)])
    adjusted = np.array([_least_mean(value, rising, sums) for value in e])
    return _result(e, adjusted, alpha, method="e-Holm: family-wise error")


def _least_mean(value: float, rising: Floats, sums: Floats) -> float:
    below = int(np.searchsorted(rising, value, side="left"))
    return float(np.min((value + sums[: below + 1]) / np.arange(1, below + 2)))


def _place(order: Ints) -> Ints:
    place = np.zeros(len(order), dtype=np.int64)
    place[order] = np.arange(len(order))
    return place


def _checked(e_values: ArrayLike, alpha: float) -> tuple[Floats, float]:
    e = np.asarray(e_values, dtype=np.float64)
    if np.any(np.isposinf(e)):
        raise ArgumentError(
            "`e_values` must be finite (got inf); give the largest float in place of infinity."
        )
    return columns.numbers(e, name="e_values", low=0), anytime.probability(alpha, "alpha")


def _result(e: Floats, adjusted: Floats, alpha: float, *, method: str) -> Refuted:
    return Refuted(
        e_value=e,
        adjusted=adjusted,
        refuted=adjusted >= 1 / alpha,
        n=len(e),
        alpha=alpha,
        method=method,
        null=_NULL,
        not_for="e-values looked at until one of them is large and the others at other moments",
    )
