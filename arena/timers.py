"""The loop that carries out future acts: due rows of `Timer`, claimed with a lease.

Any number of loops may run. A claim moves `wake_at` to the end of the lease, so a row whose owner
died is claimed again; the act itself is idempotent, for it settles the row in the commit of its
effect.
"""

import asyncio
import contextlib
import datetime as dt
import logging
import random
from collections.abc import Awaitable, Callable

from django.db import DatabaseError, connection, transaction

from arena import broadcast, clock, database
from arena.errors import LogBusy
from arena.events import Decide, append
from arena.models import Timer
from arena.rules import TimerKind
from arena.services import ending

log = logging.getLogger(__name__)

LEASE = dt.timedelta(seconds=10)
CLAIM_LIMIT = 100
#: The longest sleep: timers made by processes that cannot ring are found on this round.
ROUND_S = 1.0
MAX_ATTEMPTS = 12
MAX_BACKOFF_S = 300.0

Handler = Callable[[Timer], Awaitable[None]]


class Loop:
    """Runs due timers of every kind it has a handler for until cancelled."""

    def __init__(self, handlers: dict[TimerKind, Handler]) -> None:
        self._handlers = handlers
        self._wake = asyncio.Event()
        self._running: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        with broadcast.hub.listening(broadcast.TIMERS, self._wake):
            try:
                while True:
                    self._wake.clear()
                    await self._round()
            finally:
                for task in self._running:
                    task.cancel()
                await asyncio.gather(*self._running, return_exceptions=True)

    async def _round(self) -> None:
        wait_s = ROUND_S
        try:
            timers, wait_s = await database.run(claim_due)
        except DatabaseError as error:
            log.warning("The timer loop could not claim its timers (%s); it will try again", error)
        else:
            for timer in timers:
                task = asyncio.create_task(self._fire(timer))
                self._running.add(task)
                task.add_done_callback(self._running.discard)
        if wait_s > 0:
            # Not wait_for: before Python 3.12 it swallows a cancellation that meets the event.
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(wait_s):
                    await self._wake.wait()

    async def _fire(self, timer: Timer) -> None:
        lease = asyncio.create_task(_keep_lease(timer))
        try:
            await self._handlers[TimerKind(timer.kind)](timer)
        except asyncio.CancelledError:
            # A process that stops in order hands its work on at once.
            await asyncio.shield(database.run(_hand_on, timer))
            raise
        except (DatabaseError, LogBusy) as error:
            # The lease ends by itself; there may be no database to write to.
            log.warning("Timer %s must wait for the database (%s)", timer.key, error)
        except Exception:
            log.exception("Timer %s failed (attempt %d)", timer.key, timer.attempts)
            await database.run(_back_off, timer)
        finally:
            lease.cancel()


def _once(decide: Decide) -> Handler:
    """A handler that has the room decide, once however often the timer is claimed."""

    async def handle(timer: Timer) -> None:
        await append(timer.room_id, decide, command_id=f"timer:{timer.id}")
        await database.run(settle, timer, outcome="done")

    return handle


#: The timers that need nobody but the room's own rules.
ROOM_HANDLERS: dict[TimerKind, Handler] = {
    TimerKind.TIME_UP: _once(ending.time_up),
    TimerKind.VERDICT_GRACE: _once(ending.grace_over),
    TimerKind.LOBBY: _once(ending.lobby_over),
}


def claim_due() -> tuple[list[Timer], float]:
    """Claim what is due; return it and how long (s) the loop may sleep."""
    now = clock.now()
    open_timers = Timer.objects.filter(done_at__isnull=True)
    if (wait_s := _sleep_s()) > 0:
        return [], wait_s
    with transaction.atomic():
        due = open_timers.filter(wake_at__lte=now).order_by("wake_at")
        if connection.features.has_select_for_update_skip_locked:
            due = due.select_for_update(skip_locked=True)
        timers = list(due[:CLAIM_LIMIT])
        for timer in timers:
            timer.attempts += 1
            timer.wake_at = now + LEASE
        Timer.objects.bulk_update(timers, ["attempts", "wake_at"])
    return timers, 0.0 if len(timers) == CLAIM_LIMIT else _sleep_s()


def _sleep_s() -> float:
    """How long (s) until the next timer may be due."""
    next_at = (
        Timer.objects.filter(done_at__isnull=True)
        .order_by("wake_at")
        .values_list("wake_at", flat=True)
        .first()
    )
    if next_at is None:
        return ROUND_S
    return min(ROUND_S, max(0.0, (next_at - clock.now()).total_seconds()))


def settle(timer: Timer, *, outcome: str) -> None:
    """Mark a timer done, unless somebody else has."""
    Timer.objects.filter(id=timer.id, done_at__isnull=True).update(
        done_at=clock.now(), outcome=outcome
    )


def _back_off(timer: Timer) -> None:
    """Try again later, with growing waits; after the last attempt leave it to an operator."""
    if timer.attempts >= MAX_ATTEMPTS:
        settle(timer, outcome="gave_up")
        return
    wait_s = min(MAX_BACKOFF_S, 2.0**timer.attempts) * random.uniform(0.5, 1.0)
    Timer.objects.filter(id=timer.id, done_at__isnull=True).update(
        wake_at=clock.now() + dt.timedelta(seconds=wait_s)
    )


def _hand_on(timer: Timer) -> None:
    mine = Timer.objects.filter(id=timer.id, wake_at=timer.wake_at, done_at__isnull=True)
    mine.update(wake_at=clock.now())


async def _keep_lease(timer: Timer) -> None:
    """Prolong the lease while the work goes on."""
    while True:
        await asyncio.sleep(LEASE.total_seconds() / 3)
        await database.run(_prolong, timer)


def _prolong(timer: Timer) -> None:
    """Move the lease on, unless the work has given the row another time meanwhile."""
    until = clock.now() + LEASE
    mine = Timer.objects.filter(id=timer.id, wake_at=timer.wake_at, done_at__isnull=True)
    if mine.update(wake_at=until):
        timer.wake_at = until
