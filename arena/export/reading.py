"""From the logs of rooms to the rows of the tables. Reads each event once, in order."""

import dataclasses
from collections import deque
from collections.abc import Iterable, Iterator, Mapping

import pyarrow as pa

from analysis.dataset import chain
from arena.event_kinds import BODIES, Belief, Body, Held, Tag, Typed, Verdict, Withheld
from arena.events import body_of
from arena.events.chains import ChainedEvent
from arena.export.batch import Batch
from arena.export.live_clock import LiveClock, since_1970_ms
from arena.export.occupants import Occupants
from arena.export.tables import Row, table_of
from arena.export.visits import Visits
from arena.queries import study_file
from arena.rules import EventKind, SeatName

_MESSAGE, _INTERROGATOR = EventKind.MESSAGE, SeatName.INTERROGATOR
_BY_COLUMN = {EventKind.MESSAGE, EventKind.MACHINE_CALL}
#: The kinds that rows are made of one by one, with the class and the table of each.
_EXPORTED: Mapping[str, tuple[type[Body], str]] = {
    kind: (body, body.exported_as)
    for kind, body in BODIES.items()
    if body.exported_as is not None and kind not in _BY_COLUMN
}


def read(batch: Batch, readings: Mapping[int, "Reading"]) -> Iterator[tuple[str, pa.Table]]:
    """The rows that some events make, given the reading of each room by its id."""
    elapsed_ms: list[int | None] = []
    kinds: list[str] = []
    written_ms: list[int] = []
    rows: dict[str, list[Row]] = {}
    of = batch.cells
    events = zip(of.room_id, of.kind, of.seat, of.seq, batch.at_ms(), strict=True)
    for n, (room_id, kind, seat, seq, at) in enumerate(events):
        reading = readings[room_id]
        reading.hear(kind, seat, at, seq=seq)
        elapsed_ms.append(reading.elapsed_ms)
        kinds.append(reading.kinds.get(seat, ""))
        held = body_of(batch.event(n), Held) if kind == EventKind.HELD else None
        written_ms.append(reading.written(kind, seat, held))
        if kind in _EXPORTED and (row := reading.row(batch.event(n))):
            rows.setdefault(_EXPORTED[kind][1], []).append(row)
    yield "messages", batch.messages(elapsed_ms, kinds, written_ms)
    yield "machine_calls", batch.machine_calls()
    yield from ((name, table_of(name, found)) for name, found in rows.items())


def last_tables(readings: Iterable["Reading"]) -> Iterator[tuple[str, pa.Table]]:
    """The rows that need the whole logs of rooms."""
    rows: dict[str, list[Row]] = {}
    for reading in readings:
        for name, row in reading.last_rows():
            rows.setdefault(name, []).append(row)
    yield from ((name, table_of(name, found)) for name, found in rows.items())


class Reading:
    """Goes through a room's events: what each adds to the tables, and what their whole does."""

    def __init__(self, who: Occupants) -> None:
        self._room, self._who = who.room, who
        self.kinds = who.kinds
        self._clock, self._visits = LiveClock(), Visits()
        # By seat, when what is not shown yet was written, and the number of its event.
        self._written: dict[str, deque[tuple[int, int]]] = {}
        self._shown_as: dict[int, int] = {}  # of what was held, the number of its message
        self._typing: list[tuple[int, Row]] = []
        self._tags: dict[str, list[Row]] = {}
        self._n_messages = self._n_messages_all = 0
        self._at = self._seq = 0
        self._unsealed_at: int | None = None
        self.elapsed_ms: int | None = None

    def hear(self, kind: str, seat: str, at: int, *, seq: int) -> None:
        """Take note of the next event, at a moment in milliseconds since 1970."""
        self._clock.hear(kind, at)
        self._seq = seq
        self._at, self.elapsed_ms = at, self._clock.elapsed_ms(at)
        self._visits.hear(kind, seat, at=at, elapsed_ms=self.elapsed_ms)
        if kind == EventKind.UNSEALED and self._unsealed_at is None:
            self._unsealed_at = at
        if kind == _MESSAGE:
            self._n_messages_all += 1
            self._n_messages += seat == _INTERROGATOR

    def written(self, kind: str, seat: str, held: Held | None) -> int:
        """When the words of the event heard last were written, in milliseconds since 1970.

        What a seat holds is shown in the order of its writing, so the first held is shown first.
        """
        waiting = self._written.setdefault(seat, deque())
        if kind == EventKind.HELD:
            at = None if held is None else held.written_at
            waiting.append((self._at if at is None else since_1970_ms(at), self._seq))
            return waiting[-1][0]
        if kind != _MESSAGE or not waiting:
            return self._at
        written, held_as = waiting.popleft()
        self._shown_as[held_as] = self._seq
        return written

    def row(self, event: ChainedEvent) -> Row | None:
        """The row that the event heard last makes, if any.

        An erased belief or verdict has no row: nothing of what it said is left, and its event
        stays in the chain.
        """
        of, _ = _EXPORTED[event.kind]
        match body_of(event, of):
            case Belief() as belief:
                return self._belief(event, belief)
            case Verdict() as verdict:
                return self._verdict(event, verdict)
            case Tag() as tag:
                self._tag(event, tag)
            case Withheld() as withheld:
                return self._withheld(event, withheld)
            case Typed() as typed:
                own = {"seat": event.seat, **dataclasses.asdict(typed)}
                self._typing.append((typed.message, {**self._stamp(event), **own}))
        return None

    def last_rows(self) -> Iterator[tuple[str, Row]]:
        """The rows that need the whole log, each with its table."""
        yield "rooms", self._room_row()
        yield from (("seats", row) for row in self._who.rows())
        yield from (("strategies", row) for rows in self._tags.values() for row in rows)
        yield from (("visits", row) for row in self._visits.rows(self._room.code))
        for said, row in self._typing:
            yield "typing", {**row, "message": self._shown_as.get(said, said)}

    def _stamp(self, event: ChainedEvent) -> Row:
        return {
            "room": self._room.code,
            "event": event.public_id,
            "seq": event.seq,
            "at": self._at,
            "elapsed_ms": self.elapsed_ms,
        }

    def _belief(self, event: ChainedEvent, belief: Belief) -> Row:
        return {
            **self._stamp(event),
            "n_messages": self._n_messages,
            "p": belief.p,
            "p_true": belief.p if self._who.human_pane == SeatName.A else 1 - belief.p,
        }

    def _verdict(self, event: ChainedEvent, verdict: Verdict) -> Row:
        human = chain.canonical(verdict.human).decode().strip('"')
        return {
            **self._stamp(event),
            "n_messages": self._n_messages,
            "human": human,
            "correct": human == self._who.verdict_when_right,
            "confidence": verdict.confidence,
            "reason": verdict.reason,
        }

    def _withheld(self, event: ChainedEvent, withheld: Withheld) -> Row:
        return {
            **self._stamp(event),
            "seat": event.seat,
            "why": withheld.why,
            "upto": withheld.upto,
        }

    def _tag(self, event: ChainedEvent, tag: Tag) -> None:
        """Let a message's newest tag stand in place of its earlier ones."""
        self._tags.pop(tag.event, None)
        self._tags[tag.event] = [
            {
                "room": self._room.code,
                "message": tag.event,
                "event": event.public_id,
                "at": self._at,
                "elapsed_ms": self.elapsed_ms,
                "strategy": strategy,
                "coder": self._who.interrogator,
                "source": "interrogator",
            }
            for strategy in dict.fromkeys(tag.strategies)
        ]

    def _room_row(self) -> Row:
        room, who = self._room, self._who
        if room.ended_at is None:
            raise ValueError(f"Room {room.code} has not ended; only ended rooms are exported.")
        ended_at = since_1970_ms(room.ended_at)
        return {
            "room": room.code,
            "study": room.study.slug,
            "study_sha256": room.study_sha256,
            "format": room.study.format,
            "profile": who.profile,
            "human_pane": who.human_pane,
            "witness_kind": who.witness_kind,
            "interrogator": who.interrogator,
            "human_witness": who.human_witness,
            "created_at": room.created_at,
            "started_at": room.started_at,
            "ends_at": room.ends_at,
            "ended_at": room.ended_at,
            "duration_ms": study_file(room).duration_s * 1000,
            "elapsed_ms": self._clock.elapsed_ms(ended_at),
            "paused_ms": self._clock.paused_ms(ended_at),
            "end_reason": room.end_reason,
            "ended_by": room.ended_by,
            "n_messages": self._n_messages,
            "n_messages_all": self._n_messages_all,
            "seal": room.seal,
            "simulated": room.study.simulated,
            "unsealed_at": self._unsealed_at,
        }
