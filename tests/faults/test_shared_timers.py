"""Two workers and a web process share a thousand timers: each is carried out once, none early."""

import asyncio
import datetime as dt
import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import pytest
from django.db import connections

from arena import clock, database
from arena.models import Event, Room, Timer
from tests.conftest import free_port
from tests.faults.nursery import Nursery, nursery
from tests.kit.factories import make_rooms

pytestmark = pytest.mark.skipif(
    "postgres" not in os.environ.get("DATABASE_URL", "") or not os.environ.get("REDIS_URL"),
    reason="several processes need PostgreSQL and Redis",
)

T = TypeVar("T")
N = 1000
ZONES = ("America/New_York", "Asia/Kolkata", "Pacific/Chatham")
#: All of it, on a machine that is busy with other things.
PATIENCE_S = 300


def prepare() -> None:
    """Make rooms that nobody enters; print their codes. For `manage.py shell`."""
    print(json.dumps([made.code for made in make_rooms(N)]))  # noqa: T201


@pytest.fixture
def home(tmp_path: Path) -> Iterator[tuple[Nursery, str]]:
    with nursery(tmp_path) as made:
        yield made


def _briefly(work: Callable[..., T], *args: Any) -> T:
    """Keep no connection to a database that will be gone soon."""
    try:
        return work(*args)
    finally:
        connections[args[-1]].close()


def _plan(codes: list[str], alias: str) -> dict[int, dt.datetime]:
    """Have the lobbies of all rooms end within some seconds; return when, by room."""
    start = clock.now() + dt.timedelta(seconds=3)
    rooms = Room.objects.using(alias).filter(code__in=codes).order_by("id")
    due = {room.id: start + dt.timedelta(milliseconds=4 * n) for n, room in enumerate(rooms)}
    Timer.objects.using(alias).bulk_create(
        Timer(room_id=room, kind="lobby", key=f"lobby:{room}", due_at=at, wake_at=at)
        for room, at in due.items()
    )
    return due


def _n_open(alias: str) -> int:
    return Timer.objects.using(alias).filter(done_at=None).count()


def _ended(alias: str) -> list[tuple[int, dt.datetime]]:
    ended = Event.objects.using(alias).filter(kind="ended")
    return list(ended.values_list("room", "at"))


async def test_thousand_timers_are_each_carried_out_once(home: tuple[Nursery, str]) -> None:
    house, alias = home
    code = f"from {__name__} import prepare; prepare()"
    status, printed = await database.run(house.run, "shell", "--verbosity=0", "-c", code)
    assert status == 0, printed
    for command, zone in zip(("worker", "worker", "serve"), ZONES, strict=True):
        port = ("--port", str(free_port())) if command == "serve" else ()
        house.fork(command, *port, TZ=zone)
    codes = json.loads(printed.strip().splitlines()[-1])
    due = await database.run(_briefly, _plan, codes, alias)
    async with asyncio.timeout(PATIENCE_S):
        while await database.run(_briefly, _n_open, alias):
            await asyncio.sleep(0.1)
    ended = await database.run(_briefly, _ended, alias)
    assert len(ended) == N and {room for room, _ in ended} == set(due)
    assert all(at >= due[room] for room, at in ended)
    assert "Traceback" not in house.log.read_text()
