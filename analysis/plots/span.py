"""The stretch of time that a figure shows, on a linear axis or on one from seconds to months."""

from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import NullLocator

from analysis.errors import ArgumentError
from analysis.numerics.arrays import Floats, Ints
from analysis.outcomes.clocks import Clock
from analysis.plots import axis

#: Steps that the width of a figure can show.
HAIRS = 800

_SECOND, _MINUTE, _HOUR, _DAY = 1_000.0, 60_000.0, 3_600_000.0, 86_400_000.0

#: Times to write on a logarithmic axis, in the order in which they are wanted.
_ROUND_TIMES = (
    *(_MINUTE, _HOUR, _DAY, 30 * _DAY),
    *(10 * _SECOND, 10 * _MINUTE, 6 * _HOUR, 7 * _DAY, 365 * _DAY, _SECOND),
    *(30 * _SECOND, 5 * _MINUTE, 30 * _MINUTE, 3 * _HOUR, 12 * _HOUR, 3 * _DAY, 90 * _DAY),
    *(2 * _MINUTE, 20 * _MINUTE, 2 * _HOUR, 2 * _DAY, 14 * _DAY, 180 * _DAY),
)
_ROUND_COUNTS = (1.0, 10.0, 100.0, 1000.0, 3.0, 30.0, 300.0, 2.0, 5.0, 20.0, 50.0, 200.0, 500.0)

#: Shares of a log axis: two ticks are at least this far apart, times the number wanted.
_APART = 0.62


#: An axis is logarithmic if it is at least this long and a tenth of the decisions fall into its
#: first 1 / FIRST_PART, which on a linear axis is its left edge.
LONG_MS, LONG_MESSAGES, FIRST_PART = 6 * _HOUR, 200, 20


def log_start(decided: Floats, end: float, clock: Clock) -> float | None:
    """Where a logarithmic axis should begin for decisions at these times; None for a linear one."""
    long = end >= (LONG_MESSAGES if clock is Clock.MESSAGES else LONG_MS)
    after_0 = decided[decided > 0]
    if not long or not len(after_0) or np.quantile(after_0, 0.1) * FIRST_PART > end:
        return None
    wanted = _ROUND_COUNTS if clock is Clock.MESSAGES else _ROUND_TIMES
    below = [place for place in wanted if place <= after_0.min()]
    return max(below, default=min(wanted))


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """From `start` to `end` in the clock's own unit; logarithmic if it does not start at 0."""

    start: float = 0.0
    end: float

    def __post_init__(self) -> None:
        if not 0 <= self.start < self.end:
            raise ArgumentError(
                f"An axis must start at 0 (linear), or between 0 and its end (logarithmic) (got "
                f"{self.start:g} to {self.end:g})."
            )

    @property
    def is_log(self) -> bool:
        """Whether the axis is logarithmic."""
        return self.start > 0

    def visible(self, times: Floats) -> Ints:
        """Positions of the times that a figure can resolve: the last of each hair's breadth."""
        first = int(np.searchsorted(times, self.start, side="left"))
        inside = times[first:][times[first:] <= self.end]
        if self.is_log:
            part = np.log(inside / self.start) / np.log(self.end / self.start)
        else:
            part = inside / self.end
        return first + np.flatnonzero(np.diff(np.floor(part * HAIRS), append=np.inf) > 0)

    def ticks(self, clock: Clock, n: int) -> tuple[list[float], list[str]]:
        """At most about `n` round places and their labels."""
        if not self.is_log:
            unit = axis.unit_of(clock, self.end)
            places = axis.ticks(unit, self.end, n)
            return places, [f"{place / unit.size:g}" for place in places]
        places = self._log_places(_ROUND_COUNTS if clock is Clock.MESSAGES else _ROUND_TIMES, n)
        if clock is Clock.MESSAGES:
            return places, [f"{place:g}" for place in places]
        return places, [axis.words(place, clock, unit=_unit(place)) for place in places]

    def label(self, clock: Clock) -> str:
        """What the axis says."""
        if not self.is_log:
            return axis.axis_label(clock, axis.unit_of(clock, self.end))
        name = axis.axis_label(clock, axis.unit_of(clock, self.end)).partition(" (")[0]
        return f"{name} (logarithmic)"

    def apply(self, axes: Axes) -> None:
        """Set the scale and the limits of an axis."""
        if self.is_log:
            axes.set_xscale("log")
            axes.xaxis.set_minor_locator(NullLocator())
            axes.set_xlim(self.start, self.end * (self.end / self.start) ** 0.02)
        else:
            axes.set_xlim(0, self.end * 1.02)

    def _log_places(self, wanted: tuple[float, ...], n: int) -> list[float]:
        apart = _APART * np.log(self.end / self.start) / n
        chosen: list[float] = []
        for place in wanted:
            inside = self.start <= place <= self.end * 1.001
            if inside and all(abs(np.log(place / other)) >= apart for other in chosen):
                chosen.append(place)
        return sorted(chosen)


def _unit(place: float) -> axis.TimeUnit:
    """The largest unit of which the place is at least one."""
    units = (axis.unit_of(Clock.WALL, longest) for longest in (9 * _DAY, 9 * _HOUR, 9 * _MINUTE))
    return next((unit for unit in units if place >= unit.size), axis.unit_of(Clock.WALL, 1))
