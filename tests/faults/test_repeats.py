"""Every command thrice, a new connection after every tenth: each message once, streams equal."""

import asyncio
import random
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from arena import broadcast, database
from arena.models import Timer
from tests.conftest import LiveServer
from tests.kit import record
from tests.kit.factories import MadeRoom, make_rooms
from tests.kit.people import wait_for
from tests.kit.stubborn import Command, Stubborn, holding, until
from tests.kit.wire import joined

N_COMMANDS = 36


def interrogation(panes: str, *, n: int = N_COMMANDS, seed: int = 1) -> Iterator[Command]:
    rng = random.Random(seed)
    for number in range(n):
        if number % 6 == 5:
            yield {"do": "belief", "p": round(rng.random(), 3)}
        else:
            pane = rng.choice(panes)
            yield {"do": "say", "pane": pane, "text": f"question {number} for {pane} é\n?"}


def answers(*, n: int = N_COMMANDS) -> Iterator[Command]:
    for number in range(n):
        yield {"do": "say", "text": f"answer {number}"}


async def go_live(server: LiveServer, made: MadeRoom) -> None:
    url = server.ws(made.code)
    async with joined(url, made.interrogator) as asker, joined(url, made.witness) as witness:
        await asker.ready()
        await witness.ready()
        await asker.live()


def _is_answered(made: list[MadeRoom]) -> bool:
    rooms = [each.room.id for each in made]
    return not Timer.objects.filter(room__in=rooms, kind="reply", done_at=None).exists()


async def _play(server: LiveServer, made: list[MadeRoom]) -> None:
    """Both people of every room at once, on bad lines; then compare everything."""
    await asyncio.gather(*(go_live(server, each) for each in made))
    clients: list[tuple[MadeRoom, str, Stubborn]] = []
    for seed, each in enumerate(made):
        panes = "AB" if each.study.format == "three_party" else "A"
        people = [("interrogator", each.interrogator, interrogation(panes, seed=seed))]
        if each.human_pane is not None:
            people.append((each.human_pane, each.witness, answers()))
        for seat, token, commands in people:
            client = Stubborn(
                lambda code=each.code: server.ws(code),
                token,
                commands,
                times=3,
                per_connection=10,
                seed=seed,
            )
            clients.append((each, seat, client))
    async with holding(*(client for _, _, client in clients)):
        await until(lambda: all(c.is_idle for _, _, c in clients), what="every command's ack")
        await wait_for(lambda: database.run(_is_answered, made))
        for each, seat, client in clients:
            log = await database.run(record.events, each.code)
            owed = record.stream(log, seat)[-1]["id"]
            await until(lambda c=client, o=owed: o in c.stream, what=f"the last event for {seat}")

    for each, seat, client in clients:
        log = await database.run(record.check_log, each.code)
        record.check_client(client, log, seat)
        assert client.n_connections >= 4


@pytest.mark.parametrize(
    ("format", "human_share"), [("three_party", 0.5), ("two_party", 1.0), ("two_party", 0.0)]
)
async def test_repeats_and_reconnects_store_and_show_everything_once(
    server: LiveServer, format: str, human_share: float
) -> None:
    made = await database.run(make_rooms, 3, format=format, human_share=human_share)
    await _play(server, made)


async def test_four_of_five_lost_rings_cost_only_time(
    server: LiveServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng, hub = random.Random(5), broadcast.hub
    rings = {"kept": 0, "lost": 0}

    def lossy(ring: Callable[[Any], None]) -> Callable[[Any], None]:
        def maybe(argument: Any) -> None:
            kept = rng.random() < 0.2
            rings["kept" if kept else "lost"] += 1
            if kept:
                ring(argument)

        return maybe

    # Where rings come in: from this process's writer, and from the bus.
    monkeypatch.setattr(hub, "_ring", lossy(hub._ring))
    monkeypatch.setattr(hub, "_receive", lossy(hub._receive))
    made = await database.run(make_rooms, 3)
    await _play(server, made)
    # How many rings there are depends on how many commits the commands are stored in.
    assert rings["lost"] >= 10 and rings["kept"] < rings["lost"] / 2
