"""What people of a room do, one command after the other; they look at their room frame alone."""

import datetime as dt
import random
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from tests.faults.laboratory.house import SPEED
from tests.faults.laboratory.person import PAUSE_S, Command, Person

#: How seldom a machine is asked: what it costs to answer would be all that the server does.
MACHINE_SHARE = 0.04
#: How long (s) before its end a round is answered without a pause, and how long a pause is then.
LAST_S, HURRY_S = 0.4, 0.001


@dataclass(slots=True, kw_only=True)
class Interrogator:
    """Asks, believes, tags; in the end decides, or leaves."""

    rng: random.Random
    human_pane: str | None
    leaves: bool
    is_closing: bool = False
    _n: int = 0
    _asked: list[str] = field(default_factory=list)
    _is_done: bool = False

    def next(self, person: Person) -> Command | None:
        if person.room.get("phase") == "lobby":
            return _ready(person)
        if person.room.get("phase") != "live" or self._is_done:
            return None
        if self.is_closing:
            return self._close(person)
        self._n += 1
        draw = self.rng.random()
        if draw < 0.1:
            return {"do": "belief", "p": round(self.rng.random(), 3)}
        if draw < 0.13 and (own := _own_message(person)) is not None:
            return {"do": "tag", "event": own, "strategies": []}
        return self._ask(person)

    def _close(self, person: Person) -> Command | None:
        if person.waiting:
            return None
        self._is_done = True
        if self.leaves:
            return {"do": "leave"}
        human: object = "A" if person.room["format"] == "three_party" else True
        return {"do": "verdict", "human": human, "confidence": 0.9, "reason": "it was polite"}

    def _ask(self, person: Person) -> Command | None:
        panes = person.room["panes"]
        if "round" in person.room:
            return self._ask_in_round(person, panes)
        if len(panes) == 2:
            to_machine = self.rng.random() < MACHINE_SHARE
            return self._question(next(p for p in panes if (p == self.human_pane) != to_machine))
        if self.human_pane is None and self.rng.random() >= MACHINE_SHARE:
            return None
        return self._question(panes[0])

    def _ask_in_round(self, person: Person, panes: list[str]) -> Command | None:
        """Ask in each pane once; again when no round is open any more."""
        if self._asked == panes and not person.waiting and not person.room["round"]["ends_at"]:
            self._asked = []
        left = [pane for pane in panes if pane not in self._asked]
        if not left:
            return None
        self._asked.append(left[0])
        return self._question(left[0])

    def _question(self, pane: str) -> Command:
        return {"do": "say", "pane": pane, "text": f"question {self._n}, and why?"}


@dataclass(slots=True, kw_only=True)
class Witness:
    """Answers without end: in rounds while one is open."""

    _n: int = 0

    def next(self, person: Person) -> Command | None:
        if person.room.get("phase") == "lobby":
            return _ready(person)
        if person.room.get("phase") != "live" or person.is_over:
            return None
        if "round" in person.room:
            if not person.room["round"]["ends_at"]:
                return None
            person.pause_s = HURRY_S if _ends_in_s(person) < LAST_S else PAUSE_S
        self._n += 1
        return {"do": "say", "text": f"answer {self._n}: caf\u00e9"}


@dataclass(slots=True, kw_only=True)
class Quiet:
    """Whoever only listens, once its room is live."""

    inner: Interrogator | Witness

    def next(self, person: Person) -> Command | None:
        live = person.room.get("phase") == "live"
        closing = isinstance(self.inner, Interrogator) and self.inner.is_closing
        return self.inner.next(person) if closing or not live else None


def _ends_in_s(person: Person) -> float:
    """How long (real s) the open round lasts."""
    ends_at, now = (
        dt.datetime.fromisoformat(moment).timestamp()
        for moment in (person.room["round"]["ends_at"], person.room["now"])
    )
    return (ends_at - now) / SPEED - (time.monotonic() - person.room_at)


def _ready(person: Person) -> Command | None:
    if any(command["do"] == "ready" for command in person.sent.values()):
        return None
    return {"do": "ready", "consent": person.room["consent"]["sha256"]}


def _own_message(person: Person) -> str | None:
    for frame in _newest(person):
        if frame["kind"] == "message" and frame["from"] == "me":
            return str(frame["id"])
    return None


def _newest(person: Person) -> Iterator[dict[str, object]]:
    for _, frame in zip(range(20), reversed(person.shown.values()), strict=False):
        yield frame
