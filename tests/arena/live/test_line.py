"""The way out to a client: every frame once and in order, however the socket lets them through."""

import asyncio
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arena.live.line import MOST_WAITING, Line


class Socket:
    """A server's side of a socket, which takes frames when it is open and knows when it is gone."""

    def __init__(self) -> None:
        self.taken: list[Any] = []
        self.open = asyncio.Event()
        self.open.set()
        self.is_gone = False

    async def send(self, message: dict[str, Any]) -> None:
        await self.open.wait()
        if self.is_gone:
            raise OSError("the client has left")
        self.taken.append(message.get("text", message.get("code")))


async def _settled() -> None:
    """Let whatever can go on do so."""
    for _ in range(2 * MOST_WAITING):
        await asyncio.sleep(0)


async def test_frame_goes_at_once_while_the_socket_is_open() -> None:
    socket = Socket()
    line = Line(socket.send)
    line.push("one")
    assert socket.taken == ["one"]


@given(st.lists(st.sampled_from(["push", "shut", "open", "turn"]), max_size=60))
def test_frames_come_once_and_in_order(steps: list[str]) -> None:
    async def play() -> None:
        socket = Socket()
        line, pushed = Line(socket.send), []
        for step in steps:
            match step:
                case "push":
                    pushed.append(str(len(pushed)))
                    line.push(pushed[-1])
                case "shut":
                    socket.open.clear()
                case "open":
                    socket.open.set()
                case "turn":
                    await asyncio.sleep(0)
        socket.open.set()
        await _settled()
        assert socket.taken == pushed

    asyncio.run(play())


async def test_full_line_has_room_when_half_of_what_waited_is_read() -> None:
    socket = Socket()
    line = Line(socket.send)
    socket.open.clear()
    for n in range(MOST_WAITING + 1):
        assert not line.is_full
        line.push(str(n))
    assert line.is_full
    waiting = asyncio.create_task(line.room())
    await asyncio.sleep(0)
    assert not waiting.done()
    socket.open.set()
    await waiting
    assert not line.is_full
    await _settled()
    assert socket.taken == [str(n) for n in range(MOST_WAITING + 1)]


@pytest.mark.parametrize("n_waiting", [0, 1, MOST_WAITING + 1])
async def test_client_that_leaves_holds_nobody_up(n_waiting: int) -> None:
    socket = Socket()
    line = Line(socket.send)
    socket.open.clear()
    for n in range(n_waiting):
        line.push(str(n))
    socket.is_gone = True
    socket.open.set()
    line.push("one more")
    await line.room()
    await _settled()
    line.push("and more")
    assert line.is_lost and socket.taken == []


async def test_close_says_why_after_what_is_being_sent_and_nothing_else() -> None:
    socket = Socket()
    line = Line(socket.send)
    socket.open.clear()
    for n in range(3):
        line.push(str(n))
    closing = asyncio.create_task(line.close(1008))
    await asyncio.sleep(0)
    socket.open.set()
    await closing
    await _settled()
    line.push("too late")
    assert socket.taken == ["0", 1008]


async def test_line_that_ends_gives_up_what_it_was_sending() -> None:
    socket = Socket()
    line = Line(socket.send)
    socket.open.clear()
    line.push("one")
    line.end()
    await _settled()
    socket.open.set()
    await _settled()
    assert socket.taken == []
