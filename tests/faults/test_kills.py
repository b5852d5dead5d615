"""A server that is killed twenty times under load loses nothing that it acknowledged."""

import asyncio
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from arena import database
from tests.faults.load import Load
from tests.faults.nursery import Nursery, nursery

N_KILLS = 20


@pytest.fixture
def home(tmp_path: Path) -> Iterator[tuple[Nursery, str]]:
    with nursery(tmp_path) as made:
        yield made


async def test_twenty_kills_lose_nothing_acknowledged(home: tuple[Nursery, str]) -> None:
    house, alias = home
    load = await database.run(Load, house, alias, n_rooms=4)
    server, rng = house.serve(), random.Random(20)
    await server.ready()
    async with load.talking(lambda: server):
        for _ in range(N_KILLS):
            await asyncio.sleep(rng.uniform(0.2, 0.8))
            await server.restart()
    assert await load.check() > 200
    assert all(client.n_connections > N_KILLS / 2 for _, _, client in load.clients)
    assert "Traceback" not in house.log.read_text()
