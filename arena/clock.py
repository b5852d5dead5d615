"""The one source of the present moment: UTC, cut to the millisecond the log stores.

Time runs on the machine's steady clock. A correction of the system clock, by an administrator or a
time server, is slewed in: no moment is repeated, and none is skipped.

A rehearsal plays months in minutes: `ARENA_CLOCK`, "<speed>:<real start>:<simulated start>" in
seconds since 1970, gives all its processes the same faster clock. Otherwise simulated time is real
time.
"""

import datetime as dt
import logging
import os
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

log = logging.getLogger(__name__)

ENVIRONMENT = "ARENA_CLOCK"
#: How much faster or slower than the steady clock time runs while it slews.
SLEW = 0.05
#: A sudden difference greater than this (s) is worth a warning.
STEP_S = 1.0
#: The system clock is not believed if reading it took longer than this (s).
LONG_READING_S = 0.01
#: How far ahead (s) of the system clock the newest stored moment may set this clock.
TRUST_S = 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """Simulated time against real time: both run from their starts, one `speed` times as fast."""

    speed: float = 1.0
    real_start: float = 0.0
    simulated_start: float = 0.0

    @classmethod
    def read(cls, text: str) -> "Rate":
        if not text:
            return cls()
        speed, real_start, simulated_start = map(float, text.split(":"))
        return cls(speed=speed, real_start=real_start, simulated_start=simulated_start)

    def __str__(self) -> str:
        return f"{self.speed!r}:{self.real_start!r}:{self.simulated_start!r}"

    def simulated(self, real: float) -> float:
        return self.simulated_start + (real - self.real_start) * self.speed

    def real(self, simulated: float) -> float:
        return self.real_start + (simulated - self.simulated_start) / self.speed


def _steady() -> float:
    """A clock that is never set and, where there is one, goes on while the machine sleeps."""
    if hasattr(time, "CLOCK_BOOTTIME"):
        return time.clock_gettime(time.CLOCK_BOOTTIME)
    if sys.platform == "darwin":
        return time.clock_gettime(time.CLOCK_MONOTONIC)
    return time.monotonic()


class ProcessClock:
    """The time of one process; safe in threads."""

    def __init__(
        self,
        *,
        rate: Rate | None = None,
        wall: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = _steady,
    ) -> None:
        self.rate = rate or Rate()
        self._wall, self._monotonic = wall, monotonic
        self._lock = threading.Lock()
        self._read_at = monotonic()
        self._real = wall()
        self._offset = self._real - self._read_at

    def now(self) -> dt.datetime:
        """The present moment, to the millisecond; never earlier than one returned before."""
        moment = dt.datetime.fromtimestamp(self.rate.simulated(self._tick()), dt.UTC)
        return moment.replace(microsecond=moment.microsecond // 1000 * 1000)

    def not_before(self, moment: dt.datetime) -> None:
        """Continue from `moment`, the newest one stored by an earlier process, if it is later."""
        present = self._tick()
        with self._lock:
            ahead_s = self.rate.real(moment.timestamp()) - present
            if 0 < ahead_s <= TRUST_S:
                self._real += ahead_s
        if ahead_s > STEP_S:
            log.warning(
                "The newest stored event is %.1f s ahead of the system clock (%s). Time %s. "
                "Check the clocks of all servers.",
                ahead_s,
                moment.isoformat(timespec="seconds"),
                "continues from there, slower until the clock has caught up"
                if ahead_s <= TRUST_S
                else "does not follow: rooms stand still until the clock has caught up",
            )

    def _tick(self) -> float:
        """Advance to the present; return it in seconds since 1970, real time."""
        stepped_s = 0.0
        with self._lock:
            steady = self._monotonic()
            shown = self._wall()
            passed_s = steady - self._read_at
            self._read_at = steady
            self._real += passed_s
            if self._monotonic() - steady <= LONG_READING_S:
                most_s = SLEW * passed_s
                self._real += min(max(shown - self._real, -most_s), most_s)
                stepped_s = shown - steady - self._offset
                self._offset += stepped_s
            real = self._real
        if abs(stepped_s) > STEP_S:
            log.warning(
                "The system clock was set by %+.1f s. Rooms follow slowly, in %.0f min, so that "
                "no event in them comes twice, early or not at all.",
                stepped_s,
                abs(shown - real) / SLEW / 60,
            )
        return real


#: The clock of this process.
system = ProcessClock(rate=Rate.read(os.environ.get(ENVIRONMENT, "")))


def now() -> dt.datetime:
    """The present moment, to the millisecond."""
    return system.now()


def real_s(simulated_s: float) -> float:
    """The real time (s) that a span of simulated time takes."""
    return simulated_s / system.rate.speed


def simulated_s(real_s: float) -> float:
    """The simulated time (s) that passes in a span of real time."""
    return real_s * system.rate.speed


def simulated(real: dt.timedelta) -> dt.timedelta:
    """A technical span, such as a lease, as the simulated time in which rows store it."""
    return real * system.rate.speed
