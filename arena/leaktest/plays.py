"""What is played in a room, in real time: a talk, probes, and trouble with server and provider."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from arena.leaktest.model import StandIn
from arena.leaktest.observing import Listener
from arena.leaktest.room import MatchedRoom
from arena.leaktest.words import HAMMER, question

#: A line so often (s), while a witness is not let get a word in.
HAMMER_S = 0.5
#: Pings of a probing socket so often, for so long after a question (real s).
PROBE_EVERY_S, PROBE_S = 0.02, 2.0
#: The server is away, and the provider fails, for so long (s).
KILL_S, FAULT_S = 4.0, 6.0
#: How long answers are waited for after the server is back (s).
AFTER_KILL_S = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Lengths:
    """How much of everything is in a room."""

    n_questions: int = 4
    idle_s: float = 30.0
    hammer_s: float = 20.0
    n_probes: int = 8

    @classmethod
    def short(cls) -> "Lengths":
        """For a run of some twenty rooms that is to be over in a minute."""
        return cls(n_questions=3, idle_s=20.0, hammer_s=12.0, n_probes=5)


async def talk(room: MatchedRoom, lengths: Lengths) -> None:
    """Questions that are waited for, a silence, and lines that come too fast to be answered."""
    first = room.rng.randrange(1000)
    with room.span("talk"):
        for n in range(lengths.n_questions):
            # Not at a set time after the last answer, whose place in the second would be passed on.
            await room.rest(room.rng.random())
            await room.ask_both(n, question(first + n))
            await room.both_answered()
    with room.span("idle"):
        opening = asyncio.create_task(room.person.re_open(within_s=lengths.idle_s))
        await room.rest(lengths.idle_s)
        opening.cancel()
        await asyncio.gather(opening, return_exceptions=True)
    with room.span("hammer"):
        await _hammer(room, lengths.hammer_s)


async def _hammer(room: MatchedRoom, length_s: float) -> None:
    until = time.monotonic() + length_s / room.seen.speed
    n = 0
    while time.monotonic() < until and not room.asker.is_over:
        await room.ask_both(n, HAMMER[n % len(HAMMER)])
        n += 1
        await room.rest(HAMMER_S)


async def probe(room: MatchedRoom, lengths: Lengths) -> None:
    """Questions to one pane at a time, each followed by pings on a socket of the interrogator's."""
    second = Listener(room.stage.ws(room.seen.code), room.token, rate=room.stage.rate)
    running = asyncio.create_task(second.run())
    try:
        while not second.room:
            await asyncio.sleep(0.02)
        await room.ask_both(0, question(0))
        await room.both_answered()
        for n in range(lengths.n_probes):
            for pane in room.rng.sample("AB", 2):
                await room.ask(pane, n, text=question(n + 1))
                await _ping(room, second, pane=pane)
            await room.both_answered(quiet_s=1.0)
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def _ping(room: MatchedRoom, second: Listener, *, pane: str) -> None:
    """Send pings and note how long after the acknowledgement each was sent, and its round trip."""
    began = time.monotonic()
    trips = room.seen.pongs.setdefault(pane, [])
    while (passed_s := time.monotonic() - began) < PROBE_S:
        n_heard, sent_s = len(second.heard), time.monotonic()
        await second.send_raw(json.dumps({"do": "ping"}))
        while not (pong := _pong(second, n_heard)) and time.monotonic() - sent_s < PROBE_S:
            second.news.clear()
            try:
                await asyncio.wait_for(second.news.wait(), PROBE_S)
            except TimeoutError:
                break
        trips.append((passed_s, (pong or time.monotonic()) - sent_s))
        await asyncio.sleep(PROBE_EVERY_S)


def _pong(line: Listener, n_heard: int) -> float:
    """When a pong came after so many frames; 0 if none has."""
    later = (each for each in line.heard[n_heard:] if each.frame["is"] == "pong")
    return next((each.at_s for each in later), 0.0)


async def _in_all(rooms: list[MatchedRoom], act: Callable[[MatchedRoom], Awaitable[None]]) -> None:
    await asyncio.gather(*(act(room) for room in rooms))


async def trouble(rooms: list[MatchedRoom], model: StandIn) -> None:
    """A question while the provider fails, and one just before the server is killed."""
    for room in rooms:
        room.seen.spans["fault"] = room.seen.spans["kill"] = (time.monotonic(), float("inf"))
    await _in_all(rooms, lambda room: _ask_and_wait(room, 0))
    _mark(rooms, "fault")
    model.is_down = True
    await _in_all(rooms, lambda room: room.ask_both(1, question(1)))
    await rooms[0].rest(FAULT_S)
    model.is_down = False
    await _in_all(rooms, lambda room: room.both_answered())
    _mark(rooms, "fault", ends=True)
    await _in_all(rooms, lambda room: room.ask_both(2, question(2)))
    await asyncio.sleep(0.3 / rooms[0].seen.speed)
    await rooms[0].stage.kill(down_s=KILL_S / rooms[0].seen.speed)
    _mark(rooms, "kill")
    await rooms[0].rest(AFTER_KILL_S)
    _mark(rooms, "kill", ends=True)


async def _ask_and_wait(room: MatchedRoom, n: int) -> None:
    await room.ask_both(n, question(n))
    await room.both_answered()


def _mark(rooms: list[MatchedRoom], span: str, *, ends: bool = False) -> None:
    """Let a stretch begin or end now, in every room."""
    now = time.monotonic()
    for room in rooms:
        begin = room.seen.spans[span][0] if ends else now
        room.seen.spans[span] = (begin, now if ends else float("inf"))
