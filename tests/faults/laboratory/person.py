"""One person at one seat: talks faster than anybody is answered, loses the line, comes back.

It keeps to `docs/protocol.md`: synchronises after the last event it holds, sends what got no answer
again, in order, with its old id. What it was promised and shown it keeps, for the checker.
"""

import asyncio
import contextlib
import json
import random
import secrets
import socket
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidMessage

from arena.rehearsal.faults import Fault
from tests.kit.wire import Frame

Command = dict[str, Any]
#: What a line that is no good looks like from here.
LOST = (OSError, ConnectionClosed, InvalidHandshake, InvalidMessage, EOFError, TimeoutError)
#: A command may come too late for these: it was refused, and that was right.
TOO_LATE = frozenset({"round.open", "round.closed", "room.time_up", "room.ended", "room.started"})
#: How many commands a person has sent before the first of them is answered.
N_IN_FLIGHT = 6
#: How long (s) people pause between two commands, on average.
PAUSE_S = 0.03
LONGEST_WAIT_S = 0.4


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """How to reach the server: its address, and a socket in whatever network it is dialled from."""

    url: str
    dial: Callable[[], socket.socket] | None = None


class Talk(Protocol):
    """What a person does; None while there is nothing to do."""

    def next(self, person: "Person") -> Command | None: ...


class Lost(Exception):
    """The line is given up."""


@dataclass(slots=True, kw_only=True)
class Person:
    """The holder of a seat."""

    way: Callable[[], Way]
    headers: Mapping[str, str]
    talk: Talk
    rng: random.Random
    pause_s: float = PAUSE_S
    deadline_s: float = 5.0  # after which a line without any answer is given up
    sent: dict[str, Command] = field(default_factory=dict)
    acks: dict[str, str] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    shown: dict[str, Frame] = field(default_factory=dict)
    faults: list[tuple[Fault, str]] = field(default_factory=list)
    cut: dict[str, float] = field(default_factory=dict)  # when a command's line was lost, last
    put_off: set[str] = field(default_factory=set)  # not stored, or sent together with what was not
    #: Of these no order is promised: one may not have been stored, and the next one have been.
    unordered: set[str] = field(default_factory=set)
    room: Frame = field(default_factory=dict)
    room_at: float = 0.0  # when that frame came, by the steady clock
    is_over: bool = False
    n_connections: int = 0
    n_acks_here: int = 0  # on the present line
    waiting: dict[str, Command] = field(default_factory=dict)
    given_up: list[ClientConnection] = field(default_factory=list)  # lines never closed
    _line: ClientConnection | None = None
    _on_line: set[str] = field(default_factory=set)
    _fresh: set[str] = field(default_factory=set)

    async def run(self) -> None:
        """Hold the seat until cancelled."""
        wait_s = 0.02
        while True:
            with contextlib.suppress(*LOST):
                self._line = await self._connect()
                self.n_connections += 1
                self.n_acks_here, wait_s = 0, 0.02
                try:
                    await self._stay(self._line)
                finally:
                    self._leave()
            await asyncio.sleep(self.rng.uniform(0, wait_s))
            wait_s = min(wait_s * 2, LONGEST_WAIT_S)

    def drop(self) -> None:
        """Lose the line, as in a tunnel."""
        if self._line is not None:
            self._line.transport.abort()

    async def _connect(self) -> ClientConnection:
        way = self.way()
        options: dict[str, Any] = {"compression": None, "ping_interval": None, "proxy": None}
        if way.dial is not None:
            options["sock"] = way.dial()
        return await connect(
            way.url, additional_headers=self.headers, open_timeout=30, close_timeout=0.2, **options
        )

    def _leave(self) -> None:
        line, self._line = self._line, None
        if line is not None and line not in self.given_up:
            line.transport.abort()
        now = time.time()
        self.cut.update((each, now) for each in self._on_line if each in self.waiting)
        self._on_line.clear()

    async def _stay(self, line: ClientConnection) -> None:
        await self._sync(line)
        tasks = [asyncio.create_task(self._listen(line)), asyncio.create_task(self._speak(line))]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            ends = await asyncio.gather(*tasks, return_exceptions=True)
        for end in ends:
            if isinstance(end, Exception) and not isinstance(end, Lost):
                raise end

    async def _sync(self, line: ClientConnection) -> None:
        self._fresh.clear()
        last = next(reversed(self.shown), None)
        await line.send(json.dumps({"do": "sync", "after": last}))

    async def _speak(self, line: ClientConnection) -> None:
        for command in tuple(self.waiting.values()):
            await self._send(line, command)
        while True:
            if len(self.waiting) < N_IN_FLIGHT and (command := self.talk.next(self)) is not None:
                command = {"id": secrets.token_hex(8), **command}
                self.waiting[command["id"]] = self.sent[command["id"]] = command
                await self._send(line, command)
            await asyncio.sleep(self.rng.uniform(0, 2 * self.pause_s))

    async def _send(self, line: ClientConnection, command: Command) -> None:
        self._on_line.add(command["id"])
        await line.send(json.dumps(command))

    async def _listen(self, line: ClientConnection) -> None:
        while True:
            try:
                async with asyncio.timeout(self.deadline_s):
                    frame = json.loads(await line.recv())
            except TimeoutError:
                if not self.waiting:
                    continue
                # Over there "not stored" may be said yet, and what comes after be stored.
                self.unordered.update(self.waiting)
                self.given_up.append(line)
                raise Lost from None
            await self._take(line, frame)

    async def _take(self, line: ClientConnection, frame: Frame) -> None:
        match frame["is"]:
            case "room":
                self.room, self.room_at = frame, time.monotonic()
            case "event":
                self._see(frame)
            case "synced" if frame.get("later"):
                await self._sync(line)
            case "ack":
                self._on_line.discard(frame["re"])
                self.waiting.pop(frame["re"], None)
                self.n_acks_here += 1
                if self.acks.setdefault(frame["re"], frame["event"]) != frame["event"]:
                    self._blame(Fault.DOUBLED, f"command {frame['re']} has two acknowledgements")
            case "error":
                await self._be_refused(line, frame)
            case "ended":
                self.is_over = True

    def _see(self, frame: Frame) -> None:
        if frame["id"] in self._fresh:
            self._blame(Fault.DOUBLED, f"event {frame['id']} came twice after one sync")
        self._fresh.add(frame["id"])
        if self.shown.setdefault(frame["id"], frame) != frame:
            self._blame(Fault.DOUBLED, f"event {frame['id']} was shown as two different things")

    async def _be_refused(self, line: ClientConnection, frame: Frame) -> None:
        if frame["code"] == "log.busy":
            self.put_off.update(self.waiting)
            self.unordered.update(self.waiting)
            self._on_line.clear()
            raise Lost
        if frame["re"] in self.acks:
            self._blame(Fault.LOST, f"command {frame['re']} was acknowledged, then {frame['code']}")
        if frame["re"] is None and frame["code"] == "event.unknown":
            self._blame(Fault.LOST, "the server knows nothing of the last event that it showed")
            await line.send(json.dumps({"do": "sync", "after": None}))
            return
        if frame["code"] not in TOO_LATE:
            self._blame(Fault.LOST, f"command {frame['re']} was refused: {frame['code']}")
        self._on_line.discard(frame["re"])
        self.waiting.pop(frame["re"], None)
        self.refused[frame["re"]] = frame["code"]

    def _blame(self, fault: Fault, what: str) -> None:
        self.faults.append((fault, what))
