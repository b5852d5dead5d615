"""A scripted person's connection to a seat: the wire protocol, kept up across reconnects.

It records what was promised (acknowledgements) and what was shown (event frames), so that both can
be compared with the log afterwards.
"""

import asyncio
import json
import secrets
import time
from collections import Counter
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus

from arena.errors import ArenaError

Frame = dict[str, Any]

RETRY_S = 0.2
#: The errors of a server that is not reachable, or no longer.
_LOST = (OSError, ConnectionClosed, InvalidHandshake, TimeoutError)


FORBIDDEN = 403
#: The errors after which connecting again is in vain.
_FINAL = frozenset({"agent.refused", "seat.unknown"})


class SeatRefused(ArenaError):
    """A server that does not let this client into its seat."""

    code = "agent.seat"


class SeatConnection:
    """One seat's connection, reopened until the room is over."""

    def __init__(self, url: str, token: str, *, agent: str | None = None) -> None:
        self._url, self._headers = url, {"Authorization": f"Seat {token}"}
        if agent is not None:
            self._headers["Agent"] = agent
        self._socket: ClientConnection | None = None
        self._waiting: dict[str, tuple[Frame, asyncio.Future[Frame]]] = {}
        self._is_open = asyncio.Event()
        self._is_open.set()
        self.news = asyncio.Event()
        self.room: Frame = {}
        self.room_at = 0.0  # when that came, by the steady clock
        self.turned_away = ""
        self.frames: list[Frame] = []
        self.shown: dict[str, Frame] = {}
        self.doubled: Counter[str] = Counter()
        self.acked: dict[str, tuple[Frame, str]] = {}
        self.is_over = False

    async def run(self) -> None:
        """Stay connected until the room is over or the task is cancelled."""
        while not self.is_over:
            await self._is_open.wait()
            try:
                async with connect(
                    self._url, additional_headers=self._headers, compression=None, proxy=None
                ) as socket:
                    self._socket = socket
                    await self._talk(socket)
            except _LOST as error:
                if isinstance(error, InvalidStatus) and error.response.status_code == FORBIDDEN:
                    self._turn_away("The seat's link does not open it (any more).")
                await asyncio.sleep(RETRY_S)
            finally:
                self._socket = None

    async def _talk(self, socket: ClientConnection) -> None:
        after = next(reversed(self.shown), None)
        await socket.send(json.dumps({"do": "sync", "after": after}))
        for command, _ in list(self._waiting.values()):
            await socket.send(json.dumps(command))
        fresh: set[str] = set()
        while self._is_open.is_set() and not self.is_over:
            self._hear(await socket.recv(decode=True), fresh)

    def _hear(self, text: str, fresh: set[str]) -> None:
        self._take(json.loads(text), fresh)

    def _take(self, frame: Frame, fresh: set[str]) -> None:
        self.frames.append(frame)
        match frame["is"]:
            case "room":
                self.room, self.room_at = frame, time.monotonic()
            case "event":
                # An event twice in one connection is a fault; again after a reconnect it is not.
                if frame["id"] in fresh:
                    self.doubled[frame["id"]] += 1
                fresh.add(frame["id"])
                self.shown[frame["id"]] = frame
            case "ack" | "error":
                self._answer(frame)
            case "ended":
                self.is_over = True
                # An acknowledgement may come behind it, where nobody reads any more.
                for _, answered in self._waiting.values():
                    if not answered.done():
                        answered.set_result(frame)
        self.news.set()

    def _turn_away(self, why: str) -> None:
        self.turned_away = why
        self.news.set()

    def check(self) -> None:
        """Raise if the seat is not this client's to take."""
        if self.turned_away:
            raise SeatRefused(self.turned_away)

    def _answer(self, frame: Frame) -> None:
        if frame["is"] == "error" and frame["re"] is None and frame["code"] in _FINAL:
            self._turn_away(str(frame["message"]))
        command, answered = self._waiting.pop(frame["re"], (None, None))
        if command is None or answered is None:
            return
        if frame["is"] == "ack":
            self.acked[command["id"]] = (command, frame["event"])
        if not answered.done():
            answered.set_result(frame)

    async def do(self, command: str, **parts: object) -> Frame:
        """Send a command until it is answered, over as many connections as that takes.

        The answer is the `ended` frame where the room was over before another one came.
        """
        frame: Frame = {"do": command, "id": secrets.token_hex(8), **parts}
        answered: asyncio.Future[Frame] = asyncio.get_running_loop().create_future()
        self._waiting[frame["id"]] = (frame, answered)
        await self.send_raw(json.dumps(frame))
        return await answered

    async def send_raw(self, text: str) -> None:
        """Send a frame as it is, if there is a connection."""
        if self._socket is not None:
            try:
                await self._socket.send(text)
            except _LOST:
                return

    async def disconnect(self) -> None:
        """Close the tab."""
        self._is_open.clear()
        if self._socket is not None:
            await self._socket.close()

    def reconnect(self) -> None:
        self._is_open.set()

    @property
    def phase(self) -> str:
        return "ended" if self.is_over else str(self.room.get("phase", ""))
