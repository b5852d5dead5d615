"""Rooms full of people who never stop talking, on servers that something is done to."""

import asyncio
import contextlib
import json
import random
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass

from websockets.exceptions import ConnectionClosedError

from arena import database
from arena.live.session import LATER
from tests.faults.nursery import Nursery, Server
from tests.kit import record
from tests.kit.factories import study_text
from tests.kit.stubborn import Command, Stubborn, holding, until
from tests.kit.wire import joined

PAUSE_S = 0.03


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A room of the nursery's database, with the tokens of its two people."""

    code: str
    pane: str
    interrogator: str
    witness: str


def create(home: Nursery, alias: str, *, n_rooms: int) -> tuple[str, list[Place]]:
    """Make rooms by command line; return the study's slug and the rooms."""
    file = home.folder / "study.yaml"
    file.write_text(study_text(duration="2 h"))
    code, printed = home.run("study", "create", str(file), "--rooms", str(n_rooms), "--json")
    assert code == 0, printed
    made = json.loads(printed)
    places = []
    for each in made["rooms"]:
        tokens = {seat: link.rstrip("/").rpartition("/")[2] for seat, link in each["links"].items()}
        pane = record.human_pane(each["code"], using=alias)
        places.append(Place(code=each["code"], pane=pane, **tokens))
    return made["study"], places


class Load:
    """The people of some rooms, talking until told to stop."""

    def __init__(self, home: Nursery, alias: str, *, n_rooms: int) -> None:
        self._home, self._alias = home, alias
        self.slug, self.places = create(home, alias, n_rooms=n_rooms)
        self.clients: list[tuple[Place, str, Stubborn]] = []
        self._is_over = False

    @contextlib.asynccontextmanager
    async def talking(self, server: Callable[[], Server]) -> AsyncIterator[None]:
        """Everybody talks, each over whatever server they are given when they connect."""
        await asyncio.gather(*(_go_live(server(), place) for place in self.places))
        for seed, place in enumerate(self.places):
            url = lambda code=place.code: server().ws(code)  # noqa: E731
            for seat, token, words in (
                ("interrogator", place.interrogator, self._questions(seed)),
                (place.pane, place.witness, self._answers()),
            ):
                client = Stubborn(url, token, words, pause_s=PAUSE_S, seed=seed)
                self.clients.append((place, seat, client))
        async with holding(*(client for _, _, client in self.clients)):
            yield
            await self._finish(server())

    async def progress(self, n: int) -> None:
        """Wait until `n` more commands are acknowledged."""
        wanted = self.n_acks + n
        await until(lambda: self.n_acks >= wanted, what=f"{n} more acks")

    async def reconnection(self, *, since: list[int]) -> None:
        """Wait until each has connected again since it had so many `connections`."""
        await until(
            lambda: all(now > then for now, then in zip(self.connections, since, strict=True)),
            what="everybody's return",
        )

    @property
    def connections(self) -> list[int]:
        """How often each client has connected so far."""
        return [client.n_connections for _, _, client in self.clients]

    @property
    def n_acks(self) -> int:
        return sum(len(client.acks) for _, _, client in self.clients)

    async def _finish(self, server: Server) -> None:
        """Let everybody come to an end, give the verdicts, and wait until all is shown."""
        self._is_over = True
        await until(lambda: all(c.is_idle for _, _, c in self.clients), what="every ack")
        await asyncio.gather(*(_decide(server, place) for place in self.places))
        for place, seat, client in self.clients:
            log = await database.run(record.events, place.code, using=self._alias)
            owed = record.stream(log, seat)[-1]["id"]
            await until(lambda c=client, o=owed: o in c.stream, what=f"the last event of {seat}")

    async def check(self) -> int:
        """Assert that nothing was lost, doubled, broken or kept back; return the messages."""
        n_messages = 0
        for place, seat, client in self.clients:
            log = await database.run(record.check_log, place.code, using=self._alias)
            record.check_client(client, log, seat)
            # A machine's call that was under way is logged when it comes back, even after the end.
            kinds = [event.kind for event in log if event.kind not in {"machine_call", "withheld"}]
            assert kinds[-3:] == ["verdict", "ended", "revealed"]
            n_messages += len(client.sent)
        code, printed = self._home.run("study", "verify", self.slug)
        assert code == 0, printed
        return n_messages

    def _questions(self, seed: int) -> Iterator[Command]:
        rng, n = random.Random(seed), 0
        while not self._is_over:
            n += 1
            yield {"do": "say", "pane": rng.choice("AB"), "text": f"question {n}"}
            if n % 5 == 0:
                yield {"do": "belief", "p": round(rng.random(), 3)}

    def _answers(self) -> Iterator[Command]:
        n = 0
        while not self._is_over:
            n += 1
            yield {"do": "say", "text": f"answer {n}"}


async def _go_live(server: Server, place: Place) -> None:
    url = server.ws(place.code)
    async with joined(url, place.interrogator) as asker, joined(url, place.witness) as witness:
        await asker.ready()
        await witness.ready()
        await asker.live()


async def _decide(server: Server, place: Place) -> None:
    while True:
        try:
            async with joined(server.ws(place.code), place.interrogator) as asker:
                await asker.sync()
                ack = await asker.do("verdict", human=place.pane, confidence=1, reason="")
                assert ack["is"] == "ack"
                return
        except ConnectionClosedError as closed:
            # Its handshake met the last of the connections that were cut: everybody comes later.
            if closed.rcvd is None or closed.rcvd.code != LATER:
                raise
            await asyncio.sleep(PAUSE_S)
