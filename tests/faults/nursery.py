"""Real server processes, in a database of their own, that a test may kill by the dozen."""

import asyncio
import contextlib
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from django.conf import settings
from django.db import connection, connections

from tests.conftest import STOP_S, reserved_port


class Nursery:
    """Forks management commands in a database of their own."""

    def __init__(
        self, folder: Path, database_url: str, *, imports: Sequence[str] = (), **environment: str
    ) -> None:
        self.folder = folder
        self.log = folder / "server.log"
        self._ports: list[socket.socket] = []
        env = {**os.environ, "DATABASE_URL": database_url, "DATA_DIR": str(folder), **environment}
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.faults.forking", *imports],
                cwd=settings.BASE_DIR,
                env=env,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )

    def fork(self, *argv: str, **environment: str) -> int:
        """Start a command; return its process id."""
        return int(self._ask(argv=argv, environment=environment))

    def run(self, *argv: str, **environment: str) -> tuple[int, str]:
        """Run a command to its end; return its exit code and what it printed."""
        code = int(self._ask(argv=argv, wait=True, environment=environment))
        return code, (self.folder / "output").read_text()

    def is_alive(self, pid: int) -> bool:
        return self._ask(alive=pid).strip() == "True"

    def serve(self) -> "Server":
        self._ports.append(reserved_port())
        return Server(self, port=self._ports[-1].getsockname()[1])

    def close(self) -> None:
        assert self._process.stdin and self._process.stdout
        self._process.stdin.close()
        self._process.wait(STOP_S)
        self._process.stdout.close()
        for port in self._ports:
            port.close()

    def _ask(self, **request: object) -> str:
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        return self._process.stdout.readline()


class Server:
    """One `manage.py serve`."""

    def __init__(self, nursery: Nursery, *, port: int) -> None:
        self.host, self.port = "127.0.0.1", port
        self.environment: dict[str, str] = {}  # of its next start
        self._nursery = nursery
        self.start()

    def start(self) -> None:
        where = ("--host", self.host, "--port", str(self.port))
        self.pid = self._nursery.fork("serve", *where, **self.environment)

    def ws(self, code: str) -> str:
        return f"ws://{self.host}:{self.port}/ws/room/{code}/"

    async def ready(self) -> None:
        """Wait until it listens; start again if the lock of one just killed was still held."""
        async with asyncio.timeout(STOP_S):
            while True:
                with (
                    contextlib.suppress(OSError),
                    socket.create_connection((self.host, self.port)),
                ):
                    return
                await asyncio.sleep(0.02)
                if not self.is_alive:
                    self.start()

    @property
    def is_alive(self) -> bool:
        return self._nursery.is_alive(self.pid)

    def kill(self, number: signal.Signals = signal.SIGKILL) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, number)

    async def restart(self) -> None:
        """Kill without mercy and start again on the same port."""
        self.kill()
        while self.is_alive:
            await asyncio.sleep(0.005)
        self.start()
        await self.ready()


@contextlib.contextmanager
def scratch_database(folder: Path) -> Iterator[tuple[str, str]]:
    """A database of its own, of the kind the tests run on: its URL, and its alias in Django."""
    alias = f"scratch_{secrets.token_hex(4)}"
    if connection.vendor == "sqlite":
        name, url = str(folder / "scratch.sqlite3"), f"sqlite:///{folder / 'scratch.sqlite3'}"
    else:
        name, url = (
            alias,
            urlunsplit(urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{alias}")),
        )
        on_server(f"CREATE DATABASE {alias}")
    options = {k: v for k, v in connection.settings_dict["OPTIONS"].items() if k != "pool"}
    connections.databases[alias] = {**connection.settings_dict, "NAME": name, "OPTIONS": options}
    try:
        yield url, alias
    finally:
        del connections.databases[alias]
        if connection.vendor == "postgresql":
            on_server(f"DROP DATABASE {alias} WITH (FORCE)")


def on_server(statement: str) -> None:
    import psycopg

    params: dict[str, Any] = connection.get_connection_params()
    names = ("host", "port", "user", "password", "dbname")
    wanted = {key: params[key] for key in names if params.get(key)}
    with psycopg.connect(**wanted, autocommit=True) as own:
        own.execute(statement)


@contextlib.contextmanager
def nursery(
    folder: Path, *, imports: Sequence[str] = (), **environment: str
) -> Iterator[tuple[Nursery, str]]:
    """A nursery with an empty, migrated database, and that database's alias."""
    with scratch_database(folder) as (url, alias):
        made = Nursery(folder, url, imports=imports, **environment)
        try:
            code, printed = made.run("migrate", "--verbosity", "0")
            assert code == 0, printed
            yield made, alias
        finally:
            made.close()
