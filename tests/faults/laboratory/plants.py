"""Bugs that the laboratory has to find, each put into a process of the product from outside.

They touch as little of it as they can. A plant waits where a slow disk would, so that what may go
wrong does go wrong within a minute.
"""

import asyncio
import time
from collections.abc import Callable
from enum import StrEnum
from typing import Any

#: How long (s) a planted disk takes.
DISK_S = 0.02


class Plant(StrEnum):
    ACK_BEFORE_COMMIT = "ack_before_commit"
    RING_BEFORE_COMMIT = "ring_before_commit"
    UNFLUSHED_DECISION = "unflushed_decision"
    JOIN_REFUSED = "join_refused"


def ack_before_commit() -> None:
    """Sockets are answered when their events are written, and only then is that committed."""
    from arena.events.unit import Unit, answer_all

    save = Unit.save

    def hasty(self: Unit) -> None:
        save(self)
        sockets = [each for each in self.outcomes if isinstance(each[0].future, asyncio.Future)]
        answer_all(sockets)
        self.outcomes = [each for each in self.outcomes if each not in sockets]
        time.sleep(DISK_S)

    Unit.save = hasty  # type: ignore[method-assign]


def ring_before_commit() -> None:
    """Rooms are told what is new in them when it is written, and only then is that committed."""
    from arena import broadcast
    from arena.events.unit import Unit

    save, tell = Unit.save, broadcast.tell

    def hasty(self: Unit) -> None:
        save(self)
        outcomes, self.outcomes = self.outcomes, []
        broadcast.tell = tell
        self.answer()
        broadcast.tell = lambda news: None
        self.outcomes = outcomes
        time.sleep(DISK_S)

    Unit.save = hasty  # type: ignore[method-assign]


def unflushed_decision() -> None:
    """The end of a round does not know what was held in its own batch."""
    from arena.events import LiveRoom
    from arena.services import rounds

    answers = rounds.answers

    def forgetful(room: LiveRoom) -> Any:
        held = room.held
        room.held = [event for event in held if event not in room.news]
        try:
            return answers(room)
        finally:
            room.held = held

    rounds.answers = forgetful


def join_refused() -> None:
    """Whoever confirms an invitation again, because the answer was lost, is told it is taken."""
    from arena import services

    claim = services.claim_seat

    def forgetful(token: str, secret: str | None, *, participant: str | None, **_: Any) -> Any:
        return claim(token, secret, participant=participant)

    services.claim_seat = forgetful


PLANTS: dict[Plant, Callable[[], None]] = {
    Plant.ACK_BEFORE_COMMIT: ack_before_commit,
    Plant.RING_BEFORE_COMMIT: ring_before_commit,
    Plant.UNFLUSHED_DECISION: unflushed_decision,
    Plant.JOIN_REFUSED: join_refused,
}
