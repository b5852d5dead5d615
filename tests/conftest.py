"""What every test may use: a database that is never flushed, and a server on a real port.

Events cannot be deleted, so tests share one database and each makes its own study.
"""

import asyncio
import contextlib
import random
import socket
import threading
from collections.abc import Iterator

import pytest
import uvicorn
from django.db import connections
from django.test.utils import setup_databases, teardown_databases
from pytest_django.plugin import DjangoDbBlocker

pytest.register_assert_rewrite("tests.faults.record", "tests.faults.stubborn")

from arena import database, events  # noqa: E402 -- what asserts must be registered first


@pytest.fixture(scope="session")
def arena_database(
    django_test_environment: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[None]:
    """The test database, open to every test and thread of the session."""
    with django_db_blocker.unblock():
        made = setup_databases(verbosity=0, interactive=False)
        yield
        events.stop()
        database.stop()
        for connection in connections.all():
            connection.close()
        teardown_databases(made, verbosity=0)


def free_port() -> int:
    """A free port below the range that outgoing connections take theirs from."""
    while True:
        port = random.randint(20_000, 30_000)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


class LiveServer:
    """The product's server, with the product's options, in a thread of this process."""

    def __init__(self) -> None:
        from arena.management.commands.serve import server_options

        self.port = free_port()
        options = server_options(host="127.0.0.1", port=self.port)
        self._server = uvicorn.Server(uvicorn.Config("turing.asgi:application", **options))
        self._thread = threading.Thread(target=self._run, daemon=True)

    def _run(self) -> None:
        asyncio.run(self._server.serve())

    def start(self) -> None:
        self._thread.start()
        while not self._server.started:
            if not self._thread.is_alive():
                raise RuntimeError("the server did not start")
            self._thread.join(0.02)

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join(15)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def ws(self, code: str) -> str:
        return f"ws://127.0.0.1:{self.port}/ws/room/{code}/"


@pytest.fixture(scope="session")
def server(arena_database: None) -> Iterator[LiveServer]:
    live = LiveServer()
    live.start()
    yield live
    live.stop()
