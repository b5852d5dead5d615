"""The servers that are compared: how each is set up, started, found out about and ended."""

import contextlib
import json
import os
import random
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from databases import Database
from figures import RoomPlan
from table import PRODUCT

BENCH = Path(__file__).resolve().parent
ROOT = BENCH.parent
SET_UP_S, START_S, STOP_S = 120.0, 60.0, 15.0

#: What the product runs uvicorn with (arena.management.commands.serve), for the others as well.
UVICORN = (
    *("--ws", "websockets-sansio", "--ws-per-message-deflate", "false", "--loop", "uvloop"),
    *("--log-level", "warning", "--no-access-log"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """A server to load. `stored` counts the messages in its database; empty where it has none."""

    name: str
    on: str  # the kind of database, for comparing like with like; empty where there is none
    command: tuple[str, ...]  # the port is put in for "{port}"
    set_up: tuple[tuple[str, ...], ...] = ()
    plan_rooms: Callable[[int, Mapping[str, str]], tuple[RoomPlan, ...]]
    environment: Mapping[str, str] = field(default_factory=dict)
    stored: str = ""


def product(database: Database, *, folder: Path, redis_url: str = "") -> Scenario:
    python, manage = sys.executable, str(ROOT / "manage.py")
    on = "PostgreSQL and Redis" if redis_url else "SQLite"
    return Scenario(
        name=f"{PRODUCT}, {on}",
        on=on.partition(" ")[0],
        command=(python, manage, "serve", "--port", "{port}"),
        set_up=((python, manage, "migrate", "--verbosity", "0"),),
        plan_rooms=_product_rooms,
        environment={
            "DATABASE_URL": database.url,
            "REDIS_URL": redis_url,
            "DATA_DIR": str(folder),
            "SECRET_KEY": secrets.token_urlsafe(64),
            "LOG_LEVEL": "WARNING",
            "PUBLIC_URL": "http://localhost",
        },
        stored="SELECT count(*) FROM arena_event WHERE kind = 'message'",
    )


def channels_way(database: Database, *, keeps_connections: bool = False) -> Scenario:
    on = "SQLite" if database.url.startswith("sqlite:") else "PostgreSQL"
    return Scenario(
        name=f"Channels way, {on}{', kept connection' if keeps_connections else ''}",
        on=on,
        command=_uvicorn("channels_way.asgi:application"),
        set_up=((sys.executable, "-m", "django", "migrate", "--run-syncdb", "--verbosity", "0"),),
        plan_rooms=lambda n, _: _paths("/ws/chat/{}/", n),
        environment={
            "DATABASE_URL": database.url,
            "DJANGO_SETTINGS_MODULE": "channels_way.settings",
            "PYTHONPATH": str(BENCH),
            "KEEP_CONNECTIONS": "1" if keeps_connections else "",
        },
        stored="SELECT count(*) FROM channels_way_message",
    )


def bare_sockets() -> Scenario:
    return Scenario(
        name="bare sockets, nothing stored",
        on="",
        command=(*_uvicorn("bare_sockets:application"), "--lifespan", "off"),
        plan_rooms=lambda n, _: _paths("/{}", n),
    )


def _uvicorn(application: str) -> tuple[str, ...]:
    run = (sys.executable, "-m", "uvicorn", "--app-dir", str(BENCH), application)
    return (*run, "--host", "127.0.0.1", "--port", "{port}", *UVICORN)


def _paths(pattern: str, n_rooms: int) -> tuple[RoomPlan, ...]:
    return tuple(RoomPlan(path=pattern.format(f"room{n}")) for n in range(n_rooms))


def _product_rooms(n_rooms: int, environment: Mapping[str, str]) -> tuple[RoomPlan, ...]:
    command = [sys.executable, str(BENCH / "product_rooms.py"), str(n_rooms)]
    done = subprocess.run(
        command, env=environment, check=True, stdout=subprocess.PIPE, text=True, timeout=SET_UP_S
    )
    return tuple(
        RoomPlan(path=room["path"], tokens=tuple(room["tokens"]), pane=room["pane"])
        for room in json.loads(done.stdout)
    )


class Failed(Exception):
    """A scenario could not be measured."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """A server that accepts connections."""

    port: int
    pid: int
    rooms: tuple[RoomPlan, ...]


@contextlib.contextmanager
def serving(scenario: Scenario, n_rooms: int, *, log: Path) -> Iterator[Server]:
    """Set a scenario up and serve it until the block ends."""
    environment = {**os.environ, **scenario.environment}
    for command in scenario.set_up:
        subprocess.run(command, env=environment, check=True, cwd=ROOT, timeout=SET_UP_S)
    rooms = scenario.plan_rooms(n_rooms, environment)
    port = _free_port()
    command = [part.format(port=port) for part in scenario.command]
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, env=environment, cwd=ROOT, stdout=output, stderr=subprocess.STDOUT
        )
        try:
            _wait_until_open(process, port)
            yield Server(port=port, pid=process.pid, rooms=rooms)
        finally:
            _end(process)


def _free_port() -> int:
    """A free port below the range that outgoing connections take theirs from."""
    while True:
        port = random.randint(20_000, 30_000)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


def _wait_until_open(process: subprocess.Popen[bytes], port: int) -> None:
    until = time.monotonic() + START_S
    while time.monotonic() < until:
        if process.poll() is not None:
            raise Failed(f"The server ended with status {process.returncode}; see its log below.")
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.05)
    raise Failed(f"The server did not open port {port} within {START_S:.0f} s.")


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(STOP_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
