"""What a process runs beside its pages: hub, poll for lost rings, timers, machines' health.

Where machines think in a process of their own, that of the sockets carries out what is alike for
people and machines: deadlines, and replies that are thought out and due.
"""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from typing import Any

from django.conf import settings
from django.db import DatabaseError

from arena import backends, broadcast, clock, database, events, queries, results, witnesses
from arena.health import watching
from arena.live import alive, beside
from arena.live.beside import Machines
from arena.mail import alerts, reminders
from arena.queries import personas
from arena.services import deadlines
from arena.timers.loop import Loop
from arena.witnesses import warming
from arena.witnesses.memory import keeping

log = logging.getLogger(__name__)

#: Something that runs until it is cancelled.
Work = Callable[[], Coroutine[Any, Any, None]]

#: How often each process polls for news whose ring was lost.
POLL_S = 1.0
#: How often kept reports and exports are looked through for what must go.
PRUNE_S = 3600.0
#: How often it is looked whether new rooms have machines that need something loaded.
WARM_S = 60.0
#: The handler of each kind of timer.
HANDLERS = deadlines.HANDLERS | witnesses.HANDLERS | keeping.HANDLERS | reminders.HANDLERS


@contextlib.asynccontextmanager
async def running(machines: Machines = Machines.HERE) -> AsyncIterator[None]:
    """Everything that must run while a process serves rooms; ends it in order."""
    if machines is Machines.HERE:
        await _prepare_machines()
        async with _running(_loop(down_s=alive.down_s()), (*_ROOMS_WORK, *_MACHINES_WORK)):
            yield
        return
    supervision = (beside.keep_running,) if machines is Machines.BESIDE else ()
    async with _running(_loop(slow=0, down_s=alive.down_s()), (*_ROOMS_WORK, *supervision)):
        yield


@contextlib.asynccontextmanager
async def thinking() -> AsyncIterator[None]:
    """What runs in a process in which machines think and that holds no sockets."""
    await _prepare_machines()
    async with _running(_loop(quick=0), _MACHINES_WORK):
        yield


@contextlib.asynccontextmanager
async def _running(loop: Loop, work: Sequence[Work]) -> AsyncIterator[None]:
    await _advance_clock()
    broadcast.hub = broadcast.Hub(settings.REDIS_URL)
    await broadcast.hub.start()
    tasks = [asyncio.create_task(each()) for each in (loop.run, *work)]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await backends.close()
        await asyncio.to_thread(events.stop)
        await broadcast.hub.stop()
        await asyncio.to_thread(database.stop)


def _loop(**parts: Any) -> Loop:
    return Loop(HANDLERS, free_at=personas.free_at, **parts)


async def _prepare_machines() -> None:
    # Loading a library would stop the rooms for a moment, so it is done before they are served.
    await _warm_up()
    await _try_again()


async def _advance_clock() -> None:
    """Continue from the newest event, in case the system clock was set back meanwhile."""
    try:
        last_at = await database.run(queries.last_moment)
    except DatabaseError as error:
        log.warning("The newest event could not be read: %s", error)
        return
    if last_at is not None:
        clock.system.not_before(last_at)


async def _try_again() -> None:
    """Have replies that failed tried again at once: what was wrong may be mended."""
    try:
        await database.run(witnesses.try_again)
    except DatabaseError as error:
        log.warning("Replies that failed could not be brought forward: %s", error)


async def _warm_up() -> None:
    """Load what the machines of unfinished rooms need."""
    try:
        profiles = await database.run(personas.in_play)
        await asyncio.to_thread(warming.warm_up, profiles)
    except Exception as error:
        log.warning("What machines need could not be loaded: %s", error)


async def _keep_warm() -> None:
    """Load what the machines of rooms that were made meanwhile need, before they are asked."""
    while True:
        await asyncio.sleep(WARM_S)
        await _warm_up()


async def _poll() -> None:
    """Ring the rooms whose log has grown since the last poll."""
    heads: dict[int, int] = {}
    while True:
        await asyncio.sleep(POLL_S)
        try:
            found = await database.run(queries.last_seqs, broadcast.hub.rooms)
        except Exception as error:
            log.warning("The poll for lost rings failed: %s", error)
            continue
        broadcast.hub.ring_here(room for room, seq in found.items() if heads.get(room) != seq)
        heads = found


async def _prune() -> None:
    """Remove kept reports and exports that are old or hold words erased since."""
    while True:
        try:
            await database.run(results.prune)
        except Exception as error:
            log.warning("Kept reports and exports could not be looked through: %s", error)
        await asyncio.sleep(PRUNE_S)


async def lifespan(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """The ASGI lifespan: start and stop what `running` runs."""
    await receive()
    async with running(beside.chosen()):
        await send({"type": "lifespan.startup.complete"})
        await receive()
    await send({"type": "lifespan.shutdown.complete"})


#: What runs beside the timers where there are sockets, and where machines think: all that depends
#: on who sits behind a pane is in the second.
_ROOMS_WORK: tuple[Work, ...] = (_poll, _prune, alive.keep_saying)
_MACHINES_WORK: tuple[Work, ...] = (_keep_warm, watching.watch, alerts.deliver)
