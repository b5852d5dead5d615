"""A bad line to Redis: loses messages to subscribers, cuts connections, lets nobody in."""

import asyncio
import random
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit, urlunsplit

#: How Redis begins what it sends to a subscriber of a channel, in its older and newer protocol.
_MESSAGES = (b"*3\r\n$7\r\nmessage\r\n", b">3\r\n$7\r\nmessage\r\n")


class RedisProxy:
    """`async with RedisProxy(redis_url) as proxy:` then use `proxy.url`."""

    def __init__(self, redis_url: str, *, seed: int = 0) -> None:
        self._target = urlsplit(redis_url)
        self._rng = random.Random(seed)
        self._share_lost = 0.0
        self._open: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._accepts = True
        self._refused = asyncio.Event()
        self.n_lost = self.n_passed = self.n_cut = 0

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        port = self._server.sockets[0].getsockname()[1]
        self.url = urlunsplit(self._target._replace(netloc=f"127.0.0.1:{port}"))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        self._server.close()
        self.cut()
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def lose(self, share: float) -> None:
        """From now on lose this share of the messages to subscribers."""
        self._share_lost = share

    def cut(self) -> None:
        """Cut every connection."""
        self.n_cut += len(self._open)
        for writer in self._open:
            writer.transport.abort()

    def stop_accepting(self) -> None:
        self._accepts = False

    async def has_refused(self) -> None:
        """Wait until somebody was not let in."""
        await self._refused.wait()

    def accept_again(self) -> None:
        self._accepts = True

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            if self._accepts:
                await self._join(reader, writer)
            else:
                self._refused.set()
        except (OSError, asyncio.CancelledError):
            pass
        finally:
            writer.transport.abort()
            self._tasks.discard(task)

    async def _join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there = await asyncio.open_connection(
            self._target.hostname or "127.0.0.1", self._target.port or 6379
        )
        both = {writer, there[1]}
        self._open |= both
        try:
            ways = [self._pass(reader, there[1]), self._pass(there[0], writer)]
            tasks = [asyncio.create_task(way) for way in ways]
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        finally:
            self._open -= both
            for side in both:
                side.transport.abort()

    async def _pass(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        while chunk := await source.read(65_536):
            if chunk.startswith(_MESSAGES):
                if self._rng.random() < self._share_lost:
                    self.n_lost += 1
                    continue
                self.n_passed += 1
            sink.write(chunk)
            await sink.drain()
