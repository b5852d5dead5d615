"""Words that were written and not shown yet: until a round is over, or for a study's delay."""

from collections import deque
from typing import NamedTuple

from analysis.dataset.entries import Entry
from analysis.dataset.moments import read_ms


class _Held(NamedTuple):
    seq: int
    event: str
    pane: str
    text: str | None  # None where it was erased
    written_at: int


class HeldWords:
    """Follows what the seats of a room hold; moments are milliseconds since 1970.

    What a seat holds is shown in the order of its writing, so the first held is shown first.
    """

    def __init__(self) -> None:
        self._waiting: dict[str, deque[_Held]] = {}
        #: Of the number of each event that held words, the number of the message that showed them.
        self.shown_as: dict[int, int] = {}

    def hold(self, event: Entry) -> None:
        """Take note of an event that holds words."""
        body = event.body or {}
        written = body.get("written_at")  # rounds, and erased words, do not say it
        at = event.at if written is None else read_ms(written)
        held = _Held(event.seq, event.event, event.pane, body.get("text"), at)
        self._waiting.setdefault(event.seat, deque()).append(held)

    def show(self, event: Entry) -> int:
        """Take note of a message; return when it was written.

        ValueError if its body names an event that is not what its seat holds, or has other words.
        """
        waiting = self._waiting.get(event.seat)
        named = None if event.body is None else event.body.get("held")
        if not waiting:
            if named is not None:
                raise ValueError(f"it shows {named}, which its seat does not hold")
            return event.at
        held = waiting.popleft()
        self.shown_as[held.seq] = event.seq
        if named is not None:
            self._compare(event, held, named)
        return held.written_at

    def _compare(self, event: Entry, held: _Held, named: object) -> None:
        if (named, event.pane) != (held.event, held.pane):
            raise ValueError(f"it shows {named}, but its seat holds {held.event} before that")
        if held.text is not None and event.body is not None and event.body["text"] != held.text:
            raise ValueError(f"its words are not those that {held.event} holds")
