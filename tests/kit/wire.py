"""A client of the room protocol, written from its specification alone."""

import asyncio
import contextlib
import json
import secrets
from collections.abc import AsyncIterator, Callable
from typing import Any

from websockets.asyncio.client import ClientConnection, connect

Frame = dict[str, Any]
TIMEOUT_S = 120.0
#: How a test connects: in its own time, and without giving up a line on which nothing moves.
PATIENT: dict[str, Any] = {"compression": None, "open_timeout": TIMEOUT_S, "ping_interval": None}


class Client:
    """One seat's connection. Keeps every frame it got, in order."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self.frames: list[Frame] = []
        self._unread: list[Frame] = []

    async def send(self, **command: object) -> None:
        await self._socket.send(json.dumps(command))

    async def send_raw(self, frame: str | bytes) -> None:
        await self._socket.send(frame)

    async def receive(self) -> Frame:
        async with asyncio.timeout(TIMEOUT_S):
            frame: Frame = json.loads(await self._socket.recv())
        self.frames.append(frame)
        return frame

    async def until(self, wanted: Callable[[Frame], bool]) -> Frame:
        """The first frame that fits and that no earlier call has returned; others are kept."""
        for n, frame in enumerate(self._unread):
            if wanted(frame):
                return self._unread.pop(n)
        while not wanted(frame := await self.receive()):
            self._unread.append(frame)
        return frame

    async def sync(self, after: str | None = None) -> list[Frame]:
        """Synchronise; return the frames up to and with `synced`."""
        n_before = len(self.frames)
        await self.send(do="sync", after=after)
        await self.until(lambda frame: frame["is"] in {"synced", "error"})
        return self.frames[n_before:]

    async def do(self, command: str, *, id: str | None = None, **parts: object) -> Frame:
        """Send a command; return its ack or error."""
        client_id = id or secrets.token_hex(8)
        await self.send(do=command, id=client_id, **parts)
        return await self.until(
            lambda frame: frame["is"] in {"ack", "error"} and frame["re"] == client_id
        )

    async def ready(self) -> Frame:
        """Agree to the consent text of the lobby and be ready."""
        frames = await self.sync()
        room = next(frame for frame in frames if frame["is"] == "room")
        return await self.do("ready", consent=room["consent"]["sha256"])

    async def live(self) -> Frame:
        return await self.until(lambda f: f["is"] == "room" and f["phase"] == "live")

    async def message(self, text: str | None = None, *, sender: str | None = None) -> Frame:
        """The next message event, of this text and sender where given."""
        return await self.until(
            lambda f: (
                f["is"] == "event"
                and f["kind"] == "message"
                and (text is None or f["text"] == text)
                and (sender is None or f["from"] == sender)
            )
        )

    @property
    def messages(self) -> list[Frame]:
        """Every message event so far, once each, in order of arrival."""
        found = {}
        for frame in self.frames:
            if frame["is"] == "event" and frame["kind"] == "message":
                found.setdefault(frame["id"], frame)
        return list(found.values())

    async def close(self) -> None:
        await self._socket.close()


@contextlib.asynccontextmanager
async def joined(url: str, token: str) -> AsyncIterator[Client]:
    """A connection of the seat that a token opens."""
    headers = {"Authorization": f"Seat {token}"}
    # A client that has not read all its frames cannot finish the closing handshake: do not wait.
    async with connect(url, additional_headers=headers, close_timeout=0.2, **PATIENT) as socket:
        yield Client(socket)
