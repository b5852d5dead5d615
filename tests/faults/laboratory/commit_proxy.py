"""A line to PostgreSQL that breaks at a COMMIT: before the server hears it, or before it answers.

Knows of the wire protocol where a message ends, and what a COMMIT looks like.
"""

import asyncio
import random
import struct
from types import TracebackType
from typing import Self

#: A simple query, and the preparation of one.
_QUERIES = (b"Q", b"P")
#: The codes of SSLRequest and GSSENCRequest, which are all that these messages hold.
_ENCRYPTION = tuple(struct.pack("!I", code) for code in (80877103, 80877104))


class CommitProxy:
    """`async with CommitProxy(port) as proxy:` then connect to `proxy.port`."""

    def __init__(self, target: int, *, rng: random.Random) -> None:
        self._target, self._rng = target, rng
        self._tasks: set[asyncio.Task[None]] = set()
        self.share = 0.0
        self.n_lost_replies = self.n_lost_requests = 0

    @property
    def n_lost(self) -> int:
        return self.n_lost_replies + self.n_lost_requests

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = int(self._server.sockets[0].getsockname()[1])
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        self._server.close()
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            await self._join(reader, writer)
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            writer.transport.abort()
            self._tasks.discard(task)

    async def _join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        answers, server = await asyncio.open_connection("127.0.0.1", self._target)
        server.write(await _startup(reader, writer))
        loses_reply = asyncio.Event()
        ways = [
            asyncio.create_task(self._ask(reader, server, loses_reply)),
            asyncio.create_task(self._answer(answers, writer, loses_reply)),
        ]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)
            server.transport.abort()

    async def _ask(
        self, reader: asyncio.StreamReader, server: asyncio.StreamWriter, loses_reply: asyncio.Event
    ) -> None:
        """Pass what the client sends, message by message, until a COMMIT whose line breaks."""
        while True:
            kind, length = await reader.readexactly(1), await reader.readexactly(4)
            body = await reader.readexactly(_rest(length))
            if _is_commit(kind, body) and self._rng.random() < self.share:
                if self._rng.random() < 0.5:
                    self.n_lost_requests += 1
                    return
                self.n_lost_replies += 1
                loses_reply.set()
            server.write(kind + length + body)
            await server.drain()

    async def _answer(
        self,
        answers: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        loses_reply: asyncio.Event,
    ) -> None:
        while chunk := await answers.read(65_536):
            # The server has done what it was asked: that is what nobody gets to know.
            if loses_reply.is_set() and b"COMMIT\0" in chunk:
                return
            writer.write(chunk)
            await writer.drain()


async def _startup(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
    """The client's first message, which alone has no kind, once it goes without encryption."""
    while True:
        length = await reader.readexactly(4)
        body = await reader.readexactly(_rest(length))
        if body not in _ENCRYPTION:
            return length + body
        writer.write(b"N")


def _rest(length: bytes) -> int:
    return int(struct.unpack("!I", length)[0]) - 4


def _is_commit(kind: bytes, body: bytes) -> bool:
    return kind in _QUERIES and b"COMMIT" in body.upper().strip(b"\0").split(b"\0")
