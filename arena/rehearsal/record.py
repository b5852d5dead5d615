"""All accounts of a room: its log and timers as the database has them, and its people's lines."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from arena.event_kinds import BODIES, Body, Message
from arena.rehearsal.connection import SeatConnection
from arena.rehearsal.stage import Stage
from arena.rules import EventKind, SeatName, TimerKind


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedEvent:
    """An event as the log has it; `at` in seconds since 1970."""

    seq: int
    public_id: str
    at: float
    seat: str
    pane: str
    command_id: str | None
    body: Body

    @property
    def kind(self) -> EventKind:
        return self.body.kind

    @property
    def is_asked(self) -> bool:
        """Whether it is a message of the interrogator."""
        return self.kind == EventKind.MESSAGE and self.seat == SeatName.INTERROGATOR

    @property
    def is_round_end(self) -> bool:
        """Whether it is a message that was said before, and held."""
        return isinstance(self.body, Message) and self.body.held is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """A timer; its moments in seconds since 1970."""

    kind: TimerKind
    key: str
    outcome: str
    seat: str
    due_at: float
    done_at: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomRecord:
    """All accounts of one room."""

    code: str
    machine_pane: str
    events: Sequence[LoggedEvent]
    timers: Sequence[Planned]
    interrogator: SeatConnection
    witness: SeatConnection

    def all_of(self, *kinds: EventKind) -> Iterator[LoggedEvent]:
        """The events of some kinds, in the order of the log."""
        return (event for event in self.events if event.kind in kinds)

    def at(self, kind: EventKind) -> float | None:
        """When something first happened."""
        return next((event.at for event in self.all_of(kind)), None)

    @property
    def ended(self) -> bool:
        return self.at(EventKind.ENDED) is not None

    @property
    def paused_s(self) -> float:
        """How long the room stood still."""
        paused_at, total_s = None, 0.0
        for event in self.all_of(EventKind.PAUSED, EventKind.RESUMED):
            if event.kind == EventKind.PAUSED:
                paused_at = event.at
            elif paused_at is not None:
                total_s, paused_at = total_s + event.at - paused_at, None
        return total_s


_EVENTS = """
SELECT e.seq, e.public_id, e.kind, e.seat, e.pane, e.body, e.command_id,
       (julianday(e.at) - 2440587.5) * 86400.0 AS at
FROM arena_event e JOIN arena_room r ON r.id = e.room_id WHERE r.code = ? ORDER BY e.seq
"""
_TIMERS = """
SELECT t.kind, t.key, t.outcome, coalesce(s.name, '') AS seat,
       (julianday(t.due_at) - 2440587.5) * 86400.0 AS due_at,
       (julianday(t.done_at) - 2440587.5) * 86400.0 AS done_at
FROM arena_timer t JOIN arena_room r ON r.id = t.room_id
LEFT JOIN arena_seat s ON s.id = t.seat_id WHERE r.code = ? ORDER BY t.id
"""
_MACHINE = """
SELECT s.name FROM arena_seat s JOIN arena_room r ON r.id = s.room_id
WHERE s.kind = 'machine' AND r.code = ?
"""


def read_record(
    own: Stage, code: str, *, interrogator: SeatConnection, witness: SeatConnection
) -> RoomRecord:
    """The accounts of a room, its own only."""
    events = own.rows(_EVENTS, code)
    bodies = [BODIES[EventKind(row.pop("kind"))].from_stored(row.pop("body")) for row in events]
    return RoomRecord(
        code=code,
        machine_pane="".join(row["name"] for row in own.rows(_MACHINE, code)),
        events=[LoggedEvent(body=body, **row) for body, row in zip(bodies, events, strict=True)],
        timers=[Planned(kind=TimerKind(row.pop("kind")), **row) for row in own.rows(_TIMERS, code)],
        interrogator=interrogator,
        witness=witness,
    )
