"""The process beside a serving one in which machines think.

Noticing, reading, prompting, calling and checking take processor time that is a machine's alone; in
the process of the sockets an interrogator could read it from how soon things are answered. The two
ring each other over a pair of sockets, which is the life line as well: it ends when either does.
"""

import asyncio
import logging
import os
import socket
import sys
import threading
import time
from enum import StrEnum

from django.conf import settings

from arena import broadcast

log = logging.getLogger(__name__)

#: The variable by which a serving process is told where machines think.
ENVIRONMENT = "ARENA_MACHINES"
#: The wait (s) before it is started again: the first, each twice the last, and the longest.
FIRST_S, LONGEST_S = 0.2, 10.0
#: Whoever lived this long (s) is started again after the first wait.
LIVED_S = 30.0
#: How long (s) it has to finish its work when the serving process stops.
STOP_S = 10.0


class Machines(StrEnum):
    """Where machines think, seen from a serving process."""

    HERE = "here"
    BESIDE = "beside"
    ELSEWHERE = "elsewhere"


def chosen() -> Machines:
    """Where machines of this process think: in it, unless `serve` has said otherwise."""
    return Machines(os.environ.get(ENVIRONMENT, Machines.HERE))


async def keep_running() -> None:
    """Run the process beside this one, start it again whenever it ends; end it when cancelled."""
    wait_s = FIRST_S
    while True:
        began = time.monotonic()
        try:
            await _run()
        except OSError as error:
            log.error("The process in which machines think could not be started: %s", error)
        if time.monotonic() - began > LIVED_S:
            wait_s = FIRST_S
        await asyncio.sleep(wait_s)
        wait_s = min(2 * wait_s, LONGEST_S)


async def _run() -> None:
    ours, theirs = socket.socketpair()
    try:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "turing", "worker", "--beside", str(theirs.fileno())),
            env=_environment(),
            pass_fds=[theirs.fileno()],
        )
    except BaseException:
        ours.close()
        raise
    finally:
        theirs.close()
    try:
        await broadcast.hub.link(ours)
        status = await process.wait()
        log.warning("The process in which machines think ended (%s); it is started again.", status)
    finally:
        if process.returncode is None:  # the line to it is closed, so it stops
            try:
                async with asyncio.timeout(STOP_S):
                    await process.wait()
            except TimeoutError:
                process.kill()
                await process.wait()


async def until_it_ends(serving: socket.socket) -> None:
    """Exchange rings with the serving process until that ends, however it does."""
    log.info("Machines think in process %d", os.getpid())
    await broadcast.hub.link(serving)
    # Whatever keeps this process from stopping in order, nobody is there to end it.
    end = threading.Timer(STOP_S, os._exit, (1,))
    end.daemon = True
    end.start()


def _environment() -> dict[str, str]:
    path = [str(settings.BASE_DIR), *filter(None, [os.environ.get("PYTHONPATH")])]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(path)}
