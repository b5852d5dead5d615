"""One estimated number with its uncertainty."""

import math
from dataclasses import dataclass
from typing import Protocol

from analysis.numerics.result import Result

#: Value, error and interval where the data do not allow them.
NOTHING = (math.nan, math.nan, math.nan, math.nan)


class CurveLike(Protocol):
    """What an estimate takes over from the curve it is read off."""

    @property
    def n(self) -> int: ...
    @property
    def n_clusters(self) -> int | None: ...
    @property
    def level(self) -> float: ...
    @property
    def method(self) -> str: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate(Result):
    """A number, its standard error and interval, and how they were made.

    ``nan`` means that the data do not allow the number. In a time, ``inf`` means "not reached".
    """

    value: float
    std_error: float
    low: float
    high: float
    n: int
    n_clusters: int | None
    level: float
    method: str

    @classmethod
    def of(cls, curve: CurveLike, numbers: tuple[float, float, float, float]) -> "Estimate":
        """One number read off a curve: value, error and interval, with all else as it is there."""
        value, std_error, low, high = numbers
        return cls(
            value=value,
            std_error=std_error,
            low=low,
            high=high,
            n=curve.n,
            n_clusters=curve.n_clusters,
            level=curve.level,
            method=curve.method,
        )

    def __str__(self) -> str:
        return f"{_number(self.value)} ({self.level:.0%} interval {self._interval()}; n = {self.n})"

    def _repr_html_(self) -> str:
        return f"<p><b>{_number(self.value)}</b> ({self.level:.0%} interval {self._interval()})</p>"

    def _interval(self) -> str:
        return f"{_number(self.low)} to {_number(self.high)}"


def _number(value: float) -> str:
    if math.isnan(value):
        return "not available"
    return "not reached" if math.isinf(value) else f"{value:.4g}"
