"""Visits: the stretches of a room in which a seat was active."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from arena.event_kinds import ACTS, WORDS
from arena.export.tables import Row
from arena.models import Event
from arena.rules import EventKind

#: A seat that does nothing for this long has left; its next act begins another visit.
IDLE = dt.timedelta(minutes=5)


@dataclass(slots=True, kw_only=True)
class _Visit:
    seat: str
    started_at: dt.datetime
    ended_at: dt.datetime
    elapsed_ms: int | None
    n_messages: int = 0


class Visits:
    """Collects the visits of one room, in the order in which they began."""

    def __init__(self) -> None:
        self._all: list[_Visit] = []
        self._last: dict[str, _Visit] = {}
        self._n_held: dict[str, int] = {}

    def hear(self, event: Event, elapsed_ms: int | None) -> None:
        """Take note of an event if it is an act of its seat."""
        if event.kind not in ACTS or self._is_shown_again(event):
            return
        visit = self._last.get(event.seat)
        if visit is None or event.at - visit.ended_at >= IDLE:
            visit = _Visit(
                seat=event.seat, started_at=event.at, ended_at=event.at, elapsed_ms=elapsed_ms
            )
            self._last[event.seat] = visit
            self._all.append(visit)
        visit.ended_at = event.at
        visit.n_messages += event.kind in WORDS

    def _is_shown_again(self, event: Event) -> bool:
        """Whether a message was counted already, when it was held until the end of a round."""
        n_held = self._n_held.get(event.seat, 0)
        if event.kind == EventKind.HELD:
            self._n_held[event.seat] = n_held + 1
        elif event.kind == EventKind.MESSAGE and n_held:
            self._n_held[event.seat] = n_held - 1
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
                "duration_ms": (visit.ended_at - visit.started_at) // dt.timedelta(milliseconds=1),
                "n_messages": visit.n_messages,
            }
