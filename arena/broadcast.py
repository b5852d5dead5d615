"""The doorbell: tells sockets and timer loops that a room has news.

Between processes a ring carries a room's id and nothing else: over one Redis subscription each, or
between a serving process and the one beside it over a pair of sockets. In the process that
committed the news it brings them along, which saves reading them again. A lost ring costs a delay
and not a message: every listener reads the log from its own place.
"""

import asyncio
import contextlib
import logging
import os
import secrets
import socket
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

log = logging.getLogger(__name__)

CHANNEL = "turing-arena:rings"
#: Means "a timer changed" among the room ids of a ring; its news is when the first one is due (in
#: seconds since 1970).
TIMERS = 0
#: What may wait for a process beside this one that does not read; rings beyond that are lost.
MOST_UNREAD = 1_000_000

#: The news of each room of a ring, in order; nothing where they have to be looked up.
News = Mapping[int, Sequence[Any]]
#: Takes the news of a room, and says whether its listener has no need to be woken for them.
Hear = Callable[[Sequence[Any]], bool]


def _was_heard(hear: Hear, events: Sequence[Any]) -> bool:
    """Have one listener hear; what goes wrong with it is nothing to the others."""
    try:
        return hear(events)
    except Exception:
        log.exception("A listener could not take the news of a room")
        return False


def _must_look(news: Sequence[Any]) -> bool:
    """For listeners that always look for themselves."""
    return False


class Hub:
    """Who in this process listens to which room. Only its event loop touches it, but for `ring`."""

    def __init__(self, redis_url: str = "") -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._bells: dict[int, dict[asyncio.Event, Hear]] = defaultdict(dict)
        self._redis_url = redis_url
        self._outgoing: set[int] = set()
        self._due_at: float | None = None  # the first of the timers among what is outgoing
        self._has_outgoing = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._links: set[asyncio.StreamWriter] = set()
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
        left = set(self._tasks)
        while left:
            for task in left:
                task.cancel()
            # Again: a cancellation that meets a connection being made is lost in the client.
            _, left = await asyncio.wait(left, timeout=0.2)
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks = []

    def ring(self, ids: Iterable[int]) -> None:
        """Ring these rooms here and, over the bus, everywhere. Safe from any thread."""
        self.tell(dict.fromkeys(ids, ()))

    def tell(self, news: News) -> None:
        """Ring rooms, with the news of each for the listeners here. Safe from any thread."""
        loop = self._loop
        if loop is None:
            return  # A command without sockets: listeners elsewhere find the news when they poll.
        with contextlib.suppress(RuntimeError):  # the loop closed in between
            loop.call_soon_threadsafe(self._ring, news)

    def _ring(self, news: News) -> None:
        self._hear(news)
        for link in self._links:
            if link.transport.get_write_buffer_size() < MOST_UNREAD:
                link.write(f"{_written(news, min(news.get(TIMERS, ()), default=None))}\n".encode())
        if self._redis_url:
            self._outgoing.update(news)
            for due_at in news.get(TIMERS, ()):
                self._due_at = min(due_at, self._due_at or due_at)
            self._has_outgoing.set()

    def _hear(self, news: News) -> None:
        for room_id, events in news.items():
            for bell, hear in self._bells.get(room_id, {}).items():
                if not (events and _was_heard(hear, events)):
                    bell.set()

    def ring_here(self, ids: Iterable[int]) -> None:
        for room_id in ids:
            for bell in self._bells.get(room_id, ()):
                bell.set()

    def ring_everyone_here(self) -> None:
        self.ring_here(tuple(self._bells))

    @contextlib.contextmanager
    def listening(
        self, room_id: int, bell: asyncio.Event, *, hear: Hear = _must_look
    ) -> Iterator[None]:
        """Have `bell` set at every ring of a room, unless `hear` makes do with the news."""
        self._bells[room_id][bell] = hear
        try:
            yield
        finally:
            self._bells[room_id].pop(bell, None)
            if not self._bells[room_id]:
                del self._bells[room_id]

    @property
    def rooms(self) -> list[int]:
        """The rooms that have a listener in this process."""
        return [room_id for room_id in self._bells if room_id != TIMERS]

    async def link(self, to: socket.socket) -> None:
        """Exchange rings with one other process, until it ends or this is cancelled."""
        reader, writer = await asyncio.open_unix_connection(sock=to)
        self._links.add(writer)
        try:
            with contextlib.suppress(OSError):
                while rings := await reader.readline():
                    self._take(rings.decode(errors="replace").strip())
        finally:
            self._links.discard(writer)
            writer.close()

    async def _publish(self) -> None:
        """Send all rings since the last send as one message; a dead bus only costs delay."""
        from redis import asyncio as redis

        client = redis.from_url(self._redis_url)
        try:
            while True:
                await self._has_outgoing.wait()
                self._has_outgoing.clear()
                ids, self._outgoing = self._outgoing, set()
                due_at, self._due_at = self._due_at, None
                try:
                    await client.publish(CHANNEL, f"{self._me}:{_written(ids, due_at)}")
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
        sender, _, rings = message["data"].decode(errors="replace").partition(":")
        if sender != self._me:
            self._take(rings)

    def _take(self, rings: str) -> None:
        ids, _, due_at = rings.partition("@")
        try:
            news: dict[int, Sequence[Any]] = dict.fromkeys(map(int, ids.split(",")), ())
            if due_at:
                news[TIMERS] = (float(due_at),)
        except ValueError:
            log.warning("A message that is not a ring came from elsewhere: %r", rings[:40])
            return
        self._hear(news)


def _written(ids: Iterable[int], due_at: float | None) -> str:
    return ",".join(map(str, ids)) + ("" if due_at is None else f"@{due_at}")


#: What `tell` reaches; `live.runtime` sets it when the process starts serving.
hub = Hub()


def tell(news: News) -> None:
    """Tell all listeners that these rooms have news; those of this process are told them."""
    hub.tell(news)
