"""A bad line between a browser and a server: answers to forms are held up on it, or get lost."""

import contextlib
import socket
import threading
from collections.abc import Iterator
from types import TracebackType
from typing import Self

from tests.conftest import STOP_S, LiveServer


class BadLine:
    """`with BadLine(server) as line:` then have the browser open addresses below `line.url`."""

    def __init__(self, server: LiveServer) -> None:
        self._server = server
        self._news = threading.Condition()
        self._passes, self._loses = True, False
        #: How many forms the server has answered on this line.
        self.n_answered = 0
        self._open: set[socket.socket] = set()

    def __enter__(self) -> Self:
        self._door = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._door.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        with contextlib.suppress(OSError):
            self._door.shutdown(socket.SHUT_RDWR)
        self._door.close()
        self._let_go()
        for side in tuple(self._open):
            _cut(side)

    @contextlib.contextmanager
    def holding(self) -> Iterator[None]:
        """Let no answer to a form arrive, until the end of this; then all of them."""
        self._passes = False
        try:
            yield
        finally:
            self._let_go()

    @contextlib.contextmanager
    def losing(self) -> Iterator[None]:
        """Break the connection whenever the server has answered a form."""
        self._loses = True
        try:
            yield
        finally:
            self._loses = False

    def has_answered(self, n: int) -> None:
        """Wait until the server has answered so many forms, whatever became of the answers."""
        with self._news:
            assert self._news.wait_for(lambda: self.n_answered >= n, timeout=STOP_S)

    def _let_go(self) -> None:
        with self._news:
            self._passes = True
            self._news.notify_all()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client = self._door.accept()[0]
                there = socket.create_connection(("127.0.0.1", self._server.port))
                self._open |= {client, there}
                asked = threading.Event()
                for way in (self._ask, self._answer):
                    threading.Thread(target=way, args=(client, there, asked), daemon=True).start()

    def _ask(self, client: socket.socket, there: socket.socket, asked: threading.Event) -> None:
        with contextlib.suppress(OSError):
            while chunk := client.recv(65_536):
                if chunk.startswith(b"POST "):
                    asked.set()
                there.sendall(chunk)
        _cut(there)

    def _answer(self, client: socket.socket, there: socket.socket, asked: threading.Event) -> None:
        with contextlib.suppress(OSError):
            while chunk := there.recv(65_536):
                if asked.is_set():
                    asked.clear()
                    if not self._may_pass():
                        break
                client.sendall(chunk)
        _cut(client)

    def _may_pass(self) -> bool:
        with self._news:
            self.n_answered += 1
            self._news.notify_all()
            self._news.wait_for(lambda: self._passes, timeout=STOP_S)
        return not self._loses


def _cut(side: socket.socket) -> None:
    with contextlib.suppress(OSError):
        side.shutdown(socket.SHUT_RDWR)
    side.close()
