"""Bad frames by the thousand, from a seed, and a bare socket that can send what no client sends."""

import asyncio
import base64
import contextlib
import json
import os
import random
import socket
import struct
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Any, Self

from tests.kit.wire import TIMEOUT_S

#: Well-formed commands; every bad frame is one of them spoilt, or no command at all.
TEMPLATES: tuple[dict[str, Any], ...] = (
    {"do": "sync", "after": None},
    {"do": "ready", "id": "i", "consent": "0" * 64},
    {"do": "history", "before": "e", "limit": 10},
    {"do": "read", "id": "i", "event": "e"},
    {"do": "say", "id": "i", "pane": "A", "text": "hello"},
    {"do": "belief", "id": "i", "p": 0.5},
    {"do": "tag", "id": "i", "event": "e", "strategies": []},
    {"do": "verdict", "id": "i", "human": "A", "confidence": 0.9, "reason": "r"},
    {"do": "leave", "id": "i"},
)
REQUIRED = {
    "sync": ("after",),
    "ready": ("id", "consent"),
    "history": ("before", "limit"),
    "read": ("id", "event"),
    "say": ("id", "text"),
    "belief": ("id", "p"),
    "tag": ("id", "event", "strategies"),
    "verdict": ("id", "human", "confidence", "reason"),
    "leave": ("id",),
}
#: Never right, whatever the key.
JUNK: tuple[Any, ...] = ({}, {"a": [1]}, [None], [[[]]], -1, 10**40, -0.5, 1.5e300, 2)
#: Well-formed, but not for this room and moment.
MISPLACED: tuple[dict[str, Any], ...] = (
    {"do": "say", "id": "i", "pane": "C", "text": "x"},
    {"do": "say", "id": "i", "pane": "interrogator", "text": "x"},
    {"do": "say", "id": "i", "pane": "A", "text": "x" * 301},
    {"do": "say", "id": "i", "pane": "A", "text": " \u200b\u0007\n "},
    {"do": "say", "id": "i", "text": "x"},
    {"do": "tag", "id": "i", "event": "no-such-event", "strategies": ["other"]},
    {"do": "history", "before": "no-such-event", "limit": 5},
    {"do": "sync", "after": "no-such-event"},
    {"do": "ready", "id": "i", "consent": "0" * 64},
    {"do": "verdict", "id": "i", "human": True, "confidence": 0.9, "reason": ""},
    {"do": "verdict", "id": "i", "human": "A", "confidence": 0.9, "reason": "x" * 2001},
)


def bad_frames(n: int, *, seed: int) -> Iterator[str | bytes]:
    """`n` frames of which none is a command that an interrogator may give in a live room."""
    rng = random.Random(seed)
    for _ in range(n):
        yield rng.choice(_MAKERS)(rng)


def _command(rng: random.Random) -> dict[str, Any]:
    return dict(rng.choice(TEMPLATES))


def _wrong_type(rng: random.Random) -> str:
    command = _command(rng)
    command[rng.choice(REQUIRED[command["do"]])] = rng.choice(JUNK)
    return json.dumps(command)


def _missing(rng: random.Random) -> str:
    command = _command(rng)
    del command[rng.choice(("do", *REQUIRED[command["do"]]))]
    return json.dumps(command)


def _unknown(rng: random.Random) -> str:
    name = rng.choice(["Say", "say ", "", "shutdown", "\u202esay", "s\u0000ay", None, 7, [], {}])
    return json.dumps(_command(rng) | {"do": name})


def _surrogate(rng: random.Random) -> str:
    half = rng.choice(["\\ud800", "\\udfff", "\\udc00\\ud800"])
    key = rng.choice(["do", "id", "pane", "text", "HALF"])
    command = {"do": "say", "id": "i", "pane": "A", "text": "x"}
    if key == "HALF":
        del command["text"]
    return json.dumps({**command, key: "HALF"}).replace("HALF", half)


def _not_utf8(rng: random.Random) -> bytes:
    raw = bytearray(json.dumps(_command(rng)).encode())
    raw.insert(rng.randrange(len(raw)), rng.choice([0xFF, 0xC0, 0x80, 0xF8, 0xED]))
    return bytes(raw)


def _deep(rng: random.Random) -> str:
    depth = rng.choice([100, 900, 1_100, 5_000])
    opening, closing = rng.choice([("[", "]"), ('{"a":', "}")])
    core = opening * depth + "1" + closing * depth
    if len(core) > 15_000:
        core = "[" * 7_000 + "]" * 7_000
    return rng.choice([core, f'{{"do": "say", "id": {core}, "pane": "A", "text": "x"}}'])


def _not_a_number(rng: random.Random) -> str:
    number = rng.choice(["NaN", "Infinity", "-Infinity", "1e999", "-1e999", "1e", "0x10", "--1"])
    shape = rng.choice(
        ['{"do":"belief","id":"i","p":%s}', '{"do":"history","before":"e","limit":%s}']
    )
    return shape % number


def _huge_number(rng: random.Random) -> str:
    number = rng.choice(["9" * 400, "9" * 4_000, "9" * 5_000, "-" + "9" * 50, "1" + "0" * 14_000])
    return '{"do":"belief","id":"i","p":NUMBER}'.replace("NUMBER", number)


def _twice(rng: random.Random) -> str:
    return rng.choice(
        [
            '{"do":"say","do":"say","id":"i","pane":"A","text":"x"}',
            '{"do":"say","id":"i","id":"j","pane":"A","text":"x"}',
            '{"do":"say","id":"i","pane":"A","pane":"B","text":"x"}',
            '{"do":"belief","id":"i","p":0.1,"\\u0070":0.2}',
        ]
    )


def _control(rng: random.Random) -> str:
    char = chr(rng.choice([*range(32), 127, 0x85, 0x2028, 0x200B, 0xFEFF]))
    where = rng.choice(["id", "do"])
    command = {"do": "say", "id": "i", "pane": "A", "text": "x", where: f"a{char}b"}
    raw = json.dumps(command, ensure_ascii=False)
    return raw if rng.random() < 0.5 else raw.replace(json.dumps(char)[1:-1], char)


def _cut(rng: random.Random) -> str:
    whole = json.dumps(_command(rng))
    return whole[: rng.randrange(len(whole))]


def _noise(rng: random.Random) -> str | bytes:
    noise = rng.randbytes(rng.randrange(200))
    return rng.choice(
        [noise, noise.decode("latin-1"), "", b"", " " * 16_000, "null", "[]", '"say"']
    )


def _long(rng: random.Random) -> str:
    size = rng.choice([65, 1_000, 10_000])
    return json.dumps({"do": "say", "id": "i" * size, "pane": "A", "text": "x"})


def _misplaced(rng: random.Random) -> str:
    return json.dumps(rng.choice(MISPLACED))


_MAKERS: tuple[Callable[[random.Random], str | bytes], ...] = (
    _wrong_type,
    _missing,
    _unknown,
    _surrogate,
    _not_utf8,
    _deep,
    _not_a_number,
    _huge_number,
    _twice,
    _control,
    _cut,
    _noise,
    _long,
    _misplaced,
)


class BareSocket:
    """A WebSocket by hand. What the server said is read even where it hung up on what was sent."""

    def __init__(self, port: int, path: str, *headers: bytes) -> None:
        self._port, self._path, self._headers = port, path, headers
        self._unread, self._outgoing = bytearray(), bytearray()
        self._sending: asyncio.Task[None] | None = None
        self.status = 0

    async def __aenter__(self) -> Self:
        self._socket = socket.socket()
        self._socket.setblocking(False)
        await asyncio.get_running_loop().sock_connect(self._socket, ("127.0.0.1", self._port))
        key = base64.b64encode(os.urandom(16))
        lines = [
            b"GET " + self._path.encode("latin-1") + b" HTTP/1.1",
            b"Host: 127.0.0.1:%d" % self._port,
            b"Upgrade: websocket",
            b"Connection: Upgrade",
            b"Sec-WebSocket-Version: 13",
            b"Sec-WebSocket-Key: " + key,
            *self._headers,
        ]
        self._write(b"\r\n".join(lines) + b"\r\n\r\n")
        async with asyncio.timeout(TIMEOUT_S):
            while (end := self._unread.find(b"\r\n\r\n")) < 0:
                await self._read_more()
        self.status = int(self._unread.split(maxsplit=2)[1])
        del self._unread[: end + 4]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        if self._sending is not None:
            self._sending.cancel()
            await asyncio.gather(self._sending, return_exceptions=True)
        self._socket.close()

    def send(self, first_byte: int, payload: bytes, *, masked: bool = True) -> None:
        """Write a frame: its first byte holds FIN, the reserved bits and the opcode."""
        bit = 0x80 if masked else 0
        n = len(payload)
        if n < 126:
            head = struct.pack("!BB", first_byte, bit | n)
        elif n < 65_536:
            head = struct.pack("!BBH", first_byte, bit | 126, n)
        else:
            head = struct.pack("!BBQ", first_byte, bit | 127, n)
        self._write(head + (b"\0\0\0\0" if masked else b"") + payload)

    def _write(self, data: bytes) -> None:
        self._outgoing += data
        if self._sending is None or self._sending.done():
            self._sending = asyncio.create_task(self._send_all())

    async def _send_all(self) -> None:
        with contextlib.suppress(OSError):
            while self._outgoing:
                chunk = bytes(self._outgoing)
                self._outgoing.clear()
                await asyncio.get_running_loop().sock_sendall(self._socket, chunk)

    async def closed(self) -> int | None:
        """Read until the server closes; return its close code, None if it just hung up."""
        async with asyncio.timeout(TIMEOUT_S):
            with contextlib.suppress(EOFError, OSError):
                while True:
                    first, length = await self._read(2)
                    if length == 126:
                        (length,) = struct.unpack("!H", await self._read(2))
                    elif length == 127:
                        (length,) = struct.unpack("!Q", await self._read(8))
                    payload = await self._read(length)
                    if first & 0x0F == 8:
                        return int(struct.unpack("!H", payload[:2])[0])
        return None

    async def _read(self, n: int) -> bytes:
        while len(self._unread) < n:
            await self._read_more()
        found = bytes(self._unread[:n])
        del self._unread[:n]
        return found

    async def _read_more(self) -> None:
        chunk = await asyncio.get_running_loop().sock_recv(self._socket, 65_536)
        if not chunk:
            raise EOFError
        self._unread += chunk
