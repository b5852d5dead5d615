"""Rooms whose waits take no time: a real loop of timers, and a clock that is set forward for it."""

import asyncio
import contextlib
import datetime as dt
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass

from arena import backends, clock, database, witnesses
from arena.models import Room, Timer
from arena.services import deadlines
from arena.timers.loop import Loop
from arena.witnesses.memory import keeping
from tests.kit.told_clock import ToldClock

#: The clock never jumps further at once: a longer gap between two rounds is an outage to a loop.
STEP_S = 30.0
#: For all that a test waits for to come about, in the time of the rooms.
MOST = dt.timedelta(days=3)


@dataclass(slots=True, kw_only=True)
class QuickTime:
    """A loop that runs, and the clock that it goes by."""

    told: ToldClock
    loop: Loop

    @property
    def _is_busy(self) -> bool:
        return self.loop._sleep is None or bool(self.loop._quick or self.loop._slow)

    async def until(
        self, condition: Callable[[], Awaitable[object]], *, least_s: float = 0.0
    ) -> None:
        """Let time go on until a condition is true, by `least_s` at once or more."""
        last = clock.now() + MOST
        while not await condition():
            assert clock.now() < last, "what is waited for does not come about"
            await self.pass_by(least_s=least_s)

    async def pass_time(self, seconds: float) -> None:
        """Let some time go by, with all that happens in it."""
        until = clock.now() + dt.timedelta(seconds=seconds)
        while clock.now() < until:
            await self.pass_by(most_s=(until - clock.now()).total_seconds())

    async def pass_by(self, *, least_s: float = 0.0, most_s: float = STEP_S) -> None:
        """Let what is due be done, or the time until something is due be over."""
        seen_at = self.loop._seen_at
        busy, next_at = self._is_busy, await database.run(_next_at)
        moved_on = busy or self._is_busy or self.loop._seen_at != seen_at
        if moved_on or (next_at is not None and next_at <= clock.now()):
            await asyncio.sleep(0.002)
            return
        ahead_s = STEP_S if next_at is None else (next_at - clock.now()).total_seconds()
        self.told.forward(min(max(ahead_s, least_s), most_s, STEP_S))
        reached = clock.now()
        while self.loop._seen_at is None or self.loop._seen_at < reached:
            self.loop._wake.set()
            await asyncio.sleep(0.002)


def _next_at() -> dt.datetime | None:
    return (
        Timer.objects.filter(done_at=None)
        .order_by("wake_at")
        .values_list("wake_at", flat=True)
        .first()
    )


def _forget_other_rooms() -> None:
    """What rooms of earlier tests still owe would fall due as well."""
    Timer.objects.filter(done_at=None).update(done_at=clock.now(), outcome="superseded")


@contextlib.asynccontextmanager
async def quick_time() -> AsyncIterator[QuickTime]:
    """Run a loop of timers for the rooms that are made from now on."""
    await database.run(_forget_other_rooms)
    handlers = deadlines.HANDLERS | witnesses.HANDLERS | keeping.HANDLERS
    loop = Loop(handlers)
    task = asyncio.create_task(loop.run())
    try:
        yield QuickTime(told=ToldClock(), loop=loop)
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await backends.close()


async def is_over(room: Room) -> bool:
    """Whether a room has ended or stands still."""
    phase = await database.run(Room.objects.values_list("phase", flat=True).get, id=room.id)
    return phase != "live"
