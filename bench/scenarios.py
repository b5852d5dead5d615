"""The servers that are compared: how each is set up, started, found out about and ended."""

import contextlib
import getpass
import json
import os
import random
import secrets
import shutil
import socket
import subprocess
import sys
import time
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
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
    """A server to load. `stored` counts the messages in its database; empty where it has none.

    With `n_servers`, the command runs so often, on ports of their own, and rooms are dealt out to
    them by their paths, as a proxy would.
    """

    name: str
    on: str  # the kind of database, for comparing like with like; empty where there is none
    command: tuple[str, ...]  # the port is put in for "{port}"
    set_up: tuple[tuple[str, ...], ...] = ()
    plan_rooms: Callable[[int, Mapping[str, str]], tuple[RoomPlan, ...]]
    environment: Mapping[str, str] = field(default_factory=dict)
    stored: str = ""
    redis_url: str = ""
    n_servers: int = 1


def product(database: Database, *, folder: Path, redis_url: str = "") -> Scenario:
    python, manage = sys.executable, str(ROOT / "manage.py")
    on = "PostgreSQL and Redis" if redis_url else "SQLite"
    return Scenario(
        name=f"{PRODUCT}, {on}",
        on=on.partition(" ")[0],
        redis_url=redis_url,
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


def at_random(scenario: Scenario, n: int) -> Scenario:
    """The product in processes that share a port: each socket goes to whichever takes it."""
    return replace(
        scenario,
        name=f"{scenario.name}, {n} processes, sockets at random",
        command=(*scenario.command, "--workers", str(n)),
    )


def routed(scenario: Scenario, n: int) -> Scenario:
    """The product in processes of their own: all sockets of a room go to the same."""
    return replace(scenario, name=f"{scenario.name}, {n} processes, rooms routed", n_servers=n)


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


def node_peer(database: Database, *, folder: Path) -> Scenario:
    return Scenario(
        name="Node peer, PostgreSQL",
        on="PostgreSQL",
        command=("node", str(_install_node_peer(folder)), "{port}"),
        plan_rooms=lambda n, _: _paths("/{}", n),
        # libpq takes the system's user where none is named; Node's driver looks at the environment.
        environment={
            "DATABASE_URL": database.url,
            "PGUSER": os.environ.get("PGUSER", getpass.getuser()),
        },
        stored="SELECT count(*) FROM message",
    )


def _install_node_peer(folder: Path) -> Path:
    """Install what it needs outside of the source; return its program."""
    if not (shutil.which("node") and shutil.which("npm")):
        raise Skipped("The Node peer is left out: node and npm are not on the path.")
    shutil.copytree(
        BENCH / "node_peer",
        folder,
        ignore=shutil.ignore_patterns("node_modules"),
        dirs_exist_ok=True,
    )
    command = ("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--fetch-retries=0")
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, timeout=SET_UP_S, check=False
    )
    if done.returncode:
        raise Skipped(f"The Node peer is left out: npm could not install it.\n{done.stderr}")
    return folder / "server.js"


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


class Skipped(Exception):
    """What a scenario needs is not on this machine."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """Servers that accept connections, and the rooms on them."""

    pids: tuple[int, ...]
    rooms: tuple[RoomPlan, ...]


@contextlib.contextmanager
def serving(scenario: Scenario, n_rooms: int, *, log: Path) -> Iterator[Running]:
    """Set a scenario up and serve it until the block ends."""
    environment = {**os.environ, **scenario.environment}
    for command in scenario.set_up:
        subprocess.run(command, env=environment, check=True, cwd=ROOT, timeout=SET_UP_S)
    rooms = scenario.plan_rooms(n_rooms, environment)
    with log.open("wb") as output, contextlib.ExitStack() as stack:
        ports: list[int] = []
        pids: list[int] = []
        for _ in range(scenario.n_servers):
            port = _free_port()
            command = tuple(part.format(port=port) for part in scenario.command)
            process = subprocess.Popen(
                command, env=environment, cwd=ROOT, stdout=output, stderr=subprocess.STDOUT
            )
            stack.callback(_end, process)
            _wait_until_open(process, port)
            ports.append(port)
            pids.append(process.pid)
        dealt = tuple(replace(room, port=_dealt(room.path, ports)) for room in rooms)
        yield Running(pids=tuple(pids), rooms=dealt)


def _dealt(path: str, ports: list[int]) -> int:
    """A port for a path: always the same, and not quite evenly, as a proxy's hash does it."""
    return ports[zlib.crc32(path.encode()) % len(ports)]


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
