"""The one source of the present moment: UTC, cut to the millisecond the log stores.

A rehearsal plays months in minutes: `ARENA_CLOCK`, "<speed>:<real start>:<told start>" in seconds
since 1970, has every process of it tell the same faster time. Otherwise told time is real time.
"""

import datetime as dt
import os
import time
from dataclasses import dataclass

ENVIRONMENT = "ARENA_CLOCK"


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


rate = Rate.read(os.environ.get(ENVIRONMENT, ""))


def now() -> dt.datetime:
    """The present moment, to the millisecond."""
    moment = dt.datetime.fromtimestamp(rate.told(time.time()), dt.UTC)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def real_s(told_s: float) -> float:
    """How long (s) one really waits for a span of told time to pass."""
    return told_s / rate.speed


def told_s(real_s: float) -> float:
    """How much told time (s) passes in a span of real time."""
    return real_s * rate.speed
