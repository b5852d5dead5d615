"""A server that is killed again and again under load loses nothing that it acknowledged."""

import asyncio
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from arena import database
from tests.faults.load import Load
from tests.faults.nursery import Nursery, nursery

#: Acknowledgements between two kills, at least.
N_ACKS = 12


@pytest.fixture
def home(tmp_path: Path) -> Iterator[tuple[Nursery, str]]:
    with nursery(tmp_path) as made:
        yield made


@pytest.mark.parametrize("n_kills", [5, pytest.param(20, marks=pytest.mark.long)])
async def test_kills_lose_nothing_acknowledged(home: tuple[Nursery, str], n_kills: int) -> None:
    house, alias = home
    load = await database.run(Load, house, alias, n_rooms=4)
    server, rng = house.serve(), random.Random(20)
    await server.ready()
    async with load.talking(lambda: server):
        for _ in range(n_kills):
            await load.progress(N_ACKS)
            await asyncio.sleep(rng.uniform(0, 0.4))  # so that it hits any moment
            before = load.connections
            await server.restart()
            await load.reconnection(since=before)
    assert await load.check() >= n_kills * N_ACKS
    assert all(n >= n_kills for n in load.connections)
    assert "Traceback" not in house.log.read_text()
