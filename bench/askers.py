"""Interrogators who ask again and again, a process of its own: a plan in, a report out.

Each room asks its next question once its last is answered; at a fixed rate, or at once. What is
asked during the measured seconds counts, and so does the processor of the servers in that time.
"""

import asyncio
import json
import random
import sys
import time
from collections import deque
from dataclasses import asdict, dataclass, field

import psycopg
import uvloop
from process_time import cpu_s
from socket_client import Socket

OPENING_AT_ONCE = 16
QUESTIONS = (
    "hi, how was your day?",
    "what did you have for lunch?",
    "do you play an instrument?",
    "how long is your way to work?",
    "what would you do with a free afternoon?",
    "have you seen a good film lately?",
    "which season do you like best, and why?",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """What to load, and with how much."""

    port: int
    pids: tuple[int, ...]
    postgres: str  # the URL of the database; empty for a file
    rooms: tuple[tuple[str, str], ...]  # path, token
    rate: float  # questions a second over all rooms; 0: each room asks again at once
    warm_up_s: float
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """What was answered within the measured seconds, and what the servers spent on it."""

    n_replies: int
    span_s: float
    cpu_s: float  # of the servers
    database_cpu_s: float  # of PostgreSQL
    n_commits: int  # of PostgreSQL
    client_cpu_share: float
    waits_s: tuple[float, ...]  # from a question to the first words of its answer
    shown_at: dict[str, float]  # when a message of the machine reached its reader, by event
    n_asked_late: int  # questions for which no room was free
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """Clocks and counters at one moment."""

    at: float
    own_s: float
    servers_s: float
    database_s: float
    n_commits: int

    @classmethod
    def now(cls, plan: Asking) -> "Mark":
        database_s, n_commits = _postgres(plan.postgres) if plan.postgres else (0.0, 0)
        return cls(
            at=time.time(),
            own_s=time.process_time(),
            servers_s=sum(map(cpu_s, plan.pids)),
            database_s=database_s,
            n_commits=n_commits,
        )


def _postgres(url: str) -> tuple[float, int]:
    """The processor time of a database's backends, and how many transactions it has ended."""
    with psycopg.connect(url) as own:
        rows = own.execute(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database() "
            "AND pid <> pg_backend_pid()"
        ).fetchall()
        ended = own.execute(
            "SELECT xact_commit + xact_rollback FROM pg_stat_database "
            "WHERE datname = current_database()"
        ).fetchone()
    return sum(cpu_s(pid) for (pid,) in rows), ended[0] if ended else 0


@dataclass(slots=True)
class Room:
    path: str
    token: str
    asked_at: float = 0.0
    is_waiting: bool = False
    n_asked: int = 0
    socket: Socket = field(init=False)


class Askers:
    def __init__(self, plan: Asking) -> None:
        self._plan = plan
        self._rooms = [Room(path, token) for path, token in plan.rooms]
        self._free: deque[Room] = deque()
        self._rng = random.Random(1)
        self._synced = asyncio.Semaphore(0)
        self._measures_from = float("inf")
        self._waits_s: list[float] = []
        self._answered_at: list[float] = []
        self._shown_at: dict[str, float] = {}
        self._errors: dict[str, int] = {}
        self._n_late = 0

    async def run(self) -> Answered:
        gate = asyncio.Semaphore(OPENING_AT_ONCE)
        await asyncio.gather(*(self._open(room, gate) for room in self._rooms))
        for _ in self._rooms:
            await self._synced.acquire()
        self._free.extend(self._rooms)
        asking = asyncio.create_task(self._keep_asking())
        await asyncio.sleep(self._plan.warm_up_s)
        first = Mark.now(self._plan)
        self._measures_from = first.at
        await asyncio.sleep(self._plan.seconds)
        last = Mark.now(self._plan)
        asking.cancel()
        lost = sum(room.socket.was_lost for room in self._rooms)
        problems = [f"{n} frames of error {code}" for code, n in self._errors.items()]
        return Answered(
            n_replies=sum(first.at <= at < last.at for at in self._answered_at),
            span_s=last.at - first.at,
            cpu_s=last.servers_s - first.servers_s,
            database_cpu_s=last.database_s - first.database_s,
            n_commits=last.n_commits - first.n_commits,
            client_cpu_share=(last.own_s - first.own_s) / (last.at - first.at),
            waits_s=tuple(self._waits_s),
            shown_at=self._shown_at,
            n_asked_late=self._n_late,
            problems=(*problems, *([f"the server closed {lost} sockets"] if lost else [])),
        )

    async def _open(self, room: Room, gate: asyncio.Semaphore) -> None:
        async with gate:
            headers = {"Authorization": f"Seat {room.token}"}
            room.socket = await Socket.open(
                self._plan.port,
                room.path,
                headers=headers,
                on_text=lambda payload: self._hear(room, payload),
            )
            room.socket.send(b'{"do":"sync","after":null}')

    async def _keep_asking(self) -> None:
        if not self._plan.rate:
            for room in tuple(self._free):
                self._ask(room)
                # Not all in one instant: they would stay in step.
                await asyncio.sleep(self._plan.warm_up_s / 2 / len(self._rooms))
            return
        due = time.perf_counter()
        while True:
            due += self._rng.expovariate(self._plan.rate)
            if (wait_s := due - time.perf_counter()) > 0:
                await asyncio.sleep(wait_s)
            if self._free:
                self._ask(self._free.popleft())
            elif time.time() >= self._measures_from:
                self._n_late += 1

    def _ask(self, room: Room) -> None:
        room.n_asked += 1
        room.is_waiting, room.asked_at = True, time.time()
        text = QUESTIONS[self._rng.randrange(len(QUESTIONS))]
        command = {"do": "say", "id": f"q{room.n_asked}", "pane": "A", "text": text}
        room.socket.send(json.dumps(command).encode())

    def _hear(self, room: Room, payload: bytes) -> None:
        frame, now = json.loads(payload), time.time()
        match frame["is"]:
            case "synced":
                self._synced.release()
            case "error":
                self._errors[frame["code"]] = self._errors.get(frame["code"], 0) + 1
            case "event" if frame["kind"] == "message" and frame["from"] == "them":
                if now >= self._measures_from:
                    self._shown_at[frame["id"]] = now
                if room.is_waiting:
                    self._answer(room, now)

    def _answer(self, room: Room, now: float) -> None:
        room.is_waiting = False
        self._answered_at.append(now)
        if room.asked_at >= self._measures_from:
            self._waits_s.append(now - room.asked_at)
        if self._plan.rate:
            self._free.append(room)
        else:
            self._ask(room)


if __name__ == "__main__":
    given = json.loads(sys.stdin.read())
    plan = Asking(**{**given, "rooms": tuple(map(tuple, given["rooms"]))})
    sys.stdout.write(json.dumps(asdict(uvloop.run(Askers(plan).run()))))
