"""One estimated number with its uncertainty: what every estimator hands out in the end."""

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
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
