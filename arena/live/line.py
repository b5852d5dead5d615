"""The way out to one client: a frame goes at once, or in turn while the socket is full.

A task for each frame would cost more than the frame; so the sending is begun by hand, and only what
has to wait for the socket becomes a task.
"""

import asyncio
import contextlib
import logging
import types
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Generator
from typing import Any

log = logging.getLogger(__name__)

Send = Callable[[dict[str, Any]], Coroutine[Any, Any, None]]

#: Frames that may wait for a client that does not read; news beyond them stay in the log until it
#: has caught up.
MOST_WAITING = 64
#: How long a full socket may delay being closed (s).
CLOSE_S = 5.0


class Line:
    """What is on its way to a client, in order."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._waiting: deque[str] = deque()
        self._draining: asyncio.Task[None] | None = None
        self._has_room = asyncio.Event()
        self._has_room.set()
        self.is_lost = False

    @property
    def is_full(self) -> bool:
        """Whether more frames wait than should."""
        return not self._has_room.is_set()

    async def room(self) -> None:
        """Wait until the client has read enough of what waits for it."""
        await self._has_room.wait()

    def push(self, text: str) -> None:
        """Send a frame; nothing happens if the other side is gone."""
        if self.is_lost:
            return
        if self._draining is not None:
            self._waiting.append(text)
            if len(self._waiting) >= MOST_WAITING:
                self._has_room.clear()
            return
        sending = self._send({"type": "websocket.send", "text": text})
        try:
            waits_for = sending.send(None)
        except StopIteration:
            return
        except (RuntimeError, OSError):
            self._lose()
            return
        self._draining = asyncio.create_task(self._drain(_rest(sending, waits_for)))

    async def close(self, code: int) -> None:
        """Close the socket, whatever state it is in."""
        self._lose()
        # The socket may be gone already, or full with what nobody reads.
        with contextlib.suppress(Exception):
            async with asyncio.timeout(CLOSE_S):
                await self._send({"type": "websocket.close", "code": code})

    def end(self) -> None:
        """Send nothing more."""
        self._lose()
        if self._draining is not None:
            self._draining.cancel()

    async def _drain(self, first: Awaitable[None]) -> None:
        try:
            await first
            while self._waiting:
                await self._send({"type": "websocket.send", "text": self._waiting.popleft()})
                if len(self._waiting) <= MOST_WAITING // 2:
                    self._has_room.set()
        except Exception as error:
            if not isinstance(error, RuntimeError | OSError):  # the other side is gone
                log.exception("A frame could not be sent")
            self._lose()
        finally:
            self._draining = None
            self._has_room.set()

    def _lose(self) -> None:
        self.is_lost = True
        self._waiting.clear()
        self._has_room.set()


@types.coroutine
def _rest(begun: Coroutine[Any, Any, None], waits_for: Any) -> Generator[Any, None, None]:
    """What is left of a coroutine that was begun by hand and waits for a future."""
    yield waits_for
    yield from begun
