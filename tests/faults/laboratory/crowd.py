"""Rooms of every format full of people, from their invitations to the ends of their rooms."""

import asyncio
import contextlib
import json
import random
import time
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass, field

from arena.rehearsal.faults import Fault, Finding
from arena.rules import Format
from arena.studies.design import StudyFile
from arena.studies.file import parse
from tests.faults.laboratory import doors
from tests.faults.laboratory.house import House
from tests.faults.laboratory.person import Person, Way
from tests.faults.laboratory.talk import Interrogator, Quiet, Witness
from tests.kit.factories import study_text
from tests.kit.people import scripted

LINES = ("hm, let me think", "not that I know of", "yes and no", "who told you that?")
_LONG = {"duration": "20 h", "machines": scripted(*LINES)}
#: What is played, and what share of the rooms plays it.
STUDIES: dict[str, tuple[float, dict[str, object]]] = {
    "three parties": (0.35, _LONG),
    "rounds": (
        0.35,
        {"duration": "20 h", "rounds": "10 s", "machines": scripted(*LINES, pacing="rounds")},
    ),
    "two parties": (0.15, {**_LONG, "format": "two_party", "human_share": 0.7}),
    "time runs out": (0.15, {**_LONG, "duration": "2 min", "grace": "0 s"}),
}


class InVain(Exception):
    """Something never came."""


@dataclass(slots=True, kw_only=True)
class Place:
    """A room and who sits in it; a witness whom nobody talks with, a stand-in, has the seat ""."""

    code: str
    design: StudyFile
    human_pane: str | None
    interrogator: Person
    witness: Person
    seat_of_witness: str

    @property
    def machine_pane(self) -> str:
        """Where the machine sits; "" where there is none."""
        if self.design.format == Format.THREE_PARTY:
            return "B" if self.human_pane == "A" else "A"
        return "" if self.human_pane else "A"

    @property
    def people(self) -> tuple[tuple[str, Person], ...]:
        return (("interrogator", self.interrogator), (self.seat_of_witness, self.witness))


@dataclass(slots=True, kw_only=True)
class Crowd:
    """The people of a house."""

    house: House
    rng: random.Random
    patience_s: float  # after which something counts as never
    places: list[Place] = field(default_factory=list)
    studies: list[str] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    way: Callable[[str], Way] | None = None  # instead of the nearest
    _tasks: list["asyncio.Task[None]"] = field(default_factory=list)

    async def invite(self, n_rooms: int) -> None:
        """Make rooms of all kinds and have their people come."""
        for share, options in STUDIES.values():
            await self._make(max(1, round(share * n_rooms)), study_text(**options))  # type: ignore[arg-type]
        self._come(self.places)

    async def invite_quiet(self, n_rooms: int) -> None:
        """Make rooms whose people only hold their sockets."""
        before = len(self.places)
        await self._make(n_rooms, study_text(**_LONG))  # type: ignore[arg-type]
        for place in self.places[before:]:
            for _, person in place.people:
                person.talk, person.pause_s = Quiet(inner=person.talk), 0.5  # type: ignore[arg-type]
                person.deadline_s = 60.0  # they are too many to be answered at once
        self._come(self.places[before:])

    async def _make(self, n_rooms: int, text: str) -> None:
        file = self.house.folder / "study.yaml"
        file.write_text(text)
        arguments = ("study", "create", str(file), "--rooms", str(n_rooms), "--json")
        made = json.loads(await asyncio.to_thread(self.house.run, *arguments))
        self.studies.append(made["study"])
        seats = self._seats(made["study"])
        for n, room in enumerate(made["rooms"]):
            tokens = {
                seat: link.rstrip("/").rpartition("/")[2] for seat, link in room["links"].items()
            }
            human_pane, witness = seats[room["code"]]
            talk = Interrogator(
                rng=random.Random(self.rng.random()),
                human_pane=human_pane,
                leaves=self.rng.random() < 0.2,
            )
            # One of each study comes through the invitation page, twice, as a double click does.
            through = self._through_door if n == 0 else _by_token
            code = room["code"]
            self.places.append(
                Place(
                    code=code,
                    design=parse(text),
                    human_pane=human_pane,
                    interrogator=self._person(code, _by_token(code, tokens["interrogator"]), talk),
                    witness=self._person(code, through(code, tokens["witness"]), Witness()),
                    seat_of_witness=witness,
                )
            )

    def _seats(self, study: str) -> dict[str, tuple[str | None, str]]:
        """The pane of the human, if there is one, and the invited witness's seat, by room."""
        query = (
            "SELECT r.code, s.name, s.kind, s.stand_in FROM arena_seat s "
            "JOIN arena_room r ON r.id = s.room_id JOIN arena_study y ON y.id = r.study_id "
            "WHERE y.slug = %s AND s.name <> 'interrogator'"
        )
        found: dict[str, tuple[str | None, str]] = {}
        for row in self.house.rows(query, study):
            found.setdefault(row["code"], (None, ""))
            if row["kind"] == "human" and not row["stand_in"]:
                found[row["code"]] = (row["name"], row["name"])
        return found

    def _through_door(self, code: str, token: str) -> dict[str, str]:
        try:
            headers, why = doors.join_twice(self.house.webs[0].port, code, token)
        except OSError as error:
            headers, why = None, f"an invitation was not answered: {error}"
        if why:
            self.findings.append(Finding(fault=Fault.LOST, room=code, what=why))
        return headers or _by_token(code, token)

    def _person(self, code: str, headers: dict[str, str], talk: Interrogator | Witness) -> Person:
        rng = random.Random(self.rng.random())

        def way() -> Way:
            if self.way is not None:
                return self.way(code)
            return Way(url=self.house.any_web(rng).ws(code))

        return Person(way=way, headers=headers, talk=talk, rng=rng)

    def _come(self, places: Iterable[Place]) -> None:
        people = (person for place in places for _, person in place.people)
        self._tasks += [asyncio.create_task(person.run()) for person in people]

    @property
    def people(self) -> list[Person]:
        return [person for place in self.places for _, person in place.people]

    @property
    def n_acks(self) -> int:
        return sum(len(person.acks) for person in self.people)

    @property
    def n_put_off(self) -> int:
        return sum(len(person.put_off) for person in self.people)

    @property
    def talking(self) -> list[Person]:
        """Those whose room is live, as far as they know."""
        return [person for person in self.people if not person.is_over]

    async def come_live(self) -> None:
        await self.wait(
            lambda: all(person.room.get("phase") not in (None, "lobby") for person in self.people),
            what="all rooms to be live",
        )

    async def progress(self, n: int) -> None:
        """Wait until `n` more commands are acknowledged."""
        wanted = self.n_acks + n
        await self.wait(lambda: self.n_acks >= wanted, what=f"{n} more acknowledgements")

    async def wait(self, condition: Callable[[], bool], *, what: str) -> None:
        """Wait until something holds; that it never does is a finding, and the end of the run."""
        began = time.monotonic()
        while not condition():
            if time.monotonic() - began > self.patience_s:
                why = f"waited {self.patience_s:g} s in vain for {what}"
                self.findings.append(Finding(fault=Fault.LATE, room="(all)", what=why))
                raise InVain(why)
            for task in self._tasks:
                if task.done() and (error := task.exception()) is not None:
                    raise error
            await asyncio.sleep(0.02)

    async def come_to_an_end(self) -> None:
        """Have all say their last; wait until every room has ended and everybody knows.

        Nobody is helped to know: whoever is connected hears of it without asking.
        """
        for place in self.places:
            talk = place.interrogator.talk
            inner = talk.inner if isinstance(talk, Quiet) else talk
            assert isinstance(inner, Interrogator)
            inner.is_closing = True
        await self.wait(self._all_ended, what="all rooms to end")
        await self.wait(
            lambda: all(person.is_over and not person.waiting for person in self.people),
            what="everybody to be told the end without asking",
        )

    def _all_ended(self) -> bool:
        rows = self.house.rows("SELECT count(*) AS n FROM arena_room WHERE phase <> 'ended'")
        return bool(rows[0]["n"] == 0)

    async def go_home(self) -> None:
        """Stop everybody; what they know stays."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for person in self.people:
            for line in person.given_up:
                line.transport.abort()


def _by_token(code: str, token: str) -> dict[str, str]:
    return {"Authorization": f"Seat {token}"}


@contextlib.asynccontextmanager
async def crowd(
    house: House, *, n_rooms: int, seed: int, patience_s: float
) -> AsyncIterator[Crowd]:
    """People in rooms of all kinds; sent home at the end."""
    made = Crowd(house=house, rng=random.Random(seed), patience_s=patience_s)
    try:
        await made.invite(n_rooms)
        yield made
    finally:
        await made.go_home()
