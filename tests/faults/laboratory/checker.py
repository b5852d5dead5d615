"""People's own accounts of their rooms against the log.

Acknowledged is stored; stored is so once, in the order of sending; what a seat may see it was
shown, all of it and in the order of the log, held answers too once their round was over; nothing
came early; every chain proves itself; whoever looks again sees the same.
"""

import asyncio
import datetime as dt
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from websockets.asyncio.client import connect

from analysis.dataset import chain
from analysis.dataset.moments import iso_ms
from arena.clock import Rate
from arena.event_kinds import BODIES
from arena.rehearsal import keeping_time
from arena.rehearsal.faults import Fault, Finding, Found, Patience
from arena.rehearsal.record import LoggedEvent, Planned, RoomRecord
from arena.rules import EventKind, TimerKind
from tests.faults.laboratory.crowd import Crowd, Place
from tests.faults.laboratory.house import SPEED, House
from tests.faults.laboratory.person import Person
from tests.kit.wire import Frame

#: What of an event is shown, by its kind.
_SHOWN = {
    "message": ("text",),
    "held": ("text",),
    "belief": ("p",),
    "belief_asked": (),
    "tag": ("event", "strategies"),
    "verdict": ("human", "confidence", "reason"),
}
#: Nothing is called late here but what never came: every server was away for a while.
_PATIENCE = Patience(late_s=float("inf"), speed=SPEED, downs=())
#: How many connections look again at once.
N_READERS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """An event as the database has it."""

    room: str
    seq: int
    id: str
    at: dt.datetime
    kind: str
    seat: str
    pane: str
    command: str | None
    body: dict[str, Any]
    raw: dict[str, Any]

    @property
    def client_id(self) -> str:
        """The client's own id of the command that it answers."""
        return (self.command or "").removeprefix("c:")


@dataclass(slots=True, kw_only=True)
class Sums:
    """What was done and seen, in numbers that may be added up over runs."""

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


async def check(crowd: Crowd, *, is_over: bool = True) -> tuple[Sums, list[Finding]]:
    """What the accounts of a crowd show; where rooms did not all end, only of what is promised."""
    sums, findings = Sums(), list(crowd.findings)
    logs, timers = await asyncio.to_thread(lambda: (_logs(crowd.house), _timers(crowd.house)))
    for place in crowd.places:
        log = logs.get(place.code, [])
        found = [*_promises(place, log)]
        if is_over:
            found += [*_ends(place, log, timers.get(place.code, []))]
        findings += [Finding(fault=fault, room=place.code, what=what) for fault, what in found]
        _add(sums, place, log, crowd.house.rate)
    if is_over:
        findings += await _look_again(crowd, logs)
    for study in crowd.studies:
        code, printed = crowd.house.nursery.run("study", "verify", study)
        if code != 0:
            findings.append(Finding(fault=Fault.LOST, room="(all)", what=printed.strip()))
    return sums, findings


def _logs(house: House) -> dict[str, list[Stored]]:
    rows = house.rows(
        "SELECT r.code AS room, e.seq, e.public_id, e.at, e.kind, e.seat, e.pane, e.command_id, "
        "e.body, e.salt, e.body_sha256, e.prev, e.hash "
        "FROM arena_event e JOIN arena_room r ON r.id = e.room_id ORDER BY e.room_id, e.seq"
    )
    logs: dict[str, list[Stored]] = {}
    for row in rows:
        event = Stored(
            **{name: row[name] for name in ("room", "seq", "kind", "seat", "pane")},
            id=row["public_id"],
            at=_moment(row["at"]),
            command=row["command_id"],
            body=json.loads(row["body"]),
            raw=row,
        )
        logs.setdefault(event.room, []).append(event)
    return logs


def _timers(house: House) -> dict[str, list[Planned]]:
    rows = house.rows(
        "SELECT r.code, t.kind, t.key, t.outcome, coalesce(s.name, '') AS seat, t.due_at, t.done_at "
        "FROM arena_timer t JOIN arena_room r ON r.id = t.room_id "
        "LEFT JOIN arena_seat s ON s.id = t.seat_id ORDER BY t.id"
    )
    timers: dict[str, list[Planned]] = {}
    for row in rows:
        done_at = row["done_at"]
        planned = Planned(
            kind=TimerKind(row["kind"]),
            due_at=_moment(row["due_at"]).timestamp(),
            done_at=None if done_at is None else _moment(done_at).timestamp(),
            **{name: row[name] for name in ("key", "outcome", "seat")},
        )
        timers.setdefault(row["code"], []).append(planned)
    return timers


def _moment(stored: str | dt.datetime) -> dt.datetime:
    """SQLite keeps moments as text in UTC."""
    if isinstance(stored, str):
        return dt.datetime.fromisoformat(stored).replace(tzinfo=dt.UTC)
    return stored.astimezone(dt.UTC)


def _promises(place: Place, log: Sequence[Stored]) -> Found:
    yield from _chained(log)
    yield from _times(log)
    yield from _rounds(log)
    for seat, person in place.people:
        yield from person.faults
        yield from _promised(person, log, seat=seat)


def _ends(place: Place, log: Sequence[Stored], timers: Sequence[Planned]) -> Found:
    for seat, person in place.people:
        yield from _compared(person.shown, log, seat=seat, what="shown")
    record = _record(place, log, timers)
    yield from keeping_time.replies(record, _PATIENCE)
    yield from keeping_time.deadlines(record, place.design, _PATIENCE)
    yield from keeping_time.repeats(record)


def _chained(log: Sequence[Stored]) -> Found:
    lines = (
        {
            "room": event.room,
            "seq": event.seq,
            "id": event.id,
            "at": iso_ms(event.at),
            "kind": event.kind,
            "seat": event.seat,
            "pane": event.pane,
            "command": event.command,
            "body": event.body,
            **{name: event.raw[name] for name in ("salt", "body_sha256", "prev", "hash")},
        }
        for event in log
    )
    if (broken := chain.first_break(lines)) is not None:
        yield Fault.LOST, str(broken)


def _times(log: Sequence[Stored]) -> Found:
    for before, event in zip(log, log[1:], strict=False):
        if event.at < before.at:
            yield Fault.EARLY, f"event {event.seq} is older than the one before it"


def _rounds(log: Sequence[Stored]) -> Found:
    """What was held in a round is said at its end, once and not before."""
    said = Counter(event.body["held"] for event in log if event.body.get("held"))
    for held, n in said.items():
        if n > 1:
            yield Fault.DOUBLED, f"the held answer {held} was said {n} times"
    ends_at: dt.datetime | None = None
    held_now: list[str] = []
    for event in log:
        if event.kind == "held":
            if ends_at is None:
                yield Fault.EARLY, f"answer {event.seq} is held in no round"
            held_now.append(event.id)
        elif event.kind == "round" and event.body["ends_at"] is not None:
            ends_at, held_now = dt.datetime.fromisoformat(event.body["ends_at"]), []
        elif event.kind == "round":
            if ends_at is not None and event.at < ends_at - dt.timedelta(milliseconds=1):
                yield Fault.EARLY, f"the round that event {event.seq} closes had not ended"
            for each in held_now:
                if each not in said:
                    yield Fault.LOST, f"the held answer {each} was never shown, its round is over"
            ends_at, held_now = None, []


def _promised(person: Person, log: Sequence[Stored], *, seat: str) -> Found:
    """What was acknowledged is stored, once and in order; what was refused is not."""
    mine = [event for event in log if event.client_id in person.sent]
    by_id = {event.client_id: event for event in mine}
    for client_id, event_id in person.acks.items():
        stored = by_id.get(client_id)
        if stored is None or stored.id != event_id:
            yield Fault.LOST, f"the acknowledged {person.sent[client_id]} is not in the log"
        elif stored.seat != seat and seat:
            yield Fault.LEAKED, f"event {stored.seq} of the {seat} is logged as {stored.seat}'s"
        elif (text := person.sent[client_id].get("text")) is not None:
            if stored.body.get("text") != text:
                yield Fault.LOST, f"event {stored.seq} has not the words of {text!r}"
    for client_id, n in Counter(event.client_id for event in mine).items():
        if n > 1:
            yield Fault.DOUBLED, f"command {client_id} is stored {n} times"
    for client_id in person.refused:
        if client_id in by_id:
            yield Fault.DOUBLED, f"command {client_id} was refused and is stored"
    order = [event.client_id for event in mine if event.client_id not in person.put_off]
    wanted = [each for each in person.sent if each in by_id and each not in person.put_off]
    if order != wanted:
        yield Fault.LOST, f"what the {seat or 'stand-in'} sent is stored in another order"


def owed(log: Sequence[Stored], seat: str) -> Iterator[Frame]:
    """The event frames that a seat is owed, oldest first, by the protocol alone."""
    for event in log:
        if event.kind not in _SHOWN or not _is_for(event, seat):
            continue
        yield {
            "is": "event",
            "id": event.id,
            "at": event.at.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "kind": "message" if event.kind == "held" else event.kind,
            **({"pane": event.pane} if seat == "interrogator" and event.pane else {}),
            "from": "me" if event.seat == seat else "them",
            **{name: event.body[name] for name in _SHOWN[event.kind]},
        }


def _is_for(event: Stored, seat: str) -> bool:
    if seat == "interrogator":
        return event.kind != "held"
    if event.pane != seat or event.kind not in ("message", "held"):
        return False
    # What a witness said is shown to it when it was held, and not again.
    return event.kind == "held" or "held" not in event.body or event.body["held"] is None


def _compared(shown: dict[str, Frame], log: Sequence[Stored], *, seat: str, what: str) -> Found:
    wanted = {frame["id"]: frame for frame in owed(log, seat)}
    if missing := [each for each in wanted if each not in shown]:
        yield Fault.LOST, f"{len(missing)} of {len(wanted)} events were never {what} to {seat}"
    if foreign := [each for each in shown if each not in wanted]:
        stored = {event.id for event in log}
        gone = sum(each not in stored for each in foreign)
        yield Fault.EARLY, f"{len(foreign)} events {what} to {seat} are not its own; {gone} of none"
    both = [each for each in wanted if each in shown]
    if both != [each for each in shown if each in wanted]:
        yield Fault.LOST, f"events were {what} to {seat} in another order than that of the log"
    if different := [each for each in both if shown[each] != wanted[each]]:
        first = different[0]
        yield Fault.LOST, f"{what} to {seat}: {shown[first]}, but the log says {wanted[first]}"


async def _look_again(crowd: Crowd, logs: dict[str, list[Stored]]) -> list[Finding]:
    """Have each seat read its whole room over a new socket."""
    at_once = asyncio.Semaphore(N_READERS)

    async def look(place: Place, seat: str, person: Person) -> list[Finding]:
        async with at_once, asyncio.timeout(crowd.patience_s):
            again = await _reread(person)
        found = _compared(again, logs.get(place.code, []), seat=seat, what="shown again")
        return [Finding(fault=fault, room=place.code, what=what) for fault, what in found]

    looks = [look(place, *each) for place in crowd.places for each in place.people]
    return [finding for found in await asyncio.gather(*looks) for finding in found]


async def _reread(person: Person) -> dict[str, Frame]:
    """Everything a seat may see, from the newest page back to the first."""
    pages: list[list[Frame]] = []
    async with connect(
        person.way().url, additional_headers=person.headers, compression=None, proxy=None
    ) as line:
        command: Frame = {"do": "sync", "after": None}
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


def _record(place: Place, log: Sequence[Stored], timers: Sequence[Planned]) -> RoomRecord:
    """The room as rehearsals check its timers."""
    events = [
        LoggedEvent(
            seq=event.seq,
            public_id=event.id,
            at=event.at.timestamp(),
            seat=event.seat,
            pane=event.pane,
            command_id=event.command,
            body=BODIES[EventKind(event.kind)].from_stored(event.raw["body"]),
        )
        for event in log
    ]
    if place.design.format == "three_party":
        machine_pane = "B" if place.human_pane == "A" else "A"
    else:
        machine_pane = "" if place.human_pane else "A"
    people: Any = None  # the laboratory's own lines are looked at above
    return RoomRecord(
        code=place.code,
        machine_pane=machine_pane,
        events=events,
        timers=timers,
        interrogator=people,
        witness=people,
    )


def _add(sums: Sums, place: Place, log: Sequence[Stored], rate: Rate) -> None:
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
        sums.cut_stored += sum(at.get(each, float("inf")) <= cut for each, cut in person.cut.items())
