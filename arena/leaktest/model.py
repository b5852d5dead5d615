"""The stand-in model: willing, with the latency that was asked for, and down when it is told to."""

import asyncio
import random
import re
from dataclasses import dataclass
from typing import cast

from arena.leaktest.latency import Latency
from arena.leaktest.words import reply_to
from arena.rehearsal.provider import Request

#: What the page writes before each message of the interrogator.
_STAMP = re.compile(r"^\[[A-Z][a-z]{2} \d\d [A-Z][a-z]{2}, \d\d:\d\d\] ", re.MULTILINE)
_QUIET = "(The interrogator has written nothing new.)"
#: What it writes of its own accord.
UNASKED = ("you still there?", "so what do you do all day?", "quiet today", "ok, my turn to ask?")


@dataclass(slots=True, kw_only=True)
class StandIn:
    """Answers for every model: what a person would say to the same words."""

    latency: Latency
    rng: random.Random
    speed: float = 1.0  # of the clock of the rooms
    is_down: bool = False
    n_calls: int = 0

    async def answer(self, request: Request) -> str | None:
        """The answer to a request, after its time; None while the model is down."""
        self.n_calls += 1
        await asyncio.sleep(self.latency.draw_s(self.rng) / self.speed)
        if self.is_down:
            return None
        asked = newest(request)
        return self.rng.choice(UNASKED) if asked is None else reply_to(asked)


def newest(request: Request) -> str | None:
    """The interrogator's newest message in a prompt; None if there is nothing new."""
    turns = [m for m in cast(list[dict[str, str]], request["messages"]) if m["role"] == "user"]
    if not turns:
        return None
    *_, last = _STAMP.split(turns[-1]["content"])
    return None if last.startswith(_QUIET) else last.replace("\n> ", "\n")
