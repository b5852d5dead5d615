"""The doorbell: tells sockets and timer loops that a room has news, never what the news is.

A ring carries a room id and nothing else, so a lost one costs a delay and not a message: every
listener reads the log from its own place. Within a process rings go through the hub; between
processes through one Redis subscription each.
"""

import asyncio
import contextlib
import logging
import os
import secrets
from collections import defaultdict
from collections.abc import Iterable, Iterator

log = logging.getLogger(__name__)

CHANNEL = "turing-arena:rings"
#: Means "a timer changed" among the room ids of a ring.
TIMERS = 0


class Hub:
    """Who in this process listens to which room. Only its event loop touches it, but for `ring`."""

    def __init__(self, redis_url: str = "") -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._bells: dict[int, set[asyncio.Event]] = defaultdict(set)
        self._redis_url = redis_url
        self._outgoing: set[int] = set()
        self._has_outgoing = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._me = f"{os.getpid()}-{secrets.token_hex(4)}"

    async def start(self) -> None:
        self._loop = asyncio.get_running_loop()
        if self._redis_url:
            self._tasks = [
                asyncio.create_task(self._publish()),
                asyncio.create_task(self._subscribe()),
            ]

    async def stop(self) -> None:
        self._loop = None
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks = []

    def ring(self, ids: Iterable[int]) -> None:
        """Ring these rooms here and, over the bus, everywhere. Safe from any thread."""
        loop = self._loop
        if loop is None:
            return  # A command without sockets: listeners elsewhere find the news when they poll.
        with contextlib.suppress(RuntimeError):  # the loop closed in between
            loop.call_soon_threadsafe(self._ring, tuple(ids))

    def _ring(self, ids: tuple[int, ...]) -> None:
        self.ring_here(ids)
        if self._redis_url:
            self._outgoing.update(ids)
            self._has_outgoing.set()

    def ring_here(self, ids: Iterable[int]) -> None:
        for room_id in ids:
            for bell in self._bells.get(room_id, ()):
                bell.set()

    def ring_everyone_here(self) -> None:
        self.ring_here(tuple(self._bells))

    @contextlib.contextmanager
    def listening(self, room_id: int, bell: asyncio.Event) -> Iterator[None]:
        """Have `bell` set at every ring of a room."""
        self._bells[room_id].add(bell)
        try:
            yield
        finally:
            self._bells[room_id].discard(bell)
            if not self._bells[room_id]:
                del self._bells[room_id]

    @property
    def rooms(self) -> list[int]:
        """The rooms that have a listener in this process."""
        return [room_id for room_id in self._bells if room_id != TIMERS]

    async def _publish(self) -> None:
        """Send all rings since the last send as one message; a dead bus only costs delay."""
        from redis import asyncio as redis

        client = redis.from_url(self._redis_url)
        try:
            while True:
                await self._has_outgoing.wait()
                self._has_outgoing.clear()
                ids, self._outgoing = self._outgoing, set()
                try:
                    await client.publish(CHANNEL, f"{self._me}:{','.join(map(str, ids))}")
                except redis.RedisError as error:
                    log.warning("A ring could not be sent over Redis: %s", error)
        finally:
            await client.aclose()

    async def _subscribe(self) -> None:
        from redis import asyncio as redis

        wait_s = 0.1
        while True:
            client = redis.from_url(self._redis_url)
            try:
                async with client.pubsub() as pubsub:
                    await pubsub.subscribe(CHANNEL)
                    self.ring_everyone_here()  # Rings may have been missed meanwhile.
                    wait_s = 0.1
                    async for message in pubsub.listen():
                        self._receive(message)
            except (redis.RedisError, OSError) as error:
                log.warning("Redis is not reachable (%s); trying again in %.1f s", error, wait_s)
            finally:
                await client.aclose()
            await asyncio.sleep(wait_s)
            wait_s = min(wait_s * 2, 5.0)

    def _receive(self, message: dict[str, object]) -> None:
        if message["type"] != "message" or not isinstance(message["data"], bytes):
            return
        sender, _, ids = message["data"].decode(errors="replace").partition(":")
        if sender == self._me:
            return
        try:
            self.ring_here([int(room_id) for room_id in ids.split(",")])
        except ValueError:
            log.warning("A message that is not a ring came over Redis: %r", ids[:40])


#: What `ring` and `wake_timers` reach; `live.runtime` sets it when the process starts serving.
hub = Hub()


def ring(room_ids: Iterable[int]) -> None:
    """Tell all listeners that these rooms have news."""
    hub.ring(room_ids)


def wake_timers() -> None:
    """Tell the timer loops that the next due time may have changed."""
    hub.ring((TIMERS,))
