"""The load generator, a process of its own: reads a plan from standard input, prints a report.

Knows the servers only from their sockets: it says, and it counts acknowledgements and deliveries.
"""

import asyncio
import gc
import itertools
import random
import resource
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass

import uvloop
from clients import Message, Room, open_rooms
from figures import Latency, Phase, Plan, Report
from process_time import tree_cpu_s

SEED = 1
WARM_UP_S = 1.0
#: How long a message may stay on its way after the load has ended before it counts as lost.
LOST_AFTER_S = 30.0
#: A server is at rest when it uses less than this share of a core over `REST_S`.
REST_SHARE, REST_S, MAX_AFTERWORK_S = 0.1, 0.5, 60.0


@dataclass(frozen=True, slots=True)
class Mark:
    """Clocks and counters at one moment."""

    at: float
    server_cpu_s: float
    database_cpu_s: float
    client_cpu_s: float

    @classmethod
    def now(cls, plan: Plan) -> "Mark":
        own = resource.getrusage(resource.RUSAGE_SELF)
        return cls(
            time.perf_counter(),
            tree_cpu_s(plan.server_pids),
            tree_cpu_s(plan.database_pids),
            own.ru_utime + own.ru_stime,
        )


class Load:
    """The rooms under load and the two ways of loading them."""

    def __init__(self, plan: Plan, rooms: list[Room]) -> None:
        self._plan = plan
        self._rooms = rooms
        self._random = random.Random(SEED)

    async def fixed(self) -> Phase:
        """Open loop: Poisson arrivals at the plan's rate in rooms drawn at random."""
        await self._arrive(WARM_UP_S)
        await self._drained()
        await at_rest(self._plan)
        first = self._mark()
        await self._arrive(self._plan.seconds)
        last = self._mark()
        return await self._phase(first, last)

    async def saturated(self) -> Phase:
        """Closed loop: every room has one message on its way, and sends when all have got it."""
        for room in self._rooms:
            room.keeps_talking = True
            room.say()
        await asyncio.sleep(WARM_UP_S)
        first = self._mark()
        await asyncio.sleep(self._plan.seconds)
        last = self._mark()
        for room in self._rooms:
            room.keeps_talking = False
        return await self._phase(first, last)

    async def _arrive(self, seconds: float) -> None:
        start, due_s = time.perf_counter(), 0.0
        while (due_s := due_s + self._random.expovariate(self._plan.rate)) < seconds:
            wait_s = start + due_s - time.perf_counter()
            if wait_s > 0:
                await asyncio.sleep(wait_s)
            # Counted from when it was due: a generator that lags must not flatter the server.
            self._random.choice(self._rooms).say(due_at=start + due_s)

    async def _phase(self, first: Mark, last: Mark) -> Phase:
        await self._drained()
        delivered_at = time.perf_counter()
        afterwork_s = await at_rest(self._plan) - delivered_at
        rest = self._mark()
        sent = [m for m in self._messages() if m.sent_at >= first.at and m.is_complete]
        inside = [m for m in self._messages() if first.at <= m.completed_at < last.at]
        span_s = last.at - first.at
        return Phase(
            per_s=len(inside) / span_s,
            ack=Latency.of([m.acked_at - m.sent_at for m in sent]),
            delivery=Latency.of([at - m.sent_at for m in sent for at in m.delivered_at]),
            server_cpu_us=(rest.server_cpu_s - first.server_cpu_s) * 1e6 / max(1, len(sent)),
            database_cpu_us=(rest.database_cpu_s - first.database_cpu_s) * 1e6 / max(1, len(sent)),
            client_cpu_share=(last.client_cpu_s - first.client_cpu_s) / span_s,
            afterwork_s=max(0.0, afterwork_s),
            socket_peak_per_s=max(room.most_from_one(first.at) for room in self._rooms) / span_s,
        )

    async def _drained(self) -> None:
        """Wait until every message is acknowledged and delivered, or lost."""
        until = time.perf_counter() + LOST_AFTER_S
        while time.perf_counter() < until and any(room.on_its_way for room in self._rooms):
            await asyncio.sleep(0.01)

    def _messages(self) -> Iterable[Message]:
        return itertools.chain.from_iterable(room.messages for room in self._rooms)

    def _mark(self) -> Mark:
        return Mark.now(self._plan)


async def at_rest(plan: Plan) -> float:
    """Wait until the server has nothing left to do; return when that was."""
    until = time.perf_counter() + MAX_AFTERWORK_S
    while True:
        before, at = tree_cpu_s(plan.server_pids), time.perf_counter()
        await asyncio.sleep(REST_S)
        is_busy = tree_cpu_s(plan.server_pids) - before >= REST_SHARE * REST_S
        if not is_busy or time.perf_counter() > until:
            return at


async def run(plan: Plan) -> Report:
    # Processes that share a port begin to listen one after the other, and all shall get sockets.
    await at_rest(plan)
    rooms = await open_rooms(plan)
    # The generator allocates messages only; rounds of the collector would show up as latency.
    gc.collect()
    gc.freeze()
    gc.disable()
    load = Load(plan, rooms)
    fixed = await load.fixed()
    saturated = await load.saturated()
    problems = tuple(itertools.chain.from_iterable(room.problems() for room in rooms))
    for room in rooms:
        room.close()
    n_messages = sum(len(room.messages) for room in rooms)
    return Report(fixed=fixed, saturated=saturated, n_messages=n_messages, problems=problems)


if __name__ == "__main__":
    report = uvloop.run(run(Plan.from_json(sys.stdin.read())))
    sys.stdout.write(report.to_json())
