"""Abilities on the log-odds scale, with simultaneous intervals for them and for their ranks.

Never a ranking by point estimates.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from analysis.numerics import columns
from analysis.numerics.arrays import Floats, Ints

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True, kw_only=True)
class Abilities:
    """Abilities with intervals, by name and not by value.

    The intervals hold for all names at once (Bonferroni). `rank_low` to `rank_high` are the ranks,
    1 the ablest, that simultaneous comparisons of all pairs leave open.
    """

    source: ClassVar[str] = "Klein, Wright and Wieczorek, JRSS A 183 (2020) 589-606"
    names: tuple[object, ...]
    n: Ints
    ability: Floats
    std_error: Floats
    robust_std_error: Floats | None
    low: Floats
    high: Floats
    rank_low: Ints
    rank_high: Ints
    level: float
    method: str

    @property
    def table(self) -> "pd.DataFrame":
        """One row per name, in the order of names."""
        import pandas as pd

        shown: dict[str, object] = {"name": pd.Series(self.names, dtype="object"), "n": self.n}
        shown |= {"ability": self.ability, "std_error": self.std_error}
        if self.robust_std_error is not None:
            shown["robust_std_error"] = self.robust_std_error
        shown |= {"low": self.low, "high": self.high}
        return pd.DataFrame({**shown, "rank_low": self.rank_low, "rank_high": self.rank_high})

    def _repr_html_(self) -> str:
        head = f"<p>{len(self.names)} names, simultaneous level {self.level:g}. {self.method}.</p>"
        return head + self.table.to_html(index=False)


def abilities(
    names: tuple[object, ...],
    ability: Floats,
    covariances: tuple[Floats, Floats | None],
    *,
    n: Ints,
    df: float,
    level: float,
    method: str,
) -> Abilities:
    """Intervals and ranks from the covariances by curvature and, where there is one, robust."""
    curvature, robust = covariances
    error = np.sqrt(np.diag(curvature))
    used = error if robust is None else np.maximum(error, np.sqrt(np.diag(robust)))
    free = max(int((used > 0).sum()), 1)
    reach = used * _simultaneous(level, free, df)
    low, high = _ranks(ability, [c for c in covariances if c is not None], df=df, level=level)
    return Abilities(
        names=names,
        n=n,
        ability=ability,
        std_error=error,
        robust_std_error=None if robust is None else np.sqrt(np.diag(robust)),
        low=ability - reach,
        high=ability + reach,
        rank_low=low,
        rank_high=high,
        level=level,
        method=method,
    )


def _ranks(
    ability: Floats, covariances: list[Floats], *, df: float, level: float
) -> tuple[Ints, Ints]:
    """The ranks that all pairs, compared at one shared level, leave open."""
    k = len(ability)
    pairs = max(k * (k - 1) // 2, 1)
    gap = ability[:, None] - ability[None, :]
    variance = np.max([_gap_variance(c) for c in covariances], axis=0)
    reach = np.sqrt(np.maximum(variance, 0.0)) * _simultaneous(level, pairs, df)
    # Without an error (one interrogator) no pair differs significantly.
    below, above = gap + reach < 0, gap - reach > 0
    np.fill_diagonal(below, False)
    np.fill_diagonal(above, False)
    return 1 + below.sum(axis=1), k - above.sum(axis=1)


def _gap_variance(covariance: Floats) -> Floats:
    own = np.diag(covariance)
    return np.asarray(own[:, None] + own[None, :] - 2 * covariance)


def _simultaneous(level: float, count: int, df: float) -> float:
    """Quantile at which `count` intervals hold at once (Bonferroni)."""
    return float(columns.quantile(1 - (1 - level) / count, np.array([df]))[0]) if df else np.nan
