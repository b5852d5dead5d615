"""A webhook on a real port that refuses as often as a test tells it to."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Webhook(ThreadingHTTPServer):
    """Keeps what it was told; answers the first of it with `refusals`, one status each."""

    daemon_threads = True

    def __init__(self, *refusals: int) -> None:
        super().__init__(("127.0.0.1", 0), _Posted)
        self.refusals = list(refusals)
        self.refused: list[dict[str, Any]] = []
        self.told: list[dict[str, Any]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/hooks/a-secret"


class _Posted(BaseHTTPRequestHandler):
    server: Webhook

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        assert self.headers["Content-Type"] == "application/json"
        status = self.server.refusals.pop(0) if self.server.refusals else 204
        (self.server.told if status == 204 else self.server.refused).append(body)
        self.send_response(status)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@contextmanager
def webhook(*refusals: int) -> Iterator[Webhook]:
    with Webhook(*refusals) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
