"""What a server holds for a client that does not read."""

import asyncio
import socket

from arena import database
from tests.conftest import LiveServer
from tests.kit.factories import make_room

#: More than the system's buffers of both ends hold of pongs.
MOST_PINGS = 500_000
BATCH = 1_000


def _masked(opcode: int, payload: bytes) -> bytes:
    return bytes((0x80 | opcode, 0x80 | len(payload))) + bytes(4) + payload


def _opened(server: LiveServer, code: str, token: str) -> socket.socket:
    """A socket of a seat that has been accepted, spoken by hand: libraries read by themselves."""
    line = socket.socket()
    line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
    line.connect(("127.0.0.1", server.port))
    line.sendall(
        f"GET /ws/room/{code}/ HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\n"
        "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
        f"Authorization: Seat {token}\r\n\r\n".encode()
    )
    assert line.recv(12) == b"HTTP/1.1 101"
    return line


async def test_pings_whose_pongs_nobody_reads_end_the_line(server: LiveServer) -> None:
    room = await database.run(make_room)
    line = await asyncio.to_thread(_opened, server, room.code, room.witness)
    pings = _masked(0x9, b"x" * 125) * BATCH

    def flood() -> int:
        sent = 0
        try:
            while sent < MOST_PINGS:
                line.sendall(pings)
                sent += BATCH
        except OSError:
            pass
        return sent

    with line:
        assert await asyncio.to_thread(flood) < MOST_PINGS
