"""What the database of a house holds, read by queries of the laboratory's own."""

import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from analysis.dataset.moments import iso_ms
from arena.event_kinds import BODIES
from arena.rehearsal.record import LoggedEvent, Planned, RoomRecord
from arena.rules import EventKind, TimerKind
from tests.faults.laboratory.house import House

_EVENTS = """
SELECT r.code AS room, e.seq, e.public_id, e.at, e.kind, e.seat, e.pane, e.command_id, e.body,
       e.salt, e.body_sha256, e.prev, e.hash
FROM arena_event e JOIN arena_room r ON r.id = e.room_id ORDER BY e.room_id, e.seq
"""
_TIMERS = """
SELECT r.code, t.kind, t.key, t.outcome, coalesce(s.name, '') AS seat, t.due_at, t.done_at
FROM arena_timer t JOIN arena_room r ON r.id = t.room_id
LEFT JOIN arena_seat s ON s.id = t.seat_id ORDER BY t.id
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """An event as the database has it; `proof` is its salt, digests, and its body as text."""

    room: str
    seq: int
    id: str
    at: dt.datetime
    kind: str
    seat: str
    pane: str
    command: str | None
    body: dict[str, Any]
    proof: dict[str, str]

    @property
    def client_id(self) -> str:
        """The client's own id of the command that it answers."""
        return (self.command or "").removeprefix("c:")

    @property
    def line(self) -> dict[str, object]:
        """The event as `analysis.dataset.chain.first_break` takes it."""
        fields = ("room", "seq", "id", "kind", "seat", "pane", "command", "body")
        own = {name: getattr(self, name) for name in fields}
        return {**self.proof, **own, "at": iso_ms(self.at)}


def logs(house: House) -> dict[str, list[Stored]]:
    """The log of every room, by its code."""
    found: dict[str, list[Stored]] = {}
    for row in house.rows(_EVENTS):
        event = Stored(
            **{name: row[name] for name in ("room", "seq", "kind", "seat", "pane")},
            id=row["public_id"],
            at=_moment(row["at"]),
            command=row["command_id"],
            body=json.loads(row["body"]),
            proof={name: row[name] for name in ("body", "salt", "body_sha256", "prev", "hash")},
        )
        found.setdefault(event.room, []).append(event)
    return found


def timers(house: House) -> dict[str, list[Planned]]:
    """The timers of every room, by its code."""
    found: dict[str, list[Planned]] = {}
    for row in house.rows(_TIMERS):
        done_at = row["done_at"]
        planned = Planned(
            kind=TimerKind(row["kind"]),
            due_at=_moment(row["due_at"]).timestamp(),
            done_at=None if done_at is None else _moment(done_at).timestamp(),
            **{name: row[name] for name in ("key", "outcome", "seat")},
        )
        found.setdefault(row["code"], []).append(planned)
    return found


def _moment(stored: str | dt.datetime) -> dt.datetime:
    """SQLite keeps moments as text in UTC."""
    if isinstance(stored, str):
        return dt.datetime.fromisoformat(stored).replace(tzinfo=dt.UTC)
    return stored.astimezone(dt.UTC)


def record(
    code: str, machine_pane: str, log: Sequence[Stored], planned: Sequence[Planned]
) -> RoomRecord:
    """A room as rehearsals check its timers."""
    events = [
        LoggedEvent(
            seq=event.seq,
            public_id=event.id,
            at=event.at.timestamp(),
            seat=event.seat,
            pane=event.pane,
            command_id=event.command,
            body=BODIES[EventKind(event.kind)].from_stored(event.proof["body"]),
        )
        for event in log
    ]
    people: Any = None  # the laboratory's own people have other accounts
    return RoomRecord(
        code=code,
        machine_pane=machine_pane,
        events=events,
        timers=planned,
        interrogator=people,
        witness=people,
    )
