"""Whatever a client sends: an answer, no trace in log or table, and the room goes on."""

import asyncio
import contextlib
import json
import logging
from collections.abc import AsyncIterator

import pytest
from websockets.exceptions import ConnectionClosed

from arena import database
from arena.models import Event
from tests.conftest import LiveServer
from tests.faults.frames import BareSocket, bad_frames
from tests.kit.factories import MadeRoom, make_room
from tests.kit.wire import joined

N_FRAMES = 5_000
N_CONNECTIONS = 25


@pytest.fixture
async def room(server: LiveServer) -> MadeRoom:
    """A live room."""
    made = await database.run(make_room)
    url = server.ws(made.code)
    async with joined(url, made.interrogator) as asker, joined(url, made.witness) as witness:
        await asker.ready()
        await witness.ready()
        await asker.live()
    return made


@pytest.fixture(autouse=True)
def quiet(caplog: pytest.LogCaptureFixture) -> object:
    """No test here may leave a traceback or an error in the server's log."""
    yield
    loud = [r for r in caplog.get_records("call") if r.exc_info or r.levelno >= logging.ERROR]
    assert [record.getMessage() for record in loud] == []


def _n_events(made: MadeRoom) -> int:
    return Event.objects.filter(room=made.room).count()


@contextlib.asynccontextmanager
async def unharmed(server: LiveServer, made: MadeRoom) -> AsyncIterator[None]:
    """What happens inside stores nothing, and afterwards the room goes on."""
    n_before = await database.run(_n_events, made)
    yield
    assert await database.run(_n_events, made) == n_before
    url = server.ws(made.code)
    async with joined(url, made.interrogator) as asker, joined(url, made.witness) as witness:
        await witness.sync()
        assert (await asker.do("say", pane=made.human_pane, text="still there?"))["is"] == "ack"
        await witness.message(text="still there?")


def _header(token: str) -> bytes:
    return f"Authorization: Seat {token}".encode()


async def _send_bad(server: LiveServer, made: MadeRoom, *, seed: int) -> list[str]:
    """One connection's share of bad frames, at once; the codes of the answers."""
    frames = list(bad_frames(N_FRAMES // N_CONNECTIONS, seed=seed))
    async with joined(server.ws(made.code), made.interrogator) as client:
        for frame in frames:
            await client.send_raw(frame)
        answers = [await client.receive() for _ in frames]
    for frame, answer in zip(frames, answers, strict=True):
        assert sorted(answer) == ["code", "is", "message", "re"], (frame, answer)
        assert answer["is"] == "error" and answer["re"] in ("i", None), (frame, answer)
        assert answer["message"].isprintable() and len(answer["message"]) < 400, frame
    return [answer["code"] for answer in answers]


async def test_five_thousand_bad_frames_leave_no_trace(server: LiveServer, room: MadeRoom) -> None:
    codes: set[str] = set()
    async with unharmed(server, room):
        for start in range(0, N_CONNECTIONS, 5):
            some = (_send_bad(server, room, seed=start + n) for n in range(5))
            codes |= {code for part in await asyncio.gather(*some) for code in part}
    assert {c for c in codes if c.startswith("protocol.")} == {
        "protocol.encoding",
        "protocol.json",
        "protocol.shape",
        "protocol.unknown_command",
        "protocol.missing",
        "protocol.type",
        "protocol.range",
        "protocol.text",
    }
    assert "log.busy" not in codes


@pytest.mark.parametrize(
    "command",
    [
        {"do": "belief", "id": "i", "p": 0.5},
        {"do": "tag", "id": "i", "event": "e", "strategies": []},
        {"do": "verdict", "id": "i", "human": "A", "confidence": 1, "reason": ""},
        {"do": "say", "id": "i", "pane": "A", "text": "x"},
        {"do": "say", "id": "i", "pane": "B", "text": "x"},
    ],
)
async def test_witness_may_not_do_what_an_interrogator_does(
    server: LiveServer, room: MadeRoom, command: dict[str, object]
) -> None:
    async with unharmed(server, room), joined(server.ws(room.code), room.witness) as witness:
        await witness.send_raw(json.dumps(command))
        answer = await witness.receive()
        assert (answer["is"], answer["re"]) == ("error", "i")
        assert answer["code"] in {"seat.not_allowed", "pane.unknown"}


@pytest.mark.parametrize(
    ("first_byte", "payload", "masked", "code"),
    [
        pytest.param(0x81, b"x" * 2**20, True, 1009, id="a text frame of 1 MiB"),
        pytest.param(0x82, b"\xff" * 2**20, True, 1009, id="a binary frame of 1 MiB"),
        pytest.param(0x81, b" " * (16 * 1024 + 1), True, 1009, id="one byte too many"),
        pytest.param(0x81, b'{"do":"\xff\xfe"}', True, 1007, id="text that is not UTF-8"),
        pytest.param(0x81, b"{}", False, 1002, id="an unmasked frame"),
        pytest.param(0x83, b"{}", True, 1002, id="a reserved opcode"),
        pytest.param(0xC1, b"{}", True, 1002, id="a compressed frame nobody agreed on"),
        pytest.param(0x80, b"{}", True, 1002, id="a continuation of nothing"),
        pytest.param(0x89, b"x" * 126, True, 1002, id="an overlong ping"),
    ],
)
async def test_broken_frame_closes_only_its_socket(
    server: LiveServer, room: MadeRoom, first_byte: int, payload: bytes, masked: bool, code: int
) -> None:
    path = f"/ws/room/{room.code}/"
    bare = BareSocket(server.port, path, _header(room.interrogator))
    async with unharmed(server, room), bare:
        assert bare.status == 101
        bare.send(first_byte, payload, masked=masked)
        assert await bare.closed() == code


async def test_message_in_many_fragments_counts_as_one_frame(
    server: LiveServer, room: MadeRoom
) -> None:
    path = f"/ws/room/{room.code}/"
    bare = BareSocket(server.port, path, _header(room.interrogator))
    async with unharmed(server, room), bare:
        bare.send(0x01, b" " * 1_000)
        for _ in range(16):
            bare.send(0x00, b" " * 1_000)
        assert await bare.closed() == 1009


@pytest.mark.parametrize(
    ("path", "header"),
    [
        ("/ws/nothing", b"X-A: b"),
        ("/ws/room//", b"X-A: b"),
        ("/ws/room/%00/", b"Cookie: seat-\x01=x"),
        ("/ws/room/%ff%fe/", b"Cookie: a=\xff\xfe; ;;=;"),
        ("/ws/room/" + "x" * 3_000 + "/", b"X-A: b"),
        ("/ws/room/CODE/", b"Origin: http://["),
        ("/ws/room/CODE/", b"Origin: \xff"),
        ("/ws/room/CODE/", b"Authorization: Seat \xff\xfe"),
        ("/ws/room/CODE/", b"Authorization: Seat"),
        ("/ws/room/CODE/", b"Authorization: \xff"),
        ("/ws/room/CODE/", b'Cookie: seat-CODE=\xff; seat-CODE="\\000"'),
    ],
)
async def test_odd_handshake_is_refused(
    server: LiveServer, room: MadeRoom, path: str, header: bytes
) -> None:
    code = room.code
    lines = [header.replace(b"CODE", code.encode())]
    if header.startswith(b"Cookie"):
        lines.append(f"Origin: http://127.0.0.1:{server.port}".encode())
    bare = BareSocket(server.port, path.replace("CODE", code), *lines)
    async with unharmed(server, room), bare:
        if header.startswith(b"Cookie"):  # A page cannot read a status: it is told.
            assert bare.status == 101
            assert await bare.closed() == 4403
        else:
            assert bare.status in {400, 403, 404}


async def test_flood_is_closed_and_may_come_back(server: LiveServer, room: MadeRoom) -> None:
    url = server.ws(room.code)
    async with unharmed(server, room):
        async with joined(url, room.interrogator) as client:
            with pytest.raises(ConnectionClosed) as closed:
                for _ in range(20_000):
                    await client.send(do="ping")
                while True:
                    await client.receive()
            assert closed.value.rcvd is not None and closed.value.rcvd.code == 1008
        async with joined(url, room.interrogator) as again:
            assert (await again.sync())[-1]["is"] == "synced"


async def test_reader_that_never_reads_holds_up_nobody(server: LiveServer, room: MadeRoom) -> None:
    path, url = f"/ws/room/{room.code}/", server.ws(room.code)
    text = "x" * 300
    async with BareSocket(server.port, path, _header(room.witness)) as deaf:
        deaf.send(0x81, b'{"do":"sync","after":null}')
        async with joined(url, room.interrogator) as asker, joined(url, room.witness) as witness:
            await witness.sync()
            for n in range(250):
                await asker.send(do="say", id=f"m{n}", pane=room.human_pane, text=text)
            for n in range(250):
                await asker.until(lambda f, n=n: f["is"] == "ack" and f["re"] == f"m{n}")
            for _ in range(250):
                await witness.message(text=text)
