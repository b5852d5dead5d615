"""Live time of a room: since it started, pauses not counted, exact to the millisecond."""

import datetime as dt

from arena.rules import EventKind

_MS = dt.timedelta(milliseconds=1)


class LiveClock:
    """Follows a room's log; answers for the moment of the last event it was given."""

    def __init__(self) -> None:
        self._started_at: dt.datetime | None = None
        self._paused_at: dt.datetime | None = None
        self._paused = dt.timedelta()

    def hear(self, kind: str, at: dt.datetime) -> None:
        """Take note of an event if it starts or stops the clock."""
        if kind == EventKind.STARTED:
            self._started_at = at
        elif kind == EventKind.PAUSED:
            self._paused_at = at
        elif kind == EventKind.RESUMED:
            self._paused, self._paused_at = self._paused_until(at), None

    def elapsed_ms(self, at: dt.datetime) -> int | None:
        """Live time at a moment; None if the room never went live."""
        if self._started_at is None:
            return None
        return (at - self._started_at - self._paused_until(at)) // _MS

    def paused_ms(self, at: dt.datetime) -> int:
        """Time spent in pauses, up to a moment."""
        return self._paused_until(at) // _MS

    def _paused_until(self, at: dt.datetime) -> dt.timedelta:
        return self._paused + (at - self._paused_at if self._paused_at else dt.timedelta())
