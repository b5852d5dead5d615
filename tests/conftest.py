"""What every test may use: a database that is never flushed, and a server on a real port.

Events cannot be deleted, so tests share one database and each makes its own study. No outcome may
depend on how fast the machine is: tests wait for facts, and waits end late or not at all.
"""

import asyncio
import contextlib
import datetime as dt
import os
import random
import socket
import threading
from asyncio.selector_events import BaseSelectorEventLoop
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest
import uvicorn
from django.conf import settings as django_settings
from django.db import connection, connections
from django.test.utils import override_settings, setup_databases, teardown_databases
from hypothesis import HealthCheck, settings
from pytest_django.plugin import DjangoDbBlocker

pytest.register_assert_rewrite("tests.kit.record", "tests.kit.stubborn")

from arena import clock, database, events  # noqa: E402 -- what asserts must be registered first
from arena.backends import attempts  # noqa: E402

# A slow machine is no failure, neither of an example nor of making one; every run tries the same.
settings.register_profile(
    "steady", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("steady")

#: How long a thread or a process may take to start or to stop.
STOP_S = 180.0
#: Each of several processes that run tests has ports of its own.
_WORKER = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
PORTS = range(20_000 + 1_000 * (_WORKER % 10), 21_000 + 1_000 * (_WORKER % 10))


@pytest.fixture(autouse=True, scope="session")
def no_line_outlives_its_loop() -> Iterator[None]:
    """A loop that closes with an open connection is an error at once, in the test that left it.

    The collector finds such a one too, but whenever it likes: in another test, or in none.
    """
    close = BaseSelectorEventLoop.close

    def check_and_close(loop: BaseSelectorEventLoop) -> None:
        transports = list(getattr(loop, "_transports", {}).values())
        left = [each for each in transports if not each.is_closing()]
        for each in left:
            each.abort()
        close(loop)
        assert not left, f"connections that nobody closed: {left}"

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(BaseSelectorEventLoop, "close", check_and_close)
        yield


def pytest_xdist_auto_num_workers() -> int:
    """With `-n auto` one process more than there are processors: many tests wait for moments."""
    return (os.cpu_count() or 1) + 1


#: Files to begin with: one that waits for minutes while other processes work, then those that make
#: something costly for many tests. Processes take work over from one another's end.
FIRST = ["test_rehearsal", "test_wheel", "test_render"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    later = len(FIRST)
    items.sort(key=lambda item: FIRST.index(name) if (name := item.path.stem) in FIRST else later)


@pytest.fixture(scope="session")
def arena_database(
    django_test_environment: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[None]:
    """The test database, open to every test and thread of the session."""
    with (
        django_db_blocker.unblock(),
        override_settings(CACHES=_own_caches(), PASSWORD_HASHERS=CHEAP),
    ):
        _spare_the_disk()
        made = setup_databases(verbosity=0, interactive=False)
        yield
        events.stop()
        database.stop()
        for connection in connections.all():
            connection.close()
        teardown_databases(made, verbosity=0)


#: Nobody guesses the passwords of tests, which a real hash would cost a quarter of a second each.
CHEAP = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def _spare_the_disk() -> None:
    """Have commits not wait for the disk: that guards against power cuts, which no test makes.

    Servers that tests start and kill have the product's own options.
    """
    if connection.vendor == "sqlite":
        options = connection.settings_dict["OPTIONS"]
        options["init_command"] = options["init_command"].replace("=FULL", "=OFF")


def _own_caches() -> dict[str, dict[str, object]]:
    """Caches with keys of this process: several may share a Redis, and have seats of one number."""
    return {
        name: {**cache, "KEY_PREFIX": f"test-{os.getpid()}"}
        for name, cache in django_settings.CACHES.items()
    }


def bound_socket() -> socket.socket:
    """A socket on a free port, below the range that outgoing connections take theirs from."""
    while True:
        made = socket.socket()
        try:
            made.bind(("127.0.0.1", random.SystemRandom().choice(PORTS)))
        except OSError:
            made.close()
        else:
            return made


def free_port() -> int:
    """A port that is free now; `reserved_port` keeps it so."""
    with bound_socket() as made:
        return int(made.getsockname()[1])


def reserved_port() -> socket.socket:
    """A socket that keeps a port from others while a server of ours may listen on it."""
    made = bound_socket()
    # Bound so and not listening, it lets in another socket with the same option, and no other.
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    return made


def _bring_rooms_back() -> None:
    """Have no room be ahead of the real time, as tests with clocks of their own may leave it.

    A server that starts goes on from the newest event; this process would live in the future.
    """
    from arena.models import Room

    now = dt.datetime.now(dt.UTC)
    Room.objects.filter(last_at__gt=now).update(last_at=now)
    connections.close_all()


@pytest.fixture(autouse=True)
def real_time() -> Iterator[None]:
    """Let a test that moved the clock of this process move it for itself alone."""
    before = clock.system
    yield
    clock.system = before
    if abs(clock.now() - dt.datetime.now(dt.UTC)) > dt.timedelta(seconds=1):
        clock.system = clock.ProcessClock()


@pytest.fixture(autouse=True)
def providers_are_new() -> None:
    """Let no test find a provider left alone whose port another's had."""
    attempts.forget()


@pytest.fixture
def results_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Keep reports and exports in a folder of the test; who makes them uses the test's database."""
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    name = str(connection.settings_dict["NAME"])
    if connection.vendor == "sqlite":
        monkeypatch.setenv("DATABASE_URL", f"sqlite:///{name}")
    else:
        own = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}")
        monkeypatch.setenv("DATABASE_URL", urlunsplit(own))
    with override_settings(DATA_DIR=tmp_path):
        yield tmp_path / "results"


class LiveServer:
    """The product's server, with the product's options, in a thread of this process."""

    def __init__(self) -> None:
        from arena.management.commands.serve import server_options

        self._socket = bound_socket()
        self.port = self._socket.getsockname()[1]
        options = server_options(host="127.0.0.1", port=self.port)
        # A test may stand still for longer than a client on the network may.
        options["ws_ping_timeout"] = 600
        self._server = uvicorn.Server(uvicorn.Config("turing.asgi:application", **options))
        self._thread = threading.Thread(target=self._run, daemon=True)

    def _run(self) -> None:
        _bring_rooms_back()
        asyncio.run(self._server.serve(sockets=[self._socket]))

    def start(self) -> None:
        self._thread.start()
        while not self._server.started:
            if not self._thread.is_alive():
                raise RuntimeError("the server did not start")
            self._thread.join(0.02)

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join(STOP_S)
        assert not self._thread.is_alive(), "the server did not stop"

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def ws(self, code: str) -> str:
        return f"ws://127.0.0.1:{self.port}/ws/room/{code}/"


@contextlib.contextmanager
def serving() -> Iterator[LiveServer]:
    live = LiveServer()
    live.start()
    try:
        yield live
    finally:
        live.stop()


# Not for the session: its timers would go off in the middle of tests that want to do it themselves.
@pytest.fixture(scope="module")
def server(arena_database: None) -> Iterator[LiveServer]:
    with serving() as live:
        yield live
