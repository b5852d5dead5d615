"""How many rooms and interrogators a study of win rates needs.

An answer is only as good as what it assumes about people: try several.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from analysis.errors import ArgumentError
from analysis.numerics import arrays, intervals
from analysis.numerics.result import Result
from analysis.sequential import anytime

if TYPE_CHECKING:
    import pandas as pd

#: More interrogators than this are not looked for.
MAX_INTERROGATORS = 1_000_000

_METHOD = (
    "Variance p(1-p)/n times the design effect 1 + (rooms_each - 1) icc; interval on the logit "
    "scale with t quantiles, power by the noncentral t, G-1 degrees of freedom"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan(Result):
    """A study of win rates: its size, and what can be expected of it."""

    source: ClassVar[str] = "Donner and Klar, Cluster Randomization Trials, 2000"
    n_interrogators: int
    rooms_each: int
    win_rate: float
    p0: float
    icc: float
    power: float
    width: float
    level: float
    method: str

    @property
    def n_clusters(self) -> int:
        """Number of interrogators."""
        return self.n_interrogators

    @property
    def n(self) -> int:
        """Rooms in all."""
        return self.n_interrogators * self.rooms_each

    @property
    def design_effect(self) -> float:
        """How many times larger the variance is than that of as many independent rooms."""
        return 1 + (self.rooms_each - 1) * self.icc

    @property
    def table(self) -> "pd.DataFrame":
        """One row: n_interrogators, rooms_each, n_rooms, design_effect, power, width, inputs."""
        import pandas as pd

        size = {"n_interrogators": self.n_interrogators, "rooms_each": self.rooms_each}
        expected = {"design_effect": self.design_effect, "power": self.power, "width": self.width}
        given = {"win_rate": self.win_rate, "p0": self.p0, "icc": self.icc, "level": self.level}
        return pd.DataFrame([{**size, "n_rooms": self.n, **expected, **given}])

    def _repr_html_(self) -> str:
        return f"<p>{self.method}.</p>" + self.table.to_html(index=False)


def power(
    win_rate: float,
    *,
    p0: float = 0.5,
    rooms_each: int = 1,
    icc: float = 0.0,
    n_interrogators: int | None = None,
    target: float | None = None,
    width: float | None = None,
    level: float = 0.95,
) -> Plan:
    """Plan a study of a win rate: its power and interval width, or the interrogators it needs.

    Give exactly one of `n_interrogators`, `target` and `width`.

    Parameters
    ----------
    win_rate : float
        What is expected.
    p0 : float
        The null value.
    rooms_each : int
        Rooms per interrogator.
    icc : float
        Correlation of two verdicts by one interrogator: 0 for independent rooms.
    n_interrogators : int, optional
        The size, if it is known.
    target : float, optional
        The power wanted, such as 0.9.
    width : float, optional
        The width wanted of the interval, from end to end.
    level : float

    Examples
    --------
    >>> import analysis as ta
    >>> plan = ta.power(0.6, rooms_each=4, icc=0.1, target=0.9)
    >>> plan.n_interrogators, plan.n, round(plan.power, 3)
    (89, 356, 0.902)
    """
    level, win_rate = arrays.level(level), anytime.probability(win_rate, "win_rate")
    p0 = anytime.probability(p0, "p0")
    _check(rooms_each, icc, (n_interrogators, target, width))

    def plan(n: int) -> Plan:
        return _planned(n, rooms_each=rooms_each, win_rate=win_rate, p0=p0, icc=icc, level=level)

    if n_interrogators is not None:
        return plan(n_interrogators)
    if target is not None:
        wanted = anytime.probability(target, "target")
        if win_rate == p0:
            raise ArgumentError(f"`win_rate` must differ from `p0` (got {p0:g} for both).")
        return plan(_smallest(lambda n: plan(n).power >= wanted))
    wide = anytime.probability(width or 0.0, "width")
    return plan(_smallest(lambda n: plan(n).width <= wide))


def _check(rooms_each: int, icc: float, sizes: tuple[float | None, ...]) -> None:
    if sum(size is not None for size in sizes) != 1:
        raise ArgumentError("Give exactly one of `n_interrogators`, `target` and `width`.")
    if rooms_each < 1:
        raise ArgumentError(f"`rooms_each` must be at least 1 (got {rooms_each!r}).")
    if not 0 <= icc <= 1:
        raise ArgumentError(f"`icc` must be from 0 to 1 (got {icc!r}).")
    if sizes[0] is not None and sizes[0] < 2:
        raise ArgumentError(f"`n_interrogators` must be at least 2 (got {sizes[0]!r}).")


def _planned(
    n: int, *, rooms_each: int, win_rate: float, p0: float, icc: float, level: float
) -> Plan:
    from scipy import special

    effect = 1 + (rooms_each - 1) * icc
    error = float(np.sqrt(win_rate * (1 - win_rate) * effect / (n * rooms_each)))
    reach, slope = intervals.critical(level, n), 1 / (win_rate * (1 - win_rate))
    shift = abs(float(special.logit(win_rate) - special.logit(p0))) / (error * slope)
    centre, half = special.logit(win_rate), reach * error * slope
    rejected = 1 - special.nctdtr(n - 1, shift, reach) + special.nctdtr(n - 1, shift, -reach)
    return Plan(
        n_interrogators=n,
        rooms_each=rooms_each,
        win_rate=win_rate,
        p0=p0,
        icc=icc,
        power=float(rejected),
        width=float(special.expit(centre + half) - special.expit(centre - half)),
        level=level,
        method=_METHOD,
    )


def _smallest(enough: Callable[[int], bool]) -> int:
    low, high = 1, 2
    while not enough(high):
        low, high = high, 2 * high
        if high > MAX_INTERROGATORS:
            raise ArgumentError(
                f"More than {MAX_INTERROGATORS} interrogators would be needed; ask for less power "
                "or a wider interval."
            )
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return high
