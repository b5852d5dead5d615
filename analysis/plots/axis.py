"""The time axis of a figure and the words for a time, on each clock."""

from dataclasses import dataclass

import numpy as np
from matplotlib.ticker import MaxNLocator

from analysis.outcomes.clocks import Clock

#: Keeps a number and its unit on one line.
NBSP = "\u00a0"

_SECOND, _MINUTE, _HOUR, _DAY = 1_000, 60_000, 3_600_000, 86_400_000


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeUnit:
    """What times are shown in: their size in the clock's own unit, a name, and good steps."""

    size: float
    name: str
    short: str
    steps: tuple[float, ...]


_SECONDS = TimeUnit(size=_SECOND, name="seconds", short="s", steps=(1, 2, 3, 5, 10))
_MINUTES = TimeUnit(size=_MINUTE, name="minutes", short="min", steps=(1, 1.5, 2, 3, 5, 10))
_HOURS = TimeUnit(size=_HOUR, name="hours", short="h", steps=(1, 1.2, 2, 2.4, 3, 4, 6, 10))
_DAYS = TimeUnit(size=_DAY, name="days", short="d", steps=(1, 1.5, 2, 3, 5, 10))
_MESSAGES = TimeUnit(size=1, name="messages", short="messages", steps=(1, 2, 2.5, 5, 10))

_AXIS_NAMES = {
    Clock.WALL: "Live time",
    Clock.ACTIVE: "Active time",
    Clock.MESSAGES: "Interrogator's messages",
}


def unit_of(clock: Clock, longest: float) -> TimeUnit:
    """The unit in which times up to `longest` read best."""
    if clock is Clock.MESSAGES:
        return _MESSAGES
    for unit, limit in ((_SECONDS, 3 * _MINUTE), (_MINUTES, 3 * _HOUR), (_HOURS, 3 * _DAY)):
        if longest < limit:
            return unit
    return _DAYS


def axis_label(clock: Clock, unit: TimeUnit) -> str:
    """What the time axis says."""
    name = _AXIS_NAMES[clock]
    return name if clock is Clock.MESSAGES else f"{name} ({unit.name})"


def ticks(unit: TimeUnit, horizon: float, n: int) -> list[float]:
    """At most about `n` round times from 0 to the horizon, in the clock's own unit."""
    whole = unit is _MESSAGES
    locator = MaxNLocator(nbins=n, steps=list(unit.steps), integer=whole)
    places = np.asarray(locator.tick_values(0, horizon / unit.size)) * unit.size
    return [float(place) for place in places if -1e-9 <= place <= horizon * (1 + 1e-9)]


def words(time: float, clock: Clock, *, unit: TimeUnit | None = None) -> str:
    """A time for people: 4.2 min, 17 messages, not reached."""
    if np.isnan(time):
        return "not available"
    if np.isinf(time):
        return "not reached"
    unit = unit or unit_of(clock, time)
    value = f"{time / unit.size:.3g}" if time / unit.size < 1000 else f"{time / unit.size:.0f}"
    return f"{value}{NBSP}{unit.short}"
