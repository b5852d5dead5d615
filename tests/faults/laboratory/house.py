"""Everything that serves: a database, a bus where there are several processes, and those processes.

On SQLite one process serves, with one beside it in which machines think; on PostgreSQL there are
two for pages and sockets and a worker.
"""

import asyncio
import contextlib
import os
import random
import secrets
import signal
import sqlite3
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from enum import StrEnum
from pathlib import Path
from typing import Any

from arena import clock
from arena.clock import Rate
from arena.live.beside import ENVIRONMENT, Machines
from tests.faults.laboratory.conditions import NO_POLL, PLANT
from tests.faults.laboratory.doors import PUBLIC_URL
from tests.faults.laboratory.servers import Postgres, Redis
from tests.faults.nursery import Nursery, Server

#: Rooms live faster than their people, so that rounds of ten seconds end all the time.
SPEED = 4.0


class Database(StrEnum):
    SQLITE = "sqlite"
    POSTGRES = "postgres"


class House:
    """The servers of one run. What it is called in a test is what is done to it in `steps`."""

    def __init__(self, folder: Path, *, database: Database, disk: Path, database_url: str) -> None:
        self.folder, self.database, self.disk = folder, database, disk
        self.database_url = database_url
        now = time.time()
        self.rate = Rate(speed=SPEED, real_start=now, simulated_start=now)
        self.postgres: Postgres | None = None
        self.redis: Redis | None = None
        self.webs: list[Server] = []
        self.worker: int | None = None
        self.nursery: Nursery

    @property
    def is_one_process(self) -> bool:
        return len(self.webs) == 1

    def any_web(self, rng: random.Random) -> Server:
        return rng.choice(self.webs)

    def run(self, *argv: str) -> str:
        code, printed = self.nursery.run(*argv)
        if code != 0:
            raise RuntimeError(f"{argv} ended with {code}: {printed}")
        return printed

    def start_worker(self) -> None:
        if self.redis is not None:
            self.worker = self.nursery.fork("worker", "--skip-checks")

    async def kill_worker(self) -> None:
        if self.worker is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.worker, signal.SIGKILL)
        while self.nursery.is_alive(self.worker):
            await asyncio.sleep(0.005)
        self.start_worker()

    async def restart_webs(self) -> None:
        """Kill all at once and start them again."""
        for web in self.webs:
            web.kill()
        await asyncio.gather(*(web.restart() for web in self.webs))

    async def is_served(self) -> None:
        """Have whatever gave up meanwhile run again."""
        if self.postgres is not None:
            await self.postgres.start()
        if self.redis is not None:
            await self.redis.start()
        await asyncio.gather(*(web.ready() for web in self.webs))
        if self.worker is not None and not self.nursery.is_alive(self.worker):
            self.start_worker()

    def rows(self, query: str, *parameters: object) -> list[dict[str, Any]]:
        """Read the database; a parameter is written `%s`."""
        if self.postgres is None:
            with contextlib.closing(sqlite3.connect(self.disk / "lab.sqlite3")) as own:
                own.row_factory = sqlite3.Row
                own.execute("PRAGMA busy_timeout = 60000")
                return [dict(row) for row in own.execute(query.replace("%s", "?"), parameters)]
        from psycopg.rows import dict_row

        with self.postgres.connect() as there, there.cursor(row_factory=dict_row) as cursor:
            return cursor.execute(query, parameters).fetchall()


@contextlib.asynccontextmanager
async def house(
    database: Database, *, plant: str = "", disk: Path | None = None, n_webs: int = 2
) -> AsyncIterator[House]:
    """A house with an empty database, all of whose processes run. `disk` holds the database."""
    with tempfile.TemporaryDirectory(prefix="laboratory-") as name:
        folder = Path(name)
        folder.chmod(0o711)  # Whoever PostgreSQL runs as passes through.
        own = House(
            folder,
            database=database,
            disk=disk or folder,
            database_url=f"sqlite:///{(disk or folder) / 'lab.sqlite3'}",
        )
        with contextlib.ExitStack() as stack:
            await _furnish(own, stack, plant=plant, n_webs=n_webs)
            yield own


async def _furnish(own: House, stack: contextlib.ExitStack, *, plant: str, n_webs: int) -> None:
    redis_url = ""
    if own.database is Database.POSTGRES:
        own.postgres = Postgres(_folder(own.disk, "postgres"))
        own.redis = Redis(_folder(own.folder, "redis")) if n_webs > 1 else None
        for server in filter(None, (own.postgres, own.redis)):
            stack.callback(server.stop)
            await server.start()
        own.database_url = own.postgres.url
        redis_url = own.redis.url if own.redis is not None else ""
    environment = {
        "REDIS_URL": redis_url,
        "SECRET_KEY": secrets.token_urlsafe(48),
        "PUBLIC_URL": PUBLIC_URL,
        "LOG_LEVEL": "WARNING",
        clock.ENVIRONMENT: str(own.rate),
        PLANT: plant,
        ENVIRONMENT: Machines.ELSEWHERE if redis_url else Machines.BESIDE,
        # Where no ring can be lost, the poll would only hide one that came too early.
        NO_POLL: "" if redis_url else "1",
    }
    own.nursery = stack.enter_context(_nursery(own, environment))
    own.run("migrate", "--verbosity", "0")
    n = n_webs if redis_url else 1
    own.webs = [own.nursery.serve() for _ in range(n)]
    own.start_worker()
    await own.is_served()


@contextlib.contextmanager
def _nursery(own: House, environment: dict[str, str]) -> Iterator[Nursery]:
    made = Nursery(own.folder, own.database_url, **environment)
    try:
        yield made
    finally:
        for web in own.webs:
            web.kill()
        made.close()


def _folder(parent: Path, name: str) -> Path:
    made = parent / name
    made.mkdir()
    return made
