"""Database work from the event loop: a few threads of our own whose connections stay open.

Django's per-request threads would open a connection for every frame of every socket.
"""

import asyncio
import functools
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from django.db import InterfaceError, OperationalError, connection

P = ParamSpec("P")
T = TypeVar("T")

N_THREADS = 4
_pool = ThreadPoolExecutor(N_THREADS, thread_name_prefix="database")


async def run(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run synchronous database work in a thread; retry once if its connection was stale."""
    call = functools.partial(_with_retry, functools.partial(work, *args, **kwargs))
    return await asyncio.get_running_loop().run_in_executor(_pool, call)


def _with_retry(call: Callable[[], T]) -> T:
    try:
        return call()
    except (OperationalError, InterfaceError):
        connection.close()
        return call()


def stop() -> None:
    """End the threads and close their connections."""
    global _pool
    old, _pool = _pool, ThreadPoolExecutor(N_THREADS, thread_name_prefix="database")
    # Each thread has a connection: the barrier keeps each busy until all have closed theirs.
    meeting = threading.Barrier(N_THREADS)
    for _ in range(N_THREADS):
        old.submit(_close_and_meet, meeting)
    old.shutdown()
    if hasattr(connection, "close_pool"):
        connection.close_pool()


def _close_and_meet(meeting: threading.Barrier) -> None:
    connection.close()
    meeting.wait(10)
