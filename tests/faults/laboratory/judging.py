"""What a whole crowd's accounts come to: the faults in them, and the counts."""

import asyncio
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from websockets.asyncio.client import connect

from arena.clock import Rate
from arena.rehearsal import keeping_time
from arena.rehearsal.faults import Fault, Finding, Found, Patience
from arena.rehearsal.record import Planned
from tests.faults.laboratory.checker import compared, logged, promised
from tests.faults.laboratory.crowd import Crowd, Place
from tests.faults.laboratory.house import SPEED
from tests.faults.laboratory.person import Person
from tests.faults.laboratory.stored import Stored, logs, record, timers
from tests.kit.wire import Frame

#: Nothing is called late here but what never came: every server was away for a while.
_PATIENCE = Patience(late_s=float("inf"), speed=SPEED, downs=())
#: How many connections look again at once.
N_READERS = 20


@dataclass(slots=True, kw_only=True)
class Sums:
    """What was seen, in numbers that may be added up over runs."""

    rooms: int = 0
    people: int = 0
    connections: int = 0
    sent: int = 0
    acknowledged: int = 0
    refused: int = 0
    cut: int = 0  # commands whose line was lost before their answer came
    cut_stored: int = 0  # those of them that were stored by then: only the answer was lost
    put_off: int = 0  # commands that heard `log.busy`, or were sent together with one that did
    stored: int = 0
    shown: int = 0
    held: int = 0
    rounds: int = 0


async def judge(crowd: Crowd, *, is_over: bool) -> tuple[Sums, list[Finding]]:
    """Hold the accounts of a crowd against the log; where rooms go on, only what was promised."""
    sums, findings = Sums(), list(crowd.findings)
    log_of = await asyncio.to_thread(logs, crowd.house)
    planned = await asyncio.to_thread(timers, crowd.house)
    for place in crowd.places:
        log = log_of.get(place.code, [])
        found = list(_promises(place, log))
        if is_over:
            found += _ends(place, log, planned.get(place.code, []))
        findings += _findings(place, found)
        _count(sums, place, log, crowd.house.rate)
    if is_over:
        findings += await _look_again(crowd, log_of)
        findings += _verified(crowd)
    return sums, findings


def _verified(crowd: Crowd) -> Iterator[Finding]:
    """The chains and seals, as `study verify` sees them."""
    for study in crowd.studies:
        code, printed = crowd.house.nursery.run("study", "verify", study)
        if code != 0:
            yield Finding(fault=Fault.LOST, room="(all)", what=printed.strip())


def _findings(place: Place, found: Sequence[tuple[Fault, str]]) -> Iterator[Finding]:
    return (Finding(fault=fault, room=place.code, what=what) for fault, what in found)


def _promises(place: Place, log: Sequence[Stored]) -> Found:
    yield from logged(log)
    for seat, person in place.people:
        yield from person.faults
        yield from promised(person, log, seat=seat)


def _ends(place: Place, log: Sequence[Stored], planned: Sequence[Planned]) -> Found:
    for seat, person in place.people:
        yield from compared(person.shown, log, seat=seat, what="shown")
    kept = record(place.code, place.machine_pane, log, planned)
    yield from keeping_time.replies(kept, _PATIENCE)
    yield from keeping_time.deadlines(kept, place.design, _PATIENCE)
    yield from keeping_time.repeats(kept)


async def _look_again(crowd: Crowd, log_of: dict[str, list[Stored]]) -> list[Finding]:
    """Have each seat read its whole room over a new socket."""
    at_once = asyncio.Semaphore(N_READERS)

    async def look(place: Place, seat: str, person: Person) -> Iterator[Finding]:
        async with at_once, asyncio.timeout(crowd.patience_s):
            again = await _reread(person)
        log = log_of.get(place.code, [])
        return _findings(place, list(compared(again, log, seat=seat, what="shown again")))

    looks = [look(place, *each) for place in crowd.places for each in place.people]
    return [finding for found in await asyncio.gather(*looks) for finding in found]


async def _reread(person: Person) -> dict[str, Frame]:
    """Everything a seat may see, from the newest page back to the first."""
    pages: list[list[Frame]] = []
    command: Frame = {"do": "sync", "after": None}
    way = person.way()
    # How long it may take is for the caller to say.
    async with connect(
        way.url,
        additional_headers=person.headers,
        compression=None,
        proxy=None,
        open_timeout=None,
    ) as line:
        while True:
            await line.send(json.dumps(command))
            pages.append([])
            while (frame := json.loads(await line.recv()))["is"] != "synced":
                if frame["is"] == "event":
                    pages[-1].append(frame)
            if not frame["earlier"]:
                break
            command = {"do": "history", "before": pages[-1][0]["id"], "limit": 200}
    return {frame["id"]: frame for page in reversed(pages) for frame in page}


def _count(sums: Sums, place: Place, log: Sequence[Stored], rate: Rate) -> None:
    sums.rooms += 1
    sums.stored += len(log)
    sums.held += sum(event.kind == "held" for event in log)
    sums.rounds += sum(event.kind == "round" and event.body["ends_at"] is None for event in log)
    at = {event.client_id: rate.real(event.at.timestamp()) for event in log if event.command}
    for _, person in place.people:
        sums.people += 1
        sums.connections += person.n_connections
        sums.sent += len(person.sent)
        sums.acknowledged += len(person.acks)
        sums.refused += len(person.refused)
        sums.put_off += len(person.put_off)
        sums.shown += len(person.shown)
        sums.cut += len(person.cut)
        sums.cut_stored += sum(
            at.get(each, float("inf")) <= cut for each, cut in person.cut.items()
        )
