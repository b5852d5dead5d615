"""The doorbell: rings reach whoever listens, from any thread and, over the bus, any process."""

import asyncio
import os
import random
import threading
from collections.abc import AsyncIterator

import pytest

from arena.broadcast import CHANNEL, TIMERS, Hub
from tests.kit.redis_proxy import RedisProxy
from tests.kit.wire import TIMEOUT_S

REDIS_URL = os.environ.get("REDIS_URL", "")
#: Rooms that no other test rings, nor anybody else on the same Redis.
PROBE, FENCE, ROOM, OTHER = (2_000_000_000 + random.SystemRandom().randrange(10**8) for _ in "1234")
needs_redis = pytest.mark.skipif(not REDIS_URL, reason="the bus is Redis")


@pytest.fixture
async def hub() -> AsyncIterator[Hub]:
    hub = Hub()
    await hub.start()
    yield hub
    await hub.stop()


async def _rang(bell: asyncio.Event) -> bool:
    try:
        async with asyncio.timeout(TIMEOUT_S):
            await bell.wait()
    except TimeoutError:
        return False
    bell.clear()
    return True


async def _delivered(hub: Hub) -> None:
    """Wait until what rang here before has been heard: rings come in the order they rang in."""
    bell = asyncio.Event()
    with hub.listening(FENCE, bell):
        hub.ring([FENCE])
        assert await _rang(bell)


async def test_ring_reaches_the_listeners_of_its_room_only(hub: Hub) -> None:
    one, also_one, two = asyncio.Event(), asyncio.Event(), asyncio.Event()
    with hub.listening(1, one), hub.listening(1, also_one), hub.listening(2, two):
        hub.ring([1])
        assert await _rang(one) and await _rang(also_one)
        await _delivered(hub)
        assert not two.is_set()


async def test_ring_from_another_thread_is_heard(hub: Hub) -> None:
    bell = asyncio.Event()
    with hub.listening(7, bell):
        thread = threading.Thread(target=hub.ring, args=([7, 8, 9],))
        thread.start()
        assert await _rang(bell)
        thread.join()


async def test_many_rings_before_a_listener_looks_are_one(hub: Hub) -> None:
    bell = asyncio.Event()
    with hub.listening(1, bell):
        for _ in range(1000):
            hub.ring([1])
        await _delivered(hub)
        assert await _rang(bell)
        await _delivered(hub)
        assert not bell.is_set()


async def test_listener_that_left_is_forgotten(hub: Hub) -> None:
    bell = asyncio.Event()
    with hub.listening(1, bell):
        assert hub.rooms == [1]
    hub.ring([1])
    await _delivered(hub)
    assert not bell.is_set() and hub.rooms == []


async def test_timers_are_no_room(hub: Hub) -> None:
    bell = asyncio.Event()
    with hub.listening(TIMERS, bell):
        assert hub.rooms == []
        hub.ring([TIMERS])
        assert await _rang(bell)


async def test_ring_before_start_and_after_stop_is_silent() -> None:
    hub = Hub()
    hub.ring([1])  # must not raise
    await hub.start()
    await hub.stop()
    hub.ring([1])  # must not raise


def test_ring_with_a_closed_loop_is_silent() -> None:
    hub = Hub()
    asyncio.run(hub.start())  # The loop closes without a stop, as at a crash.
    hub.ring([1])  # must not raise


# Over Redis


@pytest.fixture
async def bus() -> AsyncIterator[RedisProxy]:
    async with RedisProxy(REDIS_URL) as proxy:
        yield proxy


@pytest.fixture
async def hubs(bus: RedisProxy) -> AsyncIterator[tuple[Hub, Hub]]:
    """Two hubs on one bus, as two processes have them."""
    one, two = Hub(bus.url), Hub(bus.url)
    await one.start()
    await two.start()
    await _connected(one, two)
    yield one, two
    await one.stop()
    await two.stop()


async def _connected(one: Hub, two: Hub) -> None:
    """Wait until each hears the other, thrice: whoever has just connected rings itself, once."""
    for sender, hearer in ((one, two), (two, one)):
        bell = asyncio.Event()
        with hearer.listening(PROBE, bell):
            async with asyncio.timeout(TIMEOUT_S):
                for _ in range(3):
                    bell.clear()
                    while not bell.is_set():
                        sender.ring([PROBE])
                        await asyncio.sleep(0.02)


@needs_redis
async def test_ring_reaches_the_other_process(hubs: tuple[Hub, Hub]) -> None:
    one, two = hubs
    here, there, elsewhere = asyncio.Event(), asyncio.Event(), asyncio.Event()
    with one.listening(ROOM, here), two.listening(ROOM, there), two.listening(OTHER, elsewhere):
        one.ring([ROOM])
        assert await _rang(here) and await _rang(there)
        assert not elsewhere.is_set()


@needs_redis
@pytest.mark.parametrize(
    "noise", [b"", b"garbage", b"x:y", b":", b"a:1,b,-", b"\xff\xfe:\xff", b"1:" + b"9" * 5000]
)
async def test_noise_on_the_channel_ends_nothing(hubs: tuple[Hub, Hub], noise: bytes) -> None:
    from redis import asyncio as redis

    one, two = hubs
    client = redis.from_url(REDIS_URL)
    await client.publish(CHANNEL, noise)
    await client.aclose()
    there = asyncio.Event()
    with two.listening(ROOM, there):
        one.ring([ROOM])
        assert await _rang(there)


@needs_redis
async def test_cut_bus_comes_back(hubs: tuple[Hub, Hub], bus: RedisProxy) -> None:
    one, two = hubs
    there = asyncio.Event()
    for _ in range(3):
        bus.cut()
        await _connected(one, two)
        with two.listening(ROOM, there):
            one.ring([ROOM])
            assert await _rang(there)


@needs_redis
async def test_bus_that_is_away_at_the_start_is_waited_for(bus: RedisProxy) -> None:
    bus.stop_accepting()
    one, two = Hub(bus.url), Hub(bus.url)
    await one.start()
    await two.start()
    here = asyncio.Event()
    try:
        with one.listening(ROOM, here):
            one.ring([ROOM])
            assert await _rang(here)  # Its own process needs no bus.
        bus.accept_again()
        await _connected(one, two)
    finally:
        await one.stop()
        await two.stop()


@needs_redis
async def test_return_of_the_bus_rings_everyone(bus: RedisProxy) -> None:
    """Whatever rang while the bus was away is looked for when it is back."""
    bus.stop_accepting()
    hub = Hub(bus.url)
    await hub.start()
    bell = asyncio.Event()
    try:
        with hub.listening(ROOM, bell):
            await bus.has_refused()
            assert not bell.is_set()
            bus.accept_again()
            assert await _rang(bell)
    finally:
        await hub.stop()
