"""Pings of both kinds are answered at the moments of a grain, however late they are got to."""

import asyncio
import datetime as dt
import itertools
import json
import time

from websockets.asyncio.client import connect

from arena import database
from arena.live.grain import GRAIN_S, OnGrain, left_s
from tests.conftest import LiveServer
from tests.kit.factories import make_room
from tests.kit.wire import PATIENT


def test_next_moment_is_the_next_multiple() -> None:
    for now in (0.0, 0.1, 7.249999, 7.25, 1234.5678):
        then = now + left_s(now)
        assert 0 < left_s(now) <= GRAIN_S
        assert abs(then / GRAIN_S - round(then / GRAIN_S)) < 1e-6


async def test_what_is_put_in_between_leaves_together_at_the_moment() -> None:
    loop, left = asyncio.get_running_loop(), []
    held: OnGrain[int] = OnGrain(lambda each: left.append((loop.time(), list(each))))
    began = loop.time()
    for n in range(3):
        held.put(n)
    assert len(held) == 3
    while not left:
        await asyncio.sleep(0.005)
    [(at, numbers)] = left
    assert numbers == [0, 1, 2] and len(held) == 0
    assert at >= began + left_s(began) - 0.001


async def test_pongs_tell_moments_of_the_grain_whatever_the_server_does(
    server: LiveServer,
) -> None:
    """The time in them too: at the grain, and not the instant in which the ping was got to."""
    room = await database.run(make_room)
    headers = {"Authorization": f"Seat {room.interrogator}"}
    async with connect(server.ws(room.code), additional_headers=headers, **PATIENT) as line:
        told = []
        for n in range(40):
            for _ in range(1 + n % 3):
                await line.send('{"do":"ping"}')
            for _ in range(1 + n % 3):
                frame = json.loads(await line.recv())
                assert frame["is"] == "pong"
                told.append(dt.datetime.fromisoformat(frame["now"]).timestamp())
            await asyncio.sleep(0.003 * n)
        assert told == sorted(told)
        steps = {(after - before) / GRAIN_S for before, after in itertools.pairwise(told)}
    # A clock that is corrected meanwhile, and milliseconds, move a moment by little.
    assert all(abs(step - round(step)) * GRAIN_S < 0.05 for step in steps)
    assert len({round(each / GRAIN_S) for each in told}) > 20


async def test_pings_of_the_protocol_are_answered_on_the_grain_too(server: LiveServer) -> None:
    """Three sent in a row come back in one breath, and no sooner than the next moment."""
    room = await database.run(make_room)
    headers = {"Authorization": f"Seat {room.interrogator}"}
    waits = []
    async with connect(server.ws(room.code), additional_headers=headers, **PATIENT) as line:
        for n in range(30):
            await asyncio.sleep(0.007 * n)
            sent = time.monotonic()
            await (await line.ping())
            waits.append(time.monotonic() - sent)
    # Answered at once, the waits would be alike; on the grain they are anything up to it.
    assert max(waits) - min(waits) > GRAIN_S / 3
