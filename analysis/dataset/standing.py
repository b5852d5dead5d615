"""Where a room and its seats stand, by its log alone: phase, times, end, who came and agreed."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from analysis.dataset.live_clock import LiveClock

#: The kinds of event whose bodies say something of it.
TELLING = frozenset({"sealed", "claimed", "ready", "ended"})


@dataclass(slots=True, kw_only=True)
class Attendee:
    """Who came to a seat; moments are milliseconds since 1970."""

    participant: str = ""
    agent: str = ""
    claimed_at: int | None = None
    ready_at: int | None = None
    consent_sha256: str = ""


class Standing:
    """Follows a room's log; moments are milliseconds since 1970.

    Parameters
    ----------
    duration_ms : int
        The planned live time, by the study's rules.
    """

    def __init__(self, duration_ms: int) -> None:
        self._duration_ms = duration_ms
        self.clock = LiveClock()
        self.phase = ""  # empty before the first event
        self.sealed: Mapping[str, Any] = {}  # what the first event says
        self.created_at: int | None = None
        self.ended_at: int | None = None
        self.unsealed_at: int | None = None  # when a host first saw who is who
        self.end_reason = ""
        #: None where a log of old does not tell who ended the room.
        self.ended_by: str | None = ""
        self.attendees: dict[str, Attendee] = {}
        self._last_acts: dict[str, str] = {}  # by kind, the seat of the last verdict or leave

    @property
    def ends_at(self) -> int | None:
        """When the room's time is up, moved by the pauses that are over."""
        if (started_at := self.clock.started_at) is None:
            return None
        return started_at + self._duration_ms + self.clock.resumed_ms

    def attendee(self, actor: str) -> Attendee:
        """Who came to a seat, as the log names its occupant."""
        return self.attendees.get(actor) or self.attendees.setdefault(actor, Attendee())

    def hear(self, kind: str, seat: str, *, at: int, body: Mapping[str, Any] | None) -> None:
        """Take note of the next event; ValueError if no room can come to it."""
        match kind:
            case "sealed":
                self._seal(at, body or {})
            case "claimed":
                self._claim(self.attendee(seat), at, body or {})
            case "ready":
                here = self.attendee(seat)
                here.ready_at, here.consent_sha256 = at, (body or {})["consent_sha256"]
            case "started" | "paused" | "resumed":
                self._move(kind, at)
            case "unsealed" if self.unsealed_at is None:
                self.unsealed_at = at
            case "verdict" | "left":
                self._last_acts[kind] = seat
            case "ended":
                self._end(at, body or {})

    def _seal(self, at: int, body: Mapping[str, Any]) -> None:
        if self.phase:
            raise ValueError("the room was sealed before")
        self.phase, self.created_at, self.sealed = "lobby", at, body

    def _claim(self, here: Attendee, at: int, body: Mapping[str, Any]) -> None:
        if (participant := body.get("participant")) is None:  # a new link, for whoever comes
            return
        here.participant = participant
        here.agent = body.get("agent") or here.agent
        here.claimed_at = here.claimed_at if body.get("again") else at

    def _move(self, kind: str, at: int) -> None:
        before, after = {
            "started": ("lobby", "live"),
            "paused": ("live", "paused"),
            "resumed": ("paused", "live"),
        }[kind]
        if self.phase != before:
            raise ValueError(f"a room in phase {self.phase or 'none'} cannot be {kind}")
        self.phase = after
        self.clock.hear(kind, at)

    def _end(self, at: int, body: Mapping[str, Any]) -> None:
        if self.phase in ("", "ended"):
            raise ValueError("a room ends once")
        self.phase, self.ended_at, self.end_reason = "ended", at, body["reason"]
        self.ended_by = self._who_ended(body)

    def _who_ended(self, body: Mapping[str, Any]) -> str | None:
        if (told := body.get("by")) is not None:
            return str(told)
        match self.end_reason:
            case "verdict":
                return self._last_acts["verdict"]
            case "withdrawn":
                by = self._last_acts.get("left", "")
                return "" if by == "stand_in" else by
            case "dropped_out":  # Logs said who from some version on.
                return None
        return ""
