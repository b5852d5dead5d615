"""One transaction's worth of appends: decide on locked rooms, number, hash and store."""

import datetime as dt
import secrets
from concurrent.futures import Future
from dataclasses import dataclass, field

from django.db import connection
from django.db.models import Q

from analysis.dataset import chain
from arena import broadcast, clock
from arena.errors import ArenaError
from arena.event_kinds import ERASED_WITH_ANY, ERASED_WITH_WRITER
from arena.events.decisions import Appended, Decide, Decision, Draft
from arena.events.stored import hashed_fields
from arena.models import Event, Room, Seat, Timer


@dataclass(slots=True, kw_only=True)
class Pending:
    room_id: int
    decide: Decide
    seat: str
    command_id: str | None
    future: "Future[Appended]" = field(default_factory=Future)

    @classmethod
    def none(cls, room_id: int) -> "Pending":
        return cls(room_id=room_id, decide=lambda _room, _now: Decision(), seat="", command_id=None)

    @property
    def key(self) -> tuple[int, str, str | None]:
        return (self.room_id, self.seat, self.command_id)


class Unit:
    """One transaction's worth of decisions over locked rooms."""

    def __init__(
        self, rooms: dict[int, Room], repeats: dict[tuple[int, str, str | None], str]
    ) -> None:
        self.rooms = rooms
        self.repeats = repeats
        self.events: list[Event] = []
        self.timers: list[Timer] = []
        self.changed: dict[int, set[str]] = {}
        self.wakes_timers = False
        self.outcomes: list[tuple[Pending, Appended | ArenaError]] = []

    def apply(self, pending: Pending) -> None:
        if pending.command_id is not None and pending.key in self.repeats:
            self.outcomes.append((pending, Appended(event=self.repeats[pending.key])))
            return
        room = self.rooms[pending.room_id]
        moment = _moment(room)
        try:
            decision = pending.decide(room, moment)
        except ArenaError as error:
            self.outcomes.append((pending, error))
            return
        self.outcomes.append((pending, self.store(pending, decision, moment)))

    def store(self, pending: Pending, decision: Decision, moment: dt.datetime) -> Appended:
        room = self.rooms[pending.room_id]
        answered = self._append(pending, decision, moment)
        for name, value in decision.room.items():
            setattr(room, name, value)
        self.changed.setdefault(room.id, set()).update(decision.room)
        for seat_id, values in decision.seats.items():
            Seat.objects.filter(id=seat_id).update(**values)
        self._plan(room, decision, moment)
        if decision.erase_seat is not None:
            self._erase(room, decision.erase_seat)
        return Appended(event=answered)

    def _append(self, pending: Pending, decision: Decision, moment: dt.datetime) -> str:
        """Seal a decision's events; return the id of the one that answers, empty if none does."""
        answer, answered = decision.answer, ""
        if answer is not None and pending.command_id is not None and answer.seat != pending.seat:
            raise ValueError("the event that answers a command belongs to the seat that sent it")
        for draft in decision.events:
            is_answer = draft is answer
            command_id = pending.command_id if is_answer else None
            event = self._seal(self.rooms[pending.room_id], draft, at=moment, command_id=command_id)
            answered = event.public_id if is_answer else answered
        if answered and pending.command_id is not None:
            self.repeats[pending.key] = answered
        return answered

    def _erase(self, room: Room, seat: str) -> None:
        """Take the words of a seat out of a room's log."""
        self._flush()
        Event.objects.filter(
            Q(seat=seat, kind__in=ERASED_WITH_WRITER) | Q(kind__in=ERASED_WITH_ANY),
            room=room,
            body__isnull=False,
        ).update(body=None, salt=None)

    def _plan(self, room: Room, decision: Decision, moment: dt.datetime) -> None:
        """Settle, close and make timers; the loop is woken if there is anything new to wait for."""
        for timer_id, values in decision.settle.items():
            # The first writer wins.
            Timer.objects.filter(id=timer_id, done_at__isnull=True).update(**values)
            self.wakes_timers |= "wake_at" in values
        if decision.close_timers:
            self._flush()
            still_open = Timer.objects.filter(room=room, done_at__isnull=True)
            closed = still_open.filter(kind__in=list(decision.close_timers))
            closed.update(done_at=moment, outcome="superseded")
        for draft in decision.timers:
            self.timers.append(
                Timer(
                    room=room,
                    seat=draft.seat,
                    outcome=draft.outcome,
                    done_at=moment if draft.outcome else None,
                    kind=draft.kind,
                    key=draft.key,
                    due_at=draft.due_at,
                    wake_at=draft.due_at,
                    payload=draft.payload,
                    prepared=draft.prepared,
                )
            )
            self.wakes_timers = True

    def _seal(self, room: Room, draft: Draft, *, at: dt.datetime, command_id: str | None) -> Event:
        """Number, salt and hash an event and make it the room's last."""
        salt, body = secrets.token_hex(16), draft.body.stored()
        event = Event(
            room=room,
            seq=room.last_seq + 1,
            public_id=secrets.token_urlsafe(16),
            at=at,
            kind=draft.kind,
            seat=draft.seat,
            pane=draft.pane,
            command_id=command_id,
            body=chain.canonical(body).decode(),
            salt=salt,
            body_sha256=chain.body_digest(body, salt),
            prev=room.last_hash,
        )
        event.hash = chain.event_digest(hashed_fields(event, room.code))
        room.last_seq, room.last_hash, room.last_at = event.seq, event.hash, event.at
        self.events.append(event)
        self.changed.setdefault(room.id, set())
        return event

    def _flush(self) -> None:
        Event.objects.bulk_create(self.events)
        Timer.objects.bulk_create(self.timers, ignore_conflicts=True)
        self.events, self.timers = [], []

    def save(self) -> None:
        self._flush()
        heads = []
        for room_id, names in self.changed.items():
            room = self.rooms[room_id]
            at = connection.ops.adapt_datetimefield_value(room.last_at)
            heads.append((room.last_seq, room.last_hash, at, room_id))
            if names:
                room.save(update_fields=sorted(names))
        if heads:
            with connection.cursor() as cursor:
                cursor.executemany(
                    "UPDATE arena_room SET last_seq = %s, last_hash = %s, last_at = %s "
                    "WHERE id = %s",
                    heads,
                )

    def answer(self) -> None:
        """After the commit: ring the rooms that changed, then answer the callers."""
        if self.changed:
            broadcast.ring(self.changed)
        if self.wakes_timers:
            broadcast.wake_timers()
        for pending, outcome in self.outcomes:
            if isinstance(outcome, ArenaError):
                pending.future.set_exception(outcome)
            else:
                pending.future.set_result(outcome)


def _moment(room: Room) -> dt.datetime:
    """The present, but never before the room's last event: other processes' clocks may differ."""
    now = clock.now()
    return now if room.last_at is None else max(now, room.last_at)
