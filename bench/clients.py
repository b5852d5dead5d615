"""The members of a room as the load generator plays them, and the count of what reached whom.

A room has three sockets: the interrogator's, a second window of the interrogator's, and the human
witness's. The interrogator and the witness speak in turns.
"""

import asyncio
import json
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from figures import Plan, RoomPlan
from socket_client import Socket

N_SOCKETS = 3
INTERROGATOR, WITNESS = 0, 2
#: A message's text: its number in the room, filled up to 80 characters.
TEXT_CHARS = 80
FILLER = "is this what a person would ask of somebody they cannot see, or is it not so? "
OPENING_AT_ONCE = 8


@dataclass(slots=True)
class Message:
    """One message on its way, and when it got where."""

    n: int
    speaker: int
    sent_at: float
    acked_at: float = 0.0
    delivered_at: list[float] = field(default_factory=list)
    completed_at: float = 0.0

    @property
    def is_complete(self) -> bool:
        return self.completed_at > 0


class Room:
    """Three sockets, what they said and what they heard."""

    def __init__(self, plan: RoomPlan) -> None:
        self.plan = plan
        self.messages: list[Message] = []
        self.on_its_way: set[int] = set()
        self.keeps_talking = False
        self._sockets: list[Socket] = []
        self._heard: list[list[int]] = [[] for _ in range(N_SOCKETS)]
        self._errors: Counter[str] = Counter()
        self._live = asyncio.Event()
        self._n_synced = 0

    async def open(self) -> None:
        """Connect; in the product's rooms also take the seats and wait until the room is live."""
        for n in range(N_SOCKETS):
            headers = {}
            if self.plan.tokens:
                token = self.plan.tokens[1 if n == WITNESS else 0]
                headers["Authorization"] = f"Seat {token}"
            socket = await Socket.open(
                self.plan.port, self.plan.path, headers=headers, on_text=self._listener(n)
            )
            self._sockets.append(socket)
            if self.plan.tokens:
                socket.send(b'{"do":"sync","after":null}')
        if self.plan.tokens:
            async with asyncio.timeout(60):
                await self._live.wait()

    def _listener(self, n: int) -> Callable[[bytes], None]:
        return lambda payload: self._hear(n, payload)

    def say(self, *, due_at: float | None = None) -> None:
        n = len(self.messages)
        speaker = WITNESS if n % 2 else INTERROGATOR
        command = {"do": "say", "id": f"m{n}", "text": f"{n:08d} {FILLER}"[:TEXT_CHARS]}
        if speaker == INTERROGATOR and self.plan.pane:
            command["pane"] = self.plan.pane
        self.messages.append(Message(n, speaker, due_at or time.perf_counter()))
        self.on_its_way.add(n)
        self._sockets[speaker].send(json.dumps(command, separators=(",", ":")).encode())

    def close(self) -> None:
        for socket in self._sockets:
            socket.close()

    def most_from_one(self, since: float) -> int:
        """How many messages the busier of the two speaking sockets sent."""
        counts = Counter(m.speaker for m in self.messages if m.sent_at >= since)
        return max(counts.values(), default=0)

    def problems(self) -> list[str]:
        """What a reader of the figures must not be spared: lost, doubled, reordered, refused."""
        found = [f"{n} frames of error {code}" for code, n in self._errors.items()]
        if self.on_its_way:
            found.append(f"{len(self.on_its_way)} messages lost or not acknowledged")
        if any(len(set(heard)) != len(heard) for heard in self._heard):
            found.append("a message was delivered twice")
        if any(heard != self._heard[0] for heard in self._heard):
            found.append("the sockets did not get the same messages in the same order")
        if any(socket.was_lost for socket in self._sockets):
            found.append("the server closed a socket")
        return [f"{self.plan.path}: {problem}" for problem in found]

    def _hear(self, listener: int, payload: bytes) -> None:
        frame, now = json.loads(payload), time.perf_counter()
        match frame["is"]:
            case "event" if frame["kind"] == "message":
                n = int(frame["text"][:8])
                self._heard[listener].append(n)
                self.messages[n].delivered_at.append(now)
                self._check(self.messages[n], now)
            case "ack" if frame["re"] != "ready":
                message = self.messages[int(frame["re"][1:])]
                message.acked_at = now
                self._check(message, now)
            case "room":
                self._enter(listener, frame)
            case "error":
                self._errors[frame["code"]] += 1

    def _check(self, message: Message, now: float) -> None:
        if not message.acked_at or len(message.delivered_at) < N_SOCKETS:
            return
        message.completed_at = now
        self.on_its_way.discard(message.n)
        if self.keeps_talking:
            self.say()

    def _enter(self, listener: int, frame: dict[str, object]) -> None:
        if frame["phase"] == "live":
            self._n_synced += 1
            if self._n_synced == N_SOCKETS:
                self._live.set()
        elif frame["phase"] == "lobby" and listener in (INTERROGATOR, WITNESS):
            consent = frame["consent"]["sha256"]  # type: ignore[index]
            command = {"do": "ready", "id": "ready", "consent": consent}
            self._sockets[listener].send(json.dumps(command).encode())


async def open_rooms(plan: Plan) -> list[Room]:
    """Every room of a plan, open and live."""
    rooms = [Room(room) for room in plan.rooms]
    gate = asyncio.Semaphore(OPENING_AT_ONCE)

    async def opened(room: Room) -> None:
        async with gate:
            await room.open()

    await asyncio.gather(*(opened(room) for room in rooms))
    return rooms
