"""The one source of the present moment: UTC, cut to the millisecond the log stores.

Time runs on the machine's steady clock. What the system clock shows otherwise, after somebody set
it or a time server corrected it, is taken up slowly: no moment comes back, and none is skipped.

A rehearsal plays months in minutes: `ARENA_CLOCK`, "<speed>:<real start>:<told start>" in seconds
since 1970, has every process of it tell the same faster time. Otherwise told time is real time.
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
#: How much faster or slower than the steady clock time runs while it takes up a difference.
SLEW = 0.05
#: A difference that arises at once and is greater than this (s) is worth a warning.
STEP_S = 1.0
#: The system clock is not believed if reading it took longer than this (s).
LONG_READING_S = 0.01
#: How far ahead (s) of the system clock what is stored already may have time go on.
TRUST_S = 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """How told time follows real time: both run from their starts, one `speed` times as fast."""

    speed: float = 1.0
    real_start: float = 0.0
    told_start: float = 0.0

    @classmethod
    def read(cls, text: str) -> "Rate":
        if not text:
            return cls()
        speed, real_start, told_start = map(float, text.split(":"))
        return cls(speed=speed, real_start=real_start, told_start=told_start)

    def __str__(self) -> str:
        return f"{self.speed!r}:{self.real_start!r}:{self.told_start!r}"

    def told(self, real: float) -> float:
        return self.told_start + (real - self.real_start) * self.speed

    def real(self, told: float) -> float:
        return self.real_start + (told - self.told_start) / self.speed


def _steady() -> float:
    """A clock that nobody sets and that goes on while the machine sleeps, where there is one."""
    if hasattr(time, "CLOCK_BOOTTIME"):
        return time.clock_gettime(time.CLOCK_BOOTTIME)
    if sys.platform == "darwin":
        return time.clock_gettime(time.CLOCK_MONOTONIC)
    return time.monotonic()


class Clock:
    """Tells the time of one process; safe in threads."""

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
        """The present moment, to the millisecond; never earlier than one told before."""
        moment = dt.datetime.fromtimestamp(self.rate.told(self._tick()), dt.UTC)
        return moment.replace(microsecond=moment.microsecond // 1000 * 1000)

    def not_before(self, moment: dt.datetime) -> None:
        """Go on from `moment`, where time had come before this process, if that is later."""
        present = self._tick()
        with self._lock:
            ahead_s = self.rate.real(moment.timestamp()) - present
            if 0 < ahead_s <= TRUST_S:
                self._real += ahead_s
        if ahead_s > STEP_S:
            log.warning(
                "What is stored reaches %.1f s beyond the system clock (%s). Time %s. Look at the "
                "clocks of all servers.",
                ahead_s,
                moment.isoformat(timespec="seconds"),
                "goes on from there, slower until the clock has caught up"
                if ahead_s <= TRUST_S
                else "does not follow: rooms stand still where they were until the clock is there",
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
                "The system clock was set by %+.1f s. Rooms take it up slowly, within %.0f min, so "
                "that nothing in them comes twice, early or not at all.",
                stepped_s,
                abs(shown - real) / SLEW / 60,
            )
        return real


#: The clock of this process.
system = Clock(rate=Rate.read(os.environ.get(ENVIRONMENT, "")))


def now() -> dt.datetime:
    """The present moment, to the millisecond."""
    return system.now()


def real_s(told_s: float) -> float:
    """How long (s) one really waits for a span of told time to pass."""
    return told_s / system.rate.speed


def told_s(real_s: float) -> float:
    """How much told time (s) passes in a span of real time."""
    return real_s * system.rate.speed


def told(real: dt.timedelta) -> dt.timedelta:
    """A technical span, such as a lease, as the told time in which rows store it."""
    return real * system.rate.speed
