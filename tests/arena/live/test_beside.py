"""A real server and the process beside it in which machines think."""

import asyncio
import contextlib
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from arena import database
from tests.faults.load import Place, create
from tests.faults.nursery import Nursery, Server, nursery
from tests.kit.people import wait_for
from tests.kit.wire import Client, joined

#: Where Linux tells which processes a process has started.
_CHILDREN = "/proc/{pid}/task/{pid}/children"
pytestmark = pytest.mark.skipif(
    not Path(_CHILDREN.format(pid=os.getpid())).exists(),
    reason="this system does not tell a process's children",
)


def _children(pid: int) -> list[int]:
    try:
        return [int(each) for each in Path(_CHILDREN.format(pid=pid)).read_text().split()]
    except FileNotFoundError:
        return []


def _is_alive(pid: int) -> bool:
    """Whether a process runs, and not only waits for its parent to hear of its end."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


class Served:
    """A server, its one room, and who works beside it."""

    def __init__(self, home: Nursery, server: Server, place: Place) -> None:
        self.home, self.server, self.place = home, server, place

    async def thinker(self, *, besides: int = 0) -> int:
        """The process in which machines think, once there is one other than `besides`."""

        async def found() -> int | None:
            return next((pid for pid in _children(self.server.pid) if pid != besides), None)

        return int(await wait_for(found))

    @contextlib.asynccontextmanager
    async def asking(self) -> AsyncIterator[Client]:
        url = self.server.ws(self.place.code)
        async with (
            joined(url, self.place.interrogator) as asker,
            joined(url, self.place.witness) as witness,
        ):
            await asker.ready()
            await witness.ready()
            await asker.live()
            yield asker

    @property
    def machine_pane(self) -> str:
        return "B" if self.place.pane == "A" else "A"

    async def ask(self, asker: Client) -> None:
        ack = await asker.do("say", pane=self.machine_pane, text="how are you?")
        assert ack["is"] == "ack"

    async def answer(self, asker: Client) -> str:
        frame = await asker.until(
            lambda frame: frame.get("kind") == "message" and frame["from"] == "them"
        )
        assert frame["pane"] == self.machine_pane
        return str(frame["text"])


@pytest.fixture
async def served(tmp_path: Path) -> AsyncIterator[Served]:
    with nursery(tmp_path) as (home, alias):
        _, [place] = await database.run(create, home, alias, n_rooms=1)
        server = home.serve()
        await server.ready()
        yield Served(home, server, place)


async def test_machine_replies_and_thinks_beside_the_sockets(served: Served) -> None:
    thinker = await served.thinker()
    async with served.asking() as asker:
        await served.ask(asker)
        assert await served.answer(asker)
        # While that process stands still everything is as ever, but for machines.
        os.kill(thinker, signal.SIGSTOP)
        await served.ask(asker)
        await asker.do("say", pane=served.place.pane, text="and you?")
        async with joined(served.server.ws(served.place.code), served.place.witness) as witness:
            await witness.sync()
            assert (await witness.do("say", text="fine"))["is"] == "ack"
        said = await asker.until(lambda f: f.get("text") == "fine")
        assert said["pane"] == served.place.pane
        os.kill(thinker, signal.SIGCONT)
        assert await served.answer(asker)
    assert f"Machines think in process {thinker}" in served.home.log.read_text()


async def test_thinking_process_that_dies_is_started_again(served: Served) -> None:
    thinker = await served.thinker()
    async with served.asking() as asker:
        for _ in range(2):
            os.kill(thinker, signal.SIGKILL)
            await served.ask(asker)
            thinker = await served.thinker(besides=thinker)
            assert await served.answer(asker)
    assert "The process in which machines think ended (-9)" in served.home.log.read_text()


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
async def test_thinking_process_ends_with_the_server_however_that_ends(
    served: Served, number: signal.Signals
) -> None:
    thinker = await served.thinker()
    served.server.kill(number)

    async def is_gone() -> bool:
        return not _is_alive(thinker)

    await wait_for(is_gone)
    while served.server.is_alive:
        await asyncio.sleep(0.02)


async def test_server_may_be_told_to_think_itself(tmp_path: Path) -> None:
    with nursery(tmp_path, ARENA_MACHINES="here") as (home, alias):
        _, [place] = await database.run(create, home, alias, n_rooms=1)
        server = home.serve()
        await server.ready()
        served = Served(home, server, place)
        async with served.asking() as asker:
            await served.ask(asker)
            assert await served.answer(asker)
        assert _children(server.pid) == []
