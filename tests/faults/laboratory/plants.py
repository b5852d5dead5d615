"""Bugs that the laboratory has to find, each put into a process of the product from outside.

They touch as little of it as they can. A plant waits where a slow disk would, so that what may go
wrong does go wrong within a minute.
"""

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
    """Callers are answered when their events are written, and only then is that committed."""
    from arena.events.unit import Unit

    save, answer = Unit.save, Unit.answer

    def hasty(self: Unit) -> None:
        save(self)
        answer(self)
        self.outcomes = []
        time.sleep(DISK_S)

    Unit.save = hasty  # type: ignore[method-assign]


def ring_before_commit() -> None:
    """Rooms are rung when their events are written, and not again once that is committed."""
    from arena import broadcast
    from arena.events.unit import Unit

    save, answer, ring = Unit.save, Unit.answer, broadcast.ring

    def hasty(self: Unit) -> None:
        save(self)
        ring(self.changed)
        time.sleep(DISK_S)

    def silent(self: Unit) -> None:
        self.changed = {}
        answer(self)

    Unit.save, Unit.answer = hasty, silent  # type: ignore[method-assign]


def unflushed_decision() -> None:
    """The end of a round does not know what was held in its own batch."""


def join_refused() -> None:
    """Whoever confirms an invitation again, because the answer was lost, is told it is taken."""


PLANTS: dict[Plant, Callable[[], Any]] = {
    Plant.ACK_BEFORE_COMMIT: ack_before_commit,
    Plant.RING_BEFORE_COMMIT: ring_before_commit,
    Plant.UNFLUSHED_DECISION: unflushed_decision,
    Plant.JOIN_REFUSED: join_refused,
}
