"""A local server that speaks the OpenAI chat-completions protocol and misbehaves on request.

The name of the model chooses the behaviour (`MODES`), after any "provider/" prefix. It runs in a
thread of its own, so that the code under test may own the event loop or have none.
"""

import asyncio
import json
import random
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Self

HOST = "127.0.0.1"
PORTS = range(20_000, 32_000)
SLOW_S = 0.3
#: How many requests a "gathering" answer waits for: calls that follow each other get none.
PARTY = 10
#: How long to wait for the provider's own thread.
PATIENCE_S = 120.0
#: An answer that takes a minute to type.
LENGTHY = "It rained all morning, so we stayed in and played cards with the neighbours. " * 3
HUGE = "All work and no play makes a long answer. " * 1200


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    body: bytes
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    after_s: float = 0.0
    gathers: bool = False  # wait until PARTY requests wait
    sent: float = 1.0  # share of the body that is sent before the connection is cut


def completion(text: str | None, request: dict[str, Any], **message: Any) -> bytes:
    """The body of an answer with this text, of the shape that OpenAI's has."""
    finish = message.pop("finish", "stop")
    body = {
        "id": "chatcmpl-fake",
        "object": "chat.completion",
        "created": 1_700_000_000,
        "model": f"{request['model']}-2026-01-01",
        "choices": [
            {
                "index": 0,
                "finish_reason": finish,
                "message": {"role": "assistant", "content": text, **message},
            }
        ],
        "usage": {"prompt_tokens": 21, "completion_tokens": 7, "total_tokens": 28},
    }
    return json.dumps(body).encode()


def newest_words(request: dict[str, Any]) -> str:
    """The newest words of the interrogator in a prompt, each line with its stamp."""
    said: str = request["messages"][-1]["content"]
    return said.rpartition("newest words of the interrogator:]\n")[2].rpartition("\n[")[0]


def _error(status: int, code: str, **headers: str) -> Answer:
    message = f"The fake provider was told to answer {status}. Key given: sk-secret."
    body = {"error": {"message": message, "type": code, "param": None, "code": code}}
    return Answer(body=json.dumps(body).encode(), status=status, headers=headers)


def _ok(request: dict[str, Any]) -> Answer:
    return Answer(body=completion("Fine, thanks. You?", request))


def _priced(request: dict[str, Any]) -> Answer:
    """Answer as a model whose price is public knowledge, under its bare name."""
    return Answer(body=_ok(request).body.replace(b"-2026-01-01", b""))


def _echo(request: dict[str, Any]) -> Answer:
    return Answer(body=completion(newest_words(request), request))


def _leak(request: dict[str, Any]) -> Answer:
    """Give away the instructions until told that the draft was not sent."""
    told = "Your last draft" in json.dumps(request["messages"])
    text = "Not much, and you?" if told else request["messages"][0]["content"][:250]
    return Answer(body=completion(text, request))


def _long_once(request: dict[str, Any]) -> Answer:
    """Write without an end until told that the draft was too long."""
    told = "Your last draft" in json.dumps(request["messages"])
    text = (
        "Not much, and you?" if told else "I did a lot, so I went on and on and on" + 90 * " and on"
    )
    return Answer(body=completion(text, request))


def _leak_always(request: dict[str, Any]) -> Answer:
    return Answer(body=completion(request["messages"][0]["content"][:250], request))


def _bad_utf8(request: dict[str, Any]) -> Answer:
    return Answer(body=completion("MARK", request).replace(b"MARK", b"caf\xe9 \xff\xfe"))


MODES: dict[str, Callable[[dict[str, Any]], Answer]] = {
    "ok": _ok,
    "gpt-4o-mini": _priced,
    "echo": _echo,
    "leak-once": _leak,
    "leak-always": _leak_always,
    "long-once": _long_once,
    "sentences": lambda r: Answer(body=completion(LENGTHY * 3, r)),
    "cut-sentences": lambda r: Answer(body=completion(LENGTHY[:200], r, finish="length")),
    "lengthy": lambda r: Answer(body=completion(LENGTHY, r)),
    "slow": lambda r: Answer(body=completion("Sorry, was away.", r), after_s=SLOW_S),
    "gathering": lambda r: Answer(body=completion("Here we all are.", r), gathers=True),
    "stall": lambda r: Answer(body=b"", after_s=3600),
    "err400": lambda r: _error(400, "invalid_request_error"),
    "err401": lambda r: _error(401, "invalid_api_key"),
    "err404": lambda r: _error(404, "model_not_found"),
    "err429": lambda r: _error(429, "rate_limit_exceeded", **{"Retry-After": "700"}),
    "quota": lambda r: _error(429, "insufficient_quota"),
    "err500": lambda r: _error(500, "server_error"),
    "err503": lambda r: _error(503, "overloaded"),
    "prompt-filter": lambda r: _error(400, "content_filter"),
    "empty": lambda r: Answer(body=completion("", r)),
    "null": lambda r: Answer(body=completion(None, r)),
    "blank": lambda r: Answer(body=completion(" \n\u200b ", r)),
    "length": lambda r: Answer(body=completion("This was cut in the mid", r, finish="length")),
    "refusal": lambda r: Answer(body=completion(None, r, refusal="I cannot help with that.")),
    "filter": lambda r: Answer(body=completion("", r, finish="content_filter")),
    "malformed": lambda r: Answer(body=b'{"choices": [{"message": '),
    "html": lambda r: Answer(body=b"<html>502</html>", headers={"Content-Type": "text/html"}),
    "no-choices": lambda r: Answer(body=b'{"id": "x", "object": "chat.completion"}'),
    "wrong-shape": lambda r: Answer(body=b'{"choices": [{"message": 5}]}'),
    "huge": lambda r: Answer(body=completion(HUGE, r)),
    "disconnect": lambda r: Answer(body=completion("Half of it", r), sent=0.5),
    "hang-up": lambda r: Answer(body=b"", sent=-1),
    "surrogate": lambda r: Answer(body=completion("half \ud83d of a pair", r)),
    "bad-utf8": _bad_utf8,
}


async def _left_within(reader: asyncio.StreamReader, seconds: float) -> bool:
    """Wait, and tell whether the client hung up in the meantime."""
    try:
        async with asyncio.timeout(seconds):
            await reader.read(1)
    except TimeoutError:
        return False
    return True


class FakeProvider:
    """`with FakeProvider() as provider:` then point a client at `provider.base_url`."""

    def __init__(self, *, fail_first: int = 0, stall_first: int = 0) -> None:
        self.requests: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        #: Whether it is overloaded at a moment, and what its failures say of when to ask again.
        self.is_down: Callable[[], bool] = lambda: False
        self.retry_after = ""
        self._fail_first, self._stall_first = fail_first, stall_first
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._ready.wait(PATIENCE_S), "the fake provider did not start"
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Hang up on everybody and stop listening; stopping twice is harmless."""
        if not self._thread.is_alive():
            return
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(PATIENCE_S)

    @property
    def base_url(self) -> str:
        return f"http://{HOST}:{self._port}/v1"

    def _run(self) -> None:
        asyncio.run(self._serve())

    async def _serve(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        self._gathering = asyncio.Barrier(PARTY)
        tasks: set[asyncio.Task[None]] = set()

        async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.current_task()
            assert task
            tasks.add(task)
            try:
                await self._connection(reader, writer)
            except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
                pass
            finally:
                tasks.discard(task)
                writer.close()

        server = await self._listen(accept)
        self._ready.set()
        await self._stop.wait()
        server.close()
        for task in tuple(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _listen(self, accept: Callable[..., Any]) -> asyncio.Server:
        for port in random.SystemRandom().sample(PORTS, 50):
            sock = socket.socket()
            try:
                sock.bind((HOST, port))
            except OSError:
                sock.close()
                continue
            self._port = port
            return await asyncio.start_server(accept, sock=sock)
        raise RuntimeError("No free port for the fake provider among 50 tried.")

    async def _connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while request := await self._read(reader):
            answer = self._answer(request)
            if answer.after_s and await _left_within(reader, answer.after_s):
                return
            if answer.gathers:
                await self._gathering.wait()
            if not await self._write(writer, answer):
                return

    async def _read(self, reader: asyncio.StreamReader) -> dict[str, Any] | None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        except asyncio.IncompleteReadError:
            return None
        lines = [line.partition(":") for line in head.split("\r\n")[1:] if line]
        headers = {name.strip().lower(): value.strip() for name, _, value in lines}
        body = await reader.readexactly(int(headers.get("content-length", 0)))
        request: dict[str, Any] = json.loads(body)
        self.requests.append(request)
        self.headers.append(headers)
        return request

    def _answer(self, request: dict[str, Any]) -> Answer:
        mode = str(request["model"]).rpartition("/")[2]
        if len(self.requests) <= self._fail_first:
            return _error(500, "server_error")
        if self.is_down():
            return _error(503, "overloaded")
        if len(self.requests) <= self._stall_first:
            return MODES["stall"](request)
        return MODES[mode](request) if mode in MODES else _error(404, "model_not_found")

    async def _write(self, writer: asyncio.StreamWriter, answer: Answer) -> bool:
        if answer.sent < 0:
            return False
        headers = {
            "Content-Type": "application/json",
            "Content-Length": str(len(answer.body)),
            "x-request-id": f"req-{len(self.requests)}",
        } | answer.headers
        if answer.status >= 400 and self.retry_after:
            headers |= {"Retry-After": self.retry_after}
        head = f"HTTP/1.1 {answer.status} Fake\r\n"
        head += "".join(f"{name}: {value}\r\n" for name, value in headers.items()) + "\r\n"
        writer.write(head.encode("latin-1") + answer.body[: int(len(answer.body) * answer.sent)])
        await writer.drain()
        return answer.sent == 1.0
