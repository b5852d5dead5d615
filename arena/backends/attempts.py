"""Asking a provider until it answers: retries that fit into one overall time.

The libraries' own retries are switched off: each would restart the timeout, and neither would
report the last failure. While a provider fails its rooms share a breaker, so that it is not asked
by all of them, and not by all at once when it is back.
"""

import asyncio
import itertools
import random
from collections.abc import Awaitable, Callable, Hashable
from weakref import WeakKeyDictionary

from arena import clock
from arena.backends.base import Reply
from arena.backends.breaker import Breaker
from arena.backends.chat_options import ChatOptions
from arena.backends.failure import BackendError, ErrorKind, ProviderRests

#: Failures that often pass by themselves. A refused or empty reply has been paid for: whether to
#: ask for another is for the room's budget to decide.
_PASSING = frozenset({ErrorKind.RATE_LIMIT, ErrorKind.UNAVAILABLE, ErrorKind.MALFORMED})
#: Failures that say that the provider is down. All others are answers of a sort.
_DOWN = _PASSING | {ErrorKind.TIMEOUT, ErrorKind.QUOTA}
#: How long (s) a provider is left alone whose account has no more money, unless it says.
_NO_MONEY_S = 60.0

_FIRST_WAIT_S, _LONGEST_WAIT_S = 0.5, 8.0


#: The places at each provider, by how many there are. A place belongs to its event loop.
_places: WeakKeyDictionary[
    asyncio.AbstractEventLoop, dict[tuple[Hashable, int], asyncio.Semaphore]
] = WeakKeyDictionary()


#: What this process knows of each provider.
_breakers: dict[Hashable, Breaker] = {}


async def persist(
    ask: Callable[[], Awaitable[Reply]], options: ChatOptions, *, provider: Hashable
) -> Reply:
    """Return the first reply of `ask`, tried `max_retries` times more within the timeout.

    It waits, before that, until the provider has fewer calls of this process than the profile
    allows. A provider that is left alone for a while is not asked: `ProviderRests`.
    """
    breaker = _breakers.setdefault(provider, Breaker())
    async with _place(provider, options.max_calls):
        return await _persist(ask, options, breaker)


def forget() -> None:
    """Know nothing of any provider, as a process that starts."""
    _breakers.clear()


def _place(provider: Hashable, most: int) -> asyncio.Semaphore:
    places = _places.setdefault(asyncio.get_running_loop(), {})
    return places.setdefault((provider, most), asyncio.Semaphore(most))


async def _persist(
    ask: Callable[[], Awaitable[Reply]], options: ChatOptions, breaker: Breaker
) -> Reply:
    failed: BackendError | None = None
    try:
        async with asyncio.timeout(options.timeout_s) as limit:
            for n_failed in itertools.count():
                if rest_s := breaker.wait_s(_now()):
                    raise failed or ProviderRests(breaker.cause, wait_s=rest_s)
                try:
                    return await _call(ask, breaker, limit)
                except BackendError as error:
                    failed, wait_s = error, _wait_s(n_failed)
                    if n_failed >= options.max_retries or not _worth_while(error, wait_s, limit):
                        raise
                await asyncio.sleep(wait_s)
    except TimeoutError:
        pass
    raise _timed_out(options.timeout_s)


async def _call(
    ask: Callable[[], Awaitable[Reply]], breaker: Breaker, limit: asyncio.Timeout
) -> Reply:
    """Ask once, and tell the breaker how it went."""
    call = breaker.enter()
    try:
        reply = await ask()
    except BackendError as error:
        if error.kind in _DOWN:
            breaker.fail(call, _now(), cause=error.kind, rest_s=_rest_s(error))
        else:
            breaker.succeed(call)
        raise
    except BaseException:
        if limit.expired():
            breaker.fail(call, _now(), cause=ErrorKind.TIMEOUT)
        else:
            breaker.abandon(call)
        raise
    breaker.succeed(call)
    return reply


def _now() -> float:
    """The real time in seconds, by the clock that rooms go by."""
    return clock.real_s(clock.now().timestamp())


def _rest_s(error: BackendError) -> float | None:
    """How long a provider asks to be left alone."""
    no_money = error.kind == ErrorKind.QUOTA
    return error.retry_after_s or (_NO_MONEY_S if no_money else None)


def _worth_while(error: BackendError, wait_s: float, limit: asyncio.Timeout) -> bool:
    deadline = limit.when()
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
