"""Asking a provider until it answers: retries that fit into one overall time.

The libraries' own retries are switched off: each would restart the timeout, and neither would
report the last failure.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Hashable
from weakref import WeakKeyDictionary

from arena.backends.base import Reply
from arena.backends.chat_options import ChatOptions
from arena.backends.failure import BackendError, ErrorKind

#: Failures that often pass by themselves. A refused or empty reply has been paid for: whether to
#: ask for another is for the room's budget to decide.
_PASSING = frozenset({ErrorKind.RATE_LIMIT, ErrorKind.UNAVAILABLE, ErrorKind.MALFORMED})

_FIRST_WAIT_S, _LONGEST_WAIT_S = 0.5, 8.0


#: The places at each provider, by how many there are. A place belongs to its event loop.
_places: WeakKeyDictionary[
    asyncio.AbstractEventLoop, dict[tuple[Hashable, int], asyncio.Semaphore]
] = WeakKeyDictionary()


async def persist(
    ask: Callable[[], Awaitable[Reply]], options: ChatOptions, *, provider: Hashable
) -> Reply:
    """Return the first reply of `ask`, tried `max_retries` times more within the timeout.

    It waits, before that, until the provider has fewer calls of this process than the profile
    allows.
    """
    async with _place(provider, options.max_calls):
        return await _persist(ask, options)


def _place(provider: Hashable, most: int) -> asyncio.Semaphore:
    places = _places.setdefault(asyncio.get_running_loop(), {})
    return places.setdefault((provider, most), asyncio.Semaphore(most))


async def _persist(ask: Callable[[], Awaitable[Reply]], options: ChatOptions) -> Reply:
    try:
        async with asyncio.timeout(options.timeout_s) as limit:
            for n_failed in range(options.max_retries):
                try:
                    return await ask()
                except BackendError as error:
                    wait_s = error.retry_after_s or _wait_s(n_failed)
                    if not _worth_while(error, wait_s, limit.when()):
                        raise
                await asyncio.sleep(wait_s)
            return await ask()
    except TimeoutError:
        raise _timed_out(options.timeout_s) from None


def _worth_while(error: BackendError, wait_s: float, deadline: float | None) -> bool:
    in_time = deadline is None or asyncio.get_running_loop().time() + wait_s < deadline
    return error.kind in _PASSING and error.retryable and in_time


def _wait_s(n_failed: int) -> float:
    return min(_LONGEST_WAIT_S, _FIRST_WAIT_S * 2.0**n_failed) * random.uniform(0.5, 1.0)


def _timed_out(timeout_s: float) -> BackendError:
    return BackendError(
        ErrorKind.TIMEOUT,
        f"No reply within {timeout_s:g} s, retries included. Expected one in that time. Raise "
        "'timeout', or ask the provider why it is slow.",
    )
