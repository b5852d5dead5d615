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
#: Acknowledgements between two kills, at least.
N_ACKS = 12


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
            await load.progress(N_ACKS)
            await asyncio.sleep(rng.uniform(0, 0.4))  # so that it hits any moment
            before = load.connections
            await server.restart()
            await load.reconnection(since=before)
    assert await load.check() >= N_KILLS * N_ACKS
    assert all(n >= N_KILLS for n in load.connections)
    assert "Traceback" not in house.log.read_text()
