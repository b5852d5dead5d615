"""Servers between the arena and a model, each with a way of its own to misbehave.

The first folder of the address chooses the way: `http://127.0.0.1:PORT/<way>/v1`.
"""

import json
import sys
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

Request = dict[str, Any]
#: What a provider has in its cache, by the names that providers use.
USAGE = {"prompt_tokens": 21, "completion_tokens": 7, "total_tokens": 28}


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    body: bytes
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    chunks: int = 0  # sent in so many chunks, without a length


def said(body: object, status: int = 200, **headers: str) -> Said:
    """JSON, as every gateway sends it; a header's name is written with underscores."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Said(body=json.dumps(body).encode(), status=status, headers=named)


def wrong(message: str, status: int = 400, *, code: object = None, **headers: str) -> Said:
    """An error in OpenAI's shape."""
    error = {"message": message, "type": "invalid_request_error", "param": None, "code": code}
    return said({"error": error}, status, **headers)


def page(text: str, status: int, kind: str = "text/html") -> Said:
    return Said(body=text.encode(), status=status, headers={"Content-Type": kind})


def message(content: object, *, finish: str | None = "stop", **more: object) -> Said:
    """A chat completion with this content."""
    usage = more.pop("usage", USAGE)
    choice = {
        "index": 0,
        "finish_reason": finish,
        "message": {"role": "assistant", "content": content, **more},
    }
    body = {"id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": "m"}
    return said({**body, "choices": [choice], "usage": usage})


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128  # of many rooms at once, none is turned away

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say what went wrong, unless it is that a client hung up: it had heard enough."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class Gateways:
    """`with Gateways(ways) as gateways:` then `gateways.at("way")` is an address."""

    def __init__(self, ways: Mapping[str, Callable[[str, Request], Said]]) -> None:
        self.requests: list[tuple[str, Request]] = []
        asked = self.requests

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length", 0)))
                _, way, path = self.path.split("/", 2)
                request = json.loads(body or b"{}")
                asked.append((path, request))
                self._send(ways[way](path, request))

            do_GET = do_POST

            def _send(self, answer: Said) -> None:
                self.send_response(answer.status)
                headers = {"Content-Type": "application/json", **answer.headers}
                if answer.chunks:
                    headers["Transfer-Encoding"] = "chunked"
                else:
                    headers.setdefault("Content-Length", str(len(answer.body)))
                for name, value in headers.items():
                    self.send_header(name, value)
                self.end_headers()
                try:
                    self._write(answer)
                except ConnectionError:
                    self.close_connection = True

            def _write(self, answer: Said) -> None:
                if not answer.chunks:
                    self.wfile.write(answer.body)
                    return
                size = len(answer.body) // answer.chunks + 1
                for at in range(0, len(answer.body), size):
                    chunk = answer.body[at : at + size]
                    self.wfile.write(b"%x\r\n%s\r\n" % (len(chunk), chunk))
                self.wfile.write(b"0\r\n\r\n")

            def log_message(self, *_: object) -> None:
                pass

        self._server = _Server(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def at(self, way: str) -> str:
        return f"http://127.0.0.1:{self._server.server_port}/{way}/v1"
