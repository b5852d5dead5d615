"""A system clock and a steady clock that a test moves by hand."""

import datetime as dt
import time

from arena.clock import ProcessClock, Rate


class Hands:
    """Both clocks of a machine; `set_by` is what an operator or a time server does."""

    def __init__(self, start: float | None = None) -> None:
        self.shown = time.time() if start is None else start
        self._steady = 1000.0

    def turn(self, seconds: float) -> None:
        """Let time pass."""
        self.shown += seconds
        self._steady += seconds

    def set_by(self, seconds: float) -> None:
        """Set the system clock forward or back."""
        self.shown += seconds

    @property
    def at(self) -> dt.datetime:
        """What the system clock shows."""
        return dt.datetime.fromtimestamp(self.shown, dt.UTC)

    def clock(self, rate: Rate | None = None) -> ProcessClock:
        return ProcessClock(rate=rate, wall=lambda: self.shown, monotonic=lambda: self._steady)
