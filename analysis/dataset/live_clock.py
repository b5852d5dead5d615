"""Live time of a room: since it started, pauses not counted, exact to the millisecond."""


class LiveClock:
    """Follows a room's log; moments are milliseconds since 1970."""

    __slots__ = ("_paused_ms", "paused_at", "started_at")

    def __init__(self) -> None:
        self.started_at: int | None = None
        self.paused_at: int | None = None
        self._paused_ms = 0

    def hear(self, kind: str, at: int) -> None:
        """Take note of an event if it starts or stops the clock."""
        if kind == "started":
            self.started_at = at
        elif kind == "paused":
            self.paused_at = at
        elif kind == "resumed":
            self._paused_ms, self.paused_at = self.paused_ms(at), None

    def elapsed_ms(self, at: int) -> int | None:
        """Live time at a moment that is not before the last event; None if it never went live."""
        return None if self.started_at is None else at - self.started_at - self.paused_ms(at)

    def paused_ms(self, at: int) -> int:
        """Time spent in pauses, up to a moment."""
        return self._paused_ms if self.paused_at is None else self._paused_ms + at - self.paused_at

    @property
    def resumed_ms(self) -> int:
        """Time spent in the pauses that are over."""
        return self._paused_ms
