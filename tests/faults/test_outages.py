"""The database goes away, the bus is cut: nothing acknowledged is lost, and all comes back."""

import asyncio
import contextlib
import os
import random
import sqlite3
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from django.db import connection

from arena import database
from tests.faults.load import Load
from tests.faults.nursery import Nursery, nursery, on_server
from tests.kit.redis_proxy import RedisProxy

needs_bus = pytest.mark.skipif(
    "postgres" not in os.environ.get("DATABASE_URL", "") or not os.environ.get("REDIS_URL"),
    reason="several processes need PostgreSQL and Redis",
)


@pytest.fixture
def home(tmp_path: Path) -> Iterator[tuple[Nursery, str]]:
    with nursery(tmp_path) as made:
        yield made


def _drop_connections(name: str) -> None:
    on_server(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")


@contextlib.contextmanager
def _away(house: Nursery, alias: str) -> Iterator[None]:
    """While this is open the database takes nothing."""
    if connection.vendor == "sqlite":
        with contextlib.closing(sqlite3.connect(house.folder / "scratch.sqlite3")) as other:
            other.execute("PRAGMA busy_timeout = 300000")
            other.execute("BEGIN EXCLUSIVE")
            yield
            other.execute("COMMIT")
        return
    on_server(f"ALTER DATABASE {alias} ALLOW_CONNECTIONS false")
    _drop_connections(alias)
    yield
    on_server(f"ALTER DATABASE {alias} ALLOW_CONNECTIONS true")


async def test_database_that_goes_away_costs_only_time(home: tuple[Nursery, str]) -> None:
    """Short absences are waited out; a long one is answered with "not stored"."""
    house, alias = home
    load = await database.run(Load, house, alias, n_rooms=3)
    server = house.serve()
    await server.ready()
    async with load.talking(lambda: server):
        for away_s in (0.0, 0.1, 0.5, 0.0, 0.0, 6.0, 0.0):
            await load.progress(10)
            with _away(house, alias):
                await asyncio.sleep(away_s)
    assert await load.check() > 50
    assert server.is_alive


@needs_bus
async def test_connections_cut_mid_commit_lose_nothing(home: tuple[Nursery, str]) -> None:
    house, alias = home
    load = await database.run(Load, house, alias, n_rooms=3)
    server, rng = house.serve(), random.Random(3)
    await server.ready()
    async with load.talking(lambda: server):
        for _ in range(25):
            await load.progress(3)
            await asyncio.sleep(rng.uniform(0, 0.2))  # so that it hits any moment
            await database.run(_drop_connections, alias)
    assert await load.check() > 50
    assert server.is_alive


@pytest.fixture
async def bus() -> AsyncIterator[RedisProxy]:
    async with RedisProxy(os.environ["REDIS_URL"]) as proxy:
        yield proxy


@pytest.fixture
def home_with_bus(tmp_path: Path, bus: RedisProxy) -> Iterator[tuple[Nursery, str]]:
    with nursery(tmp_path, REDIS_URL=bus.url) as made:
        yield made


@needs_bus
async def test_two_processes_with_a_failing_bus_and_kills_lose_nothing(
    home_with_bus: tuple[Nursery, str], bus: RedisProxy
) -> None:
    """Four of five rings between the processes are lost, the bus is cut, each is killed."""
    house, alias = home_with_bus
    load = await database.run(Load, house, alias, n_rooms=3)
    servers, rng = [house.serve(), house.serve()], random.Random(7)
    await asyncio.gather(*(server.ready() for server in servers))
    bus.lose(0.8)
    async with load.talking(lambda: rng.choice(servers)):
        for n in range(8):
            await load.progress(15)
            if n % 2:
                bus.cut()
            else:
                await servers[n % 4 // 2].restart()
        bus.stop_accepting()
        bus.cut()
        await asyncio.sleep(1.0)
    assert await load.check() > 100
    assert bus.n_lost > 0
