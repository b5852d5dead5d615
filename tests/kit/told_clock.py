"""A clock that goes on as time does, and is set forward where a test would have to wait."""

import datetime as dt
import time

from arena import clock


class ToldClock:
    """The clock of this process from its making on; the fixture `real_time` puts it back."""

    def __init__(self) -> None:
        self._ahead_s = 0.0
        clock.system = clock.ProcessClock(wall=self._seconds, monotonic=self._seconds)

    def _seconds(self) -> float:
        return time.time() + self._ahead_s

    def forward(self, seconds: float) -> None:
        """Let some time have passed."""
        self._ahead_s += max(0.0, seconds)

    def forward_to(self, moment: dt.datetime) -> None:
        self.forward((moment - clock.now()).total_seconds())
