"""Visits: the stretches of a room in which a seat was active."""

from collections.abc import Iterator
from dataclasses import dataclass

from analysis.dataset.rows import Row

#: Kinds of event that a seat makes of its own accord, and those of them that are words.
ACTS = frozenset({"message", "held", "belief", "tag", "verdict"})
WORDS = frozenset({"message", "held"})

#: A seat that does nothing for this long has left; its next act begins another visit.
IDLE_MS = 5 * 60 * 1000


@dataclass(slots=True, kw_only=True)
class _Visit:
    seat: str
    started_at: int  # milliseconds since 1970
    ended_at: int
    elapsed_ms: int | None
    n_messages: int = 0


class Visits:
    """Collects the visits of one room, in the order in which they began."""

    def __init__(self) -> None:
        self._all: list[_Visit] = []
        self._last: dict[str, _Visit] = {}
        self._n_held: dict[str, int] = {}

    def hear(self, kind: str, seat: str, *, at: int, elapsed_ms: int | None) -> None:
        """Take note of an event if it is an act of its seat."""
        if kind not in ACTS or self._is_shown_again(kind, seat):
            return
        visit = self._last.get(seat)
        if visit is None or at - visit.ended_at >= IDLE_MS:
            visit = _Visit(seat=seat, started_at=at, ended_at=at, elapsed_ms=elapsed_ms)
            self._last[seat] = visit
            self._all.append(visit)
        visit.ended_at = at
        visit.n_messages += kind in WORDS

    def _is_shown_again(self, kind: str, seat: str) -> bool:
        """Whether a message was counted already, when it was held until the end of a round."""
        if kind == "held":
            self._n_held[seat] = self._n_held.get(seat, 0) + 1
        elif kind == "message" and self._n_held.get(seat):
            self._n_held[seat] -= 1
            return True
        return False

    def rows(self, room: str) -> Iterator[Row]:
        for visit in self._all:
            yield {
                "room": room,
                "seat": visit.seat,
                "started_at": visit.started_at,
                "ended_at": visit.ended_at,
                "elapsed_ms": visit.elapsed_ms,
                "duration_ms": visit.ended_at - visit.started_at,
                "n_messages": visit.n_messages,
            }
