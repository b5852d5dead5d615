"""From one room's log to the rows of the tables. Reads each event once, in order."""

from collections.abc import Iterator

from analysis.dataset import chain
from arena.event_kinds import BODIES, Belief, Body, MachineCall, Message, Tag, Verdict
from arena.events import body_of
from arena.export.live_clock import LiveClock
from arena.export.occupants import Occupants
from arena.export.tables import Row
from arena.export.visits import Visits
from arena.models import Event, Room
from arena.queries import study_file
from arena.rules import EventKind, SeatName

#: A row and the table it belongs to.
TableRow = tuple[str, Row]


class Reading:
    """Goes through a room's events and yields the rows that follow from each."""

    def __init__(self, room: Room) -> None:
        self._room, self._who = room, Occupants.of(room)
        self._clock, self._visits = LiveClock(), Visits()
        self._tags: dict[str, list[Row]] = {}
        self._n_messages = self._n_messages_all = 0

    def rows(self, event: Event) -> Iterator[TableRow]:
        """The rows that this event makes.

        An erased belief or verdict has no row: nothing of what it said is left, and its event
        stays in the chain.
        """
        self._clock.hear(event.kind, event.at)
        self._visits.hear(event, self._clock.elapsed_ms(event.at))
        of = BODIES[EventKind(event.kind)]
        if of.exported_as is None:
            return
        if of is Message:
            self._n_messages_all += 1
            self._n_messages += event.seat == SeatName.INTERROGATOR
        row = self._row(event, body_of(event, of))
        if row is not None:
            yield of.exported_as, row

    def _row(self, event: Event, body: Body | None) -> Row | None:
        """The row of an event, unless only the whole log can give it."""
        match body:
            case Message():
                return self._message(event, body.text)
            case None if event.kind == EventKind.MESSAGE:
                return self._message(event, "")
            case Belief():
                return self._belief(event, body)
            case Verdict():
                return self._verdict(event, body)
            case MachineCall():
                return self._machine_call(event, body)
            case Tag():
                self._tag(event, body)
        return None

    def last_rows(self) -> Iterator[TableRow]:
        """The rows that need the whole log."""
        yield "rooms", self._room_row()
        yield from (("seats", row) for row in self._who.rows())
        yield from (("strategies", row) for rows in self._tags.values() for row in rows)
        yield from (("visits", row) for row in self._visits.rows(self._room.code))

    def _stamp(self, event: Event) -> Row:
        return {
            "room": self._room.code,
            "event": event.public_id,
            "seq": event.seq,
            "at": event.at,
            "elapsed_ms": self._clock.elapsed_ms(event.at),
        }

    def _message(self, event: Event, text: str) -> Row:
        return {
            **self._stamp(event),
            "pane": event.pane,
            "seat": event.seat,
            "kind": self._who.kind(event.seat),
            "text": text,
            "n_chars": len(text),
            "erased": event.body is None,
        }

    def _belief(self, event: Event, belief: Belief) -> Row:
        return {
            **self._stamp(event),
            "n_messages": self._n_messages,
            "p": belief.p,
            "p_true": belief.p if self._who.human_pane == SeatName.A else 1 - belief.p,
        }

    def _verdict(self, event: Event, verdict: Verdict) -> Row:
        human = chain.canonical(verdict.human).decode().strip('"')
        return {
            **self._stamp(event),
            "n_messages": self._n_messages,
            "human": human,
            "correct": human == self._who.verdict_when_right,
            "confidence": verdict.confidence,
            "reason": verdict.reason,
        }

    def _machine_call(self, event: Event, call: MachineCall) -> Row:
        stamp = dict(self._stamp(event))
        del stamp["elapsed_ms"]
        same = (
            *("profile", "backend", "model", "prompt_sha256", "outcome", "error"),
            *("n_turns", "latency_ms", "tokens_in", "tokens_out", "cost_usd"),
        )
        return {
            **stamp,
            "seat": event.seat,
            "parameters": chain.canonical(call.parameters).decode(),
            "request_id": call.request_id or "",
            **{name: getattr(call, name) for name in same},
        }

    def _tag(self, event: Event, tag: Tag) -> None:
        """Let a message's newest tag stand in place of its earlier ones."""
        self._tags.pop(tag.event, None)
        self._tags[tag.event] = [
            {
                "room": self._room.code,
                "message": tag.event,
                "event": event.public_id,
                "at": event.at,
                "elapsed_ms": self._clock.elapsed_ms(event.at),
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
            "elapsed_ms": self._clock.elapsed_ms(room.ended_at),
            "paused_ms": self._clock.paused_ms(room.ended_at),
            "end_reason": room.end_reason,
            "ended_by": room.ended_by,
            "n_messages": self._n_messages,
            "n_messages_all": self._n_messages_all,
            "seal": room.seal,
            "simulated": room.study.simulated,
        }
