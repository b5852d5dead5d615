"""The client end of one WebSocket: just enough of RFC 6455 to load a server cheaply.

Reads unfragmented text frames and answers pings; it is no client for anything but these benchmarks.
"""

import asyncio
from collections.abc import Callable, Mapping

_TEXT, _CLOSE, _PING, _PONG = 0x1, 0x8, 0x9, 0xA
_FINAL, _MASKED = 0x80, 0x80
#: A mask of zeros leaves the payload as it is, which saves the generator's CPU for measuring.
_NO_MASK = bytes(4)


class Refused(Exception):
    """The server did not open the socket."""


class Socket(asyncio.Protocol):
    """One open connection; `on_text` is called with the payload of every text frame."""

    def __init__(self, handshake: bytes, on_text: Callable[[bytes], None]) -> None:
        self._handshake = handshake
        self._on_text = on_text
        self._buffer = b""
        self._is_open = False
        self.opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.was_lost = False
        self._is_leaving = False

    @classmethod
    async def open(
        cls, port: int, path: str, *, headers: Mapping[str, str], on_text: Callable[[bytes], None]
    ) -> "Socket":
        lines = [
            f"GET {path} HTTP/1.1",
            f"Host: 127.0.0.1:{port}",
            "Upgrade: websocket",
            "Connection: Upgrade",
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
            "Sec-WebSocket-Version: 13",
            *(f"{name}: {value}" for name, value in headers.items()),
        ]
        handshake = "\r\n".join([*lines, "", ""]).encode()
        loop = asyncio.get_running_loop()
        _, socket = await loop.create_connection(lambda: cls(handshake, on_text), "127.0.0.1", port)
        async with asyncio.timeout(30):
            await socket.opened
        return socket

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        self._transport = transport
        transport.write(self._handshake)

    def connection_lost(self, exc: Exception | None) -> None:
        self.was_lost = not self._is_leaving
        if not self.opened.done():
            self.opened.set_exception(Refused("The server closed the socket in the handshake."))

    def send(self, payload: bytes) -> None:
        self._write(_TEXT, payload)

    def close(self) -> None:
        self._is_leaving = True
        self._write(_CLOSE, b"\x03\xe8")
        self._transport.close()

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if not self._is_open and not self._read_answer():
            return
        self._read_frames()

    def _read_answer(self) -> bool:
        head, end, rest = self._buffer.partition(b"\r\n\r\n")
        if not end:
            return False
        if not head.startswith(b"HTTP/1.1 101"):
            first_line = head.split(b"\r\n")[0].decode("latin-1")
            self.opened.set_exception(Refused(f"The server answered {first_line!r}."))
            self._transport.close()
            return False
        self._buffer, self._is_open = rest, True
        self.opened.set_result(None)
        return True

    def _read_frames(self) -> None:
        buffer, at = self._buffer, 0
        while (span := _payload_span(buffer, at)) is not None:
            start, end = span
            self._take(buffer[at] & 0x0F, buffer[start:end])
            at = end
        self._buffer = buffer[at:]

    def _take(self, opcode: int, payload: bytes) -> None:
        if opcode == _TEXT:
            self._on_text(payload)
        elif opcode == _PING:
            self._write(_PONG, payload)
        elif opcode == _CLOSE:
            self._transport.close()

    def _write(self, opcode: int, payload: bytes) -> None:
        n = len(payload)
        size = bytes((_MASKED | n,)) if n < 126 else bytes((_MASKED | 126,)) + n.to_bytes(2)
        self._transport.write(bytes((_FINAL | opcode,)) + size + _NO_MASK + payload)


def _payload_span(buffer: bytes, at: int) -> tuple[int, int] | None:
    """Where the payload of the frame at `at` begins and ends; None if it is not all here."""
    if len(buffer) < at + 2:
        return None
    n, start = buffer[at + 1] & 0x7F, at + 2
    if n >= 126:
        start += 2 if n == 126 else 8
        if len(buffer) < start:
            return None
        n = int.from_bytes(buffer[at + 2 : start])
    return (start, start + n) if len(buffer) >= start + n else None
