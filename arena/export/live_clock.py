"""Live time of a room: since it started, pauses not counted, exact to the millisecond."""

import datetime as dt

from arena.rules import EventKind

_STARTED, _PAUSED, _RESUMED = EventKind.STARTED, EventKind.PAUSED, EventKind.RESUMED
_1970 = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


def since_1970_ms(moment: dt.datetime) -> int:
    """A moment as the milliseconds since 1970, cut to the last whole one."""
    return (moment - _1970) // dt.timedelta(milliseconds=1)


class LiveClock:
    """Follows a room's log; moments are milliseconds since 1970."""

    def __init__(self) -> None:
        self._started_at: int | None = None
        self._paused_at: int | None = None
        self._paused_ms = 0

    def hear(self, kind: str, at: int) -> None:
        """Take note of an event if it starts or stops the clock."""
        if kind == _STARTED:
            self._started_at = at
        elif kind == _PAUSED:
            self._paused_at = at
        elif kind == _RESUMED:
            self._paused_ms, self._paused_at = self.paused_ms(at), None

    def elapsed_ms(self, at: int) -> int | None:
        """Live time at a moment that is not before the last event; None if it never went live."""
        return None if self._started_at is None else at - self._started_at - self.paused_ms(at)

    def paused_ms(self, at: int) -> int:
        """Time spent in pauses, up to a moment."""
        return (
            self._paused_ms if self._paused_at is None else self._paused_ms + at - self._paused_at
        )
