"""The holder of a seat on a bad line: repeats commands, loses its connection, never gives up.

It keeps what it was shown in the order in which it was first shown, so that a test can compare
that stream with the log.
"""

import asyncio
import contextlib
import json
import random
import secrets
import time
from collections.abc import Callable, Iterator
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from tests.kit.wire import Frame

Command = dict[str, Any]
#: What a bad line looks like from here.
LOST = (OSError, ConnectionClosed, InvalidHandshake, EOFError, TimeoutError)
PATIENCE_S = 300.0


class Stubborn:
    """Plays an iterator's commands, each `times` times, in order, until all are acknowledged."""

    def __init__(
        self,
        url: Callable[[], str],
        token: str,
        commands: Iterator[Command],
        *,
        times: int = 1,
        per_connection: int | None = None,
        pause_s: float = 0.005,
        seed: int = 0,
    ) -> None:
        self._url, self._token, self._commands = url, token, commands
        self._times, self._per_connection = times, per_connection
        self._rng, self._pause_s = random.Random(seed), pause_s
        self._unacked: dict[str, Command] = {}
        self.sent: dict[str, Command] = {}
        self.acks: dict[str, str] = {}
        self.stream: dict[str, Frame] = {}
        self.errors: list[Frame] = []
        self.exhausted = False
        self.n_connections = 0

    @property
    def is_idle(self) -> bool:
        """Whether every command was taken and acknowledged."""
        return self.exhausted and not self._unacked

    async def run(self) -> None:
        """Hold the seat until cancelled."""
        while True:
            with contextlib.suppress(*LOST):
                headers = {"Authorization": f"Seat {self._token}"}
                options: dict[str, Any] = {"compression": None, "close_timeout": 0.2}
                async with connect(
                    self._url(), additional_headers=headers, open_timeout=30, **options
                ) as socket:
                    self.n_connections += 1
                    await self._stay(socket)
            await asyncio.sleep(self._rng.uniform(0, 0.05))

    async def _stay(self, socket: ClientConnection) -> None:
        last = next(reversed(self.stream), None)
        await socket.send(json.dumps({"do": "sync", "after": last}))
        listening = asyncio.create_task(self._listen(socket))
        speaking = asyncio.create_task(self._speak(socket))
        try:
            await asyncio.wait([listening, speaking], return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (listening, speaking):
                task.cancel()
            ends = await asyncio.gather(listening, speaking, return_exceptions=True)
        for end in ends:
            if isinstance(end, Exception):
                raise end

    async def _speak(self, socket: ClientConnection) -> None:
        await self._say(socket)
        if self._per_connection is None or self.is_idle:
            await asyncio.sleep(3600)
        if self._rng.random() < 0.5:
            await asyncio.sleep(self._rng.uniform(0, 0.3))
            socket.transport.abort()  # as if the line were cut, acks and all
        else:
            while self._unacked:
                await asyncio.sleep(0.005)

    async def _say(self, socket: ClientConnection) -> None:
        """Send what is open first, in order, then what is new."""
        n_left = self._per_connection or 10**9
        for command in tuple(self._unacked.values()):
            n_left -= 1
            await self._repeat(socket, command)
            if n_left <= 0:
                return
        while n_left > 0:
            while len(self._unacked) >= 20:
                await asyncio.sleep(0.005)
            if (command := next(self._commands, None)) is None:
                self.exhausted = True
                return
            command = {"id": secrets.token_hex(8), **command}
            self._unacked[command["id"]] = self.sent[command["id"]] = command
            n_left -= 1
            await self._repeat(socket, command)

    async def _repeat(self, socket: ClientConnection, command: Command) -> None:
        for _ in range(self._times):
            await socket.send(json.dumps(command))
        await asyncio.sleep(self._rng.uniform(0, 2 * self._pause_s))

    async def _listen(self, socket: ClientConnection) -> None:
        async for message in socket:
            self._take(json.loads(message))
        raise ConnectionResetError("the server closed the socket")

    def _take(self, frame: Frame) -> None:
        if frame["is"] == "event":
            known = self.stream.setdefault(frame["id"], frame)
            assert known == frame, "an event is shown the same every time"
        elif frame["is"] == "ack":
            assert self.acks.setdefault(frame["re"], frame["event"]) == frame["event"]
            self._unacked.pop(frame["re"], None)
        elif frame["is"] == "error" and frame["code"] == "log.busy":
            raise ConnectionResetError("not stored: come back and send it again")
        elif frame["is"] == "error":
            self.errors.append(frame)


def turns(what: str) -> Iterator[float]:
    """How long to wait after each look in vain, longer and longer; fails at the end of patience."""
    began, wait_s = time.monotonic(), 0.02
    while time.monotonic() - began < PATIENCE_S:
        yield wait_s
        wait_s = min(wait_s * 1.2, 0.5)
    raise AssertionError(f"Waited {PATIENCE_S:g} s in vain: {what}")


async def until(condition: Callable[[], bool], *, what: str) -> None:
    """Wait until something holds."""
    waits = turns(what)
    while not condition():
        await asyncio.sleep(next(waits))


@contextlib.asynccontextmanager
async def holding(*clients: Stubborn) -> Any:
    """All clients at work; cancelled at the end."""
    tasks = [asyncio.create_task(client.run()) for client in clients]
    try:
        yield tasks
    finally:
        for task in tasks:
            task.cancel()
        ends = await asyncio.gather(*tasks, return_exceptions=True)
        for end in ends:
            if isinstance(end, Exception):
                raise end
