"""Every page of both seats of a room, before and while it is live, byte for byte."""

import hashlib
import statistics
from collections import Counter
from collections.abc import Sequence

from arena.leaktest.browser import Browser, Visit
from arena.leaktest.choosing import Twins
from arena.leaktest.room import MatchedRoom, OpenRoom
from arena.leaktest.traits import Described

PAGES = ("", "settings/", "help/", "withdraw/", "debrief/")


class Visitors:
    """The browsers of both seats of one room, and what they were shown."""

    def __init__(self, room: OpenRoom, port: int) -> None:
        self.room = room
        self.browsers = {"interrogator": Browser(port), "witness": Browser(port)}
        self.addresses = {seat: f"{room.code}-{seat}@example.org" for seat in self.browsers}
        self.visits: dict[str, Visit] = {}

    async def join(self) -> None:
        """Open both links and take both seats."""
        tokens = {"interrogator": self.room.interrogator, "witness": self.room.witness}
        for seat, browser in self.browsers.items():
            path = f"/join/{tokens[seat]}/"
            shown = self._note(f"{seat}:link", await browser.get(path))
            self._note(f"{seat}:join", await browser.post(path, **shown.fields))

    async def look_around(self, phase: str) -> None:
        """Open every page of both seats."""
        for seat, browser in self.browsers.items():
            for page in PAGES:
                visit = await browser.get(f"/room/{self.room.code}/{page}")
                self._note(f"{seat}:{phase}:{page}", visit)

    def take_seats(self, matched: MatchedRoom) -> None:
        """Let the sockets of a room come from these browsers."""
        lines = {"interrogator": matched.asker, "witness": matched.person.line}
        for seat, line in lines.items():
            line.come_from(self.browsers[seat])

    def _note(self, name: str, visit: Visit) -> Visit:
        known = (self.room.code, self.room.interrogator, self.room.witness)
        self.visits[name] = visit.masked(*known)
        return visit

    def traits(self) -> Described:
        """The room as its pages show it: status, headers, sizes and every line."""
        described: Described = {}
        for name, visit in self.visits.items():
            described[f"{name}:status:{visit.status}"] = 1.0
            described[f"{name}:order:{','.join(key for key, _ in visit.headers)}"] = 1.0
            described[f"{name}:bytes"] = float(len(visit.body.encode()))
            lines = Counter([*visit.body.splitlines(), *(f"{k}: {v}" for k, v in visit.headers)])
            for line, n in lines.items():
                digest = hashlib.sha256(line.encode()).hexdigest()[:12]
                described[f"{name}:{digest}"] = float(n)
        return described


def by_room(described: Sequence[Described], machines: Sequence[str]) -> list[Twins]:
    """Rooms of which it is asked whether the machine sits in pane A.

    A trait of the whole room speaks for one of the two assignments: for the machine's being in A as
    it stands, and for its being in B with the other sign. What is the same everywhere is left out.
    """
    names = {name for each in described for name in each}
    means = {n: statistics.fmean(each.get(n, 0.0) for each in described) for n in names}
    varied = [n for n in sorted(names) if len({each.get(n, 0.0) for each in described}) > 1]
    found = []
    for each, machine in zip(described, machines, strict=True):
        in_a = {name: each.get(name, 0.0) - means[name] for name in varied}
        in_b = {name: -value for name, value in in_a.items()}
        twins = (
            Twins(machine=in_a, human=in_b) if machine == "A" else Twins(machine=in_b, human=in_a)
        )
        found.append(twins)
    return found
