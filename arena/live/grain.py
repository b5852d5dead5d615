"""Answers to pings leave on a fixed grain, so that nobody reads from them how busy a server is.

A pong that left at once would be late by what the process does in that instant. What waits here
leaves at the next multiple of the grain on the event loop's clock, all together.
"""

import asyncio
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

#: How far apart the moments are at which pings are answered (s): far more than any piece of work
#: for a message takes, and far less than a client waits for an answer.
GRAIN_S = 0.25

T = TypeVar("T")


def left_s(now: float) -> float:
    """The time (s) from a moment of the loop's clock to the next multiple of the grain."""
    return GRAIN_S - now % GRAIN_S


class OnGrain(Generic[T]):
    """What waits for the next moment of the grain; `release` is given all of it, in order."""

    def __init__(self, release: Callable[[Sequence[T]], None]) -> None:
        self._release = release
        self._held: list[T] = []

    def __len__(self) -> int:
        return len(self._held)

    def put(self, each: T) -> None:
        self._held.append(each)
        if len(self._held) == 1:
            loop = asyncio.get_running_loop()
            now = loop.time()
            loop.call_at(now + left_s(now), self._let_go)

    def _let_go(self) -> None:
        held, self._held = self._held, []
        self._release(held)
