"""A line from pages to the server: TCP passes through here, until it silently does not."""

import asyncio
import threading
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from tests.conftest import LiveServer
from tests.kit.stubborn import turns


@dataclass(eq=False, slots=True)
class Pair:
    """One connection of the page, with the one to the server that carries it."""

    ends: tuple[asyncio.StreamWriter, asyncio.StreamWriter]
    is_dead: bool


class Relay:
    """`with Relay(server) as relay:` and pages of `relay.url` are reached through it."""

    def __init__(self, server: LiveServer) -> None:
        self._port = server.port
        self._pairs: set[Pair] = set()
        self._swallows = False
        #: How many connections were opened, dead ones included.
        self.n_opened = 0

    def __enter__(self) -> Self:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        listening = asyncio.start_server(self._serve, "127.0.0.1", 0)
        self._server = asyncio.run_coroutine_threadsafe(listening, self._loop).result()
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def die(self) -> None:
        """Pass nothing more on what is open now, and close nothing: as when an address is lost."""
        for pair in tuple(self._pairs):
            pair.is_dead = True

    def swallow(self) -> None:
        """Pass nothing on any connection, now or to come: as when the network is gone."""
        self._swallows = True
        self.die()

    def recover(self) -> None:
        """Let connections to come through again."""
        self._swallows = False

    def has_opened(self, n: int) -> None:
        """Wait until so many connections were opened."""
        waits = turns(f"{n} connections")
        while self.n_opened < n:
            threading.Event().wait(next(waits))

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.n_opened += 1
        there, back = await asyncio.open_connection("127.0.0.1", self._port)
        pair = Pair(ends=(writer, back), is_dead=self._swallows)
        self._pairs.add(pair)
        try:
            await asyncio.gather(_pass(pair, reader, back), _pass(pair, there, writer))
        finally:
            self._pairs.discard(pair)

    async def _close(self) -> None:
        self._server.close()
        for pair in tuple(self._pairs):
            for end in pair.ends:
                end.transport.abort()
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        await asyncio.gather(*tasks, return_exceptions=True)


async def _pass(pair: Pair, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    try:
        while chunk := await source.read(65_536):
            if not pair.is_dead:
                sink.write(chunk)
                await sink.drain()
        if not pair.is_dead:
            sink.close()
    except OSError:
        sink.transport.abort()
