"""From one room's log to the rows of the tables. Reads each event once, in order."""

from collections.abc import Iterator, Mapping

from analysis.dataset import chain
from arena.export.live_clock import LiveClock
from arena.export.occupants import Occupants
from arena.export.tables import Row
from arena.export.visits import Visits
from arena.models import Event, Room
from arena.queries import study_file
from arena.rules import EventKind, SeatName

#: A row and the table it belongs to.
TableRow = tuple[str, Row]
Body = Mapping[str, object]


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
        if event.kind == EventKind.MESSAGE:
            self._n_messages_all += 1
            self._n_messages += event.seat == SeatName.INTERROGATOR
            yield "messages", self._message(event, event.data)
        elif event.body is not None:
            yield from self._opinion_or_call(event, event.data)

    def _opinion_or_call(self, event: Event, body: Body) -> Iterator[TableRow]:
        match event.kind:
            case EventKind.BELIEF:
                yield "beliefs", self._belief(event, body)
            case EventKind.VERDICT:
                yield "verdicts", self._verdict(event, body)
            case EventKind.MACHINE_CALL:
                yield "machine_calls", self._machine_call(event, body)
            case EventKind.TAG:
                self._tag(event, body)

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

    def _message(self, event: Event, body: Body) -> Row:
        text = _text(body, "text")
        return {
            **self._stamp(event),
            "pane": event.pane,
            "seat": event.seat,
            "kind": self._who.kind(event.seat),
            "text": text,
            "n_chars": len(text),
            "erased": event.body is None,
        }

    def _belief(self, event: Event, body: Body) -> Row:
        p = _number(body, "p")
        assert p is not None
        return {
            **self._stamp(event),
            "n_messages": self._n_messages,
            "p": p,
            "p_true": p if self._who.human_pane == SeatName.A else 1 - p,
        }

    def _verdict(self, event: Event, body: Body) -> Row:
        human = chain.canonical(body["human"]).decode().strip('"')
        return {
            **self._stamp(event),
            "n_messages": self._n_messages,
            "human": human,
            "correct": human == self._who.verdict_when_right,
            "confidence": _number(body, "confidence"),
            "reason": _text(body, "reason"),
        }

    def _machine_call(self, event: Event, body: Body) -> Row:
        stamp = dict(self._stamp(event))
        del stamp["elapsed_ms"]
        names = ("profile", "backend", "model", "prompt_sha256", "outcome", "error", "request_id")
        counts = ("n_turns", "latency_ms", "tokens_in", "tokens_out")
        return {
            **stamp,
            "seat": event.seat,
            "parameters": chain.canonical(body.get("parameters") or {}).decode(),
            "cost_usd": _number(body, "cost_usd"),
            **{name: _text(body, name) for name in names},
            **{name: _integer(body, name) for name in counts},
        }

    def _tag(self, event: Event, body: Body) -> None:
        """A message's newest tag replaces its earlier ones."""
        message, strategies = _text(body, "event"), body["strategies"]
        assert isinstance(strategies, list)
        self._tags.pop(message, None)
        self._tags[message] = [
            {
                "room": self._room.code,
                "message": message,
                "event": event.public_id,
                "at": event.at,
                "elapsed_ms": self._clock.elapsed_ms(event.at),
                "strategy": strategy,
                "coder": self._who.interrogator,
                "source": "interrogator",
            }
            for strategy in dict.fromkeys(strategies)
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


def _text(body: Body, key: str) -> str:
    value = body.get(key)
    return "" if value is None else str(value)


def _number(body: Body, key: str) -> float | None:
    value = body.get(key)
    return float(value) if isinstance(value, int | float) else None


def _integer(body: Body, key: str) -> int | None:
    value = body.get(key)
    return int(value) if isinstance(value, int | float) else None
