"""Has a process kill itself at a named point of its work on a reply; nothing of it is product code.

A point is one of `POINTS`. The process dies by SIGKILL the first time it gets there. Its leases
last long, so that a machine that stands still for a while does not have it do its work twice.
"""

import asyncio
import datetime as dt
import itertools
import os
import signal
import threading
from typing import Any

from arena import backends, broadcast
from arena.events import unit, writer
from arena.timers import loop

CALL_POINTS = ("before call", "during call", "after call")
#: Each for the commit that stores what the model said, and for that which shows it.
COMMIT_POINTS = ("before commit", "after commit", "before ring")
KINDS = ("machine_call", "message")
POINTS = (*CALL_POINTS, *(" of ".join(pair) for pair in itertools.product(COMMIT_POINTS, KINDS)))
#: For the commits that store what is written and show it, in a study with a delay.
HELD_POINTS = tuple(
    " of ".join(pair) for pair in itertools.product(COMMIT_POINTS, ("held", "message"))
)
NEVER = "never"


def arm(point: str) -> None:
    """Have this process die at a point, or never."""
    if point not in (*POINTS, *HELD_POINTS, NEVER):
        raise ValueError(
            f"{point!r} is not a point to die at; expected one of {(*POINTS, *HELD_POINTS)}"
        )
    loop.LEASE = dt.timedelta(hours=1)
    if point == NEVER:
        return
    if point in CALL_POINTS:
        _wrap_call(point)
    else:
        _wrap_commit(*point.split(" of "))


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)
    threading.Event().wait()


def _wrap_call(point: str) -> None:
    backend: Any = backends.get_backend("openai")
    reply = backend.reply

    async def mortal(*args: Any, **kwargs: Any) -> Any:
        if point == "before call":
            _die()
        answer = await reply(*args, **kwargs)
        if point == "during call":
            # The model has been asked and nobody here knows what it said: killed from outside.
            await asyncio.Event().wait()
        _die()
        return answer

    backend.reply = mortal


def _wrap_commit(point: str, kind: str) -> None:
    save, commit, tell = unit.Unit.save, writer.Writer.commit, broadcast.tell
    holds: list[bool] = [False]

    def mortal_save(self: unit.Unit) -> None:
        holds[0] = any(event.kind == kind for room in self.rooms.values() for event in room.news)
        save(self)
        if holds[0] and point == "before commit":
            _die()

    def mortal_commit(self: writer.Writer, batch: list[unit.Pending]) -> unit.Unit:
        done = commit(self, batch)
        if holds[0] and point == "after commit":
            _die()
        return done

    def mortal_tell(news: Any) -> None:
        if holds[0] and point == "before ring":
            _die()
        tell(news)

    unit.Unit.save = mortal_save  # type: ignore[method-assign]
    writer.Writer.commit = mortal_commit  # type: ignore[method-assign]
    broadcast.tell = mortal_tell
