"""One transaction's worth of appends: decide on locked rooms, number, hash and store."""

import asyncio
import contextlib
import datetime as dt
import secrets
from collections import defaultdict
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from django.db import connection
from django.db.models import Q

from analysis.dataset import chain
from analysis.dataset.moments import iso_ms
from arena import broadcast, clock
from arena.errors import ArenaError
from arena.event_kinds import ERASED_WITH_ANY, ERASED_WITH_WRITER
from arena.events import statements
from arena.events.decisions import Appended, Decide, Decision, Draft, TimerDraft
from arena.events.live_room import LiveRoom, NamedTimer
from arena.events.logged import LogEntry
from arena.events.read_guard import ReadGuard
from arena.events.statements import moment
from arena.models import Event, Room, Seat, Timer
from arena.rules import TimerKind

#: Who waits for an append: a coroutine in its event loop, or a thread.
Waiting = asyncio.Future[Appended] | Future[Appended]


@dataclass(slots=True, kw_only=True)
class Pending:
    """An append that is not committed yet."""

    room_id: int
    decide: Decide
    seat: str
    command_id: str | None
    timers: tuple[Timer, ...]
    future: Waiting


@dataclass(frozen=True, slots=True, kw_only=True)
class _Closing:
    """That the open timers of some kinds of a room are closed."""

    room_id: int
    kinds: frozenset[TimerKind]
    at: dt.datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class _Settling:
    """New values of an open timer; one that is settled stays as it is."""

    timer_id: int
    values: Mapping[str, object]


@dataclass(slots=True, kw_only=True)
class _NewTimer:
    room_id: int
    draft: TimerDraft
    done_at: dt.datetime | None
    outcome: str

    def row(self) -> statements.Row:
        draft, due_at = self.draft, moment(self.draft.due_at)
        return (
            *(self.room_id, draft.seat.id if draft.seat else None, str(draft.kind), draft.key),
            *(due_at, due_at, 0, draft.prepared, 0, draft.payload),
            *(moment(self.done_at), self.outcome),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Erasure:
    room_id: int
    seat: str
    upto: int


@dataclass(slots=True, kw_only=True)
class Unit:
    """One transaction's worth of decisions over locked rooms; written to the database at the end.

    Until then the rooms alone know what was decided, so decisions read nothing else.
    """

    rooms: dict[int, LiveRoom]
    repeats: dict[tuple[int, str, str], str]
    now: dt.datetime = field(
        default_factory=lambda: clock.now()
    )  # the moment of all that it decides
    guard: ReadGuard = field(default_factory=ReadGuard)
    outcomes: list[tuple[Pending, Appended | ArenaError]] = field(default_factory=list)
    touched: set[int] = field(default_factory=set)
    _rung: set[int] = field(default_factory=set)  # rooms that are told even of nothing
    _wakes: list[dt.datetime] = field(default_factory=list)  # when the timer loop has work
    _events: list[statements.Row] = field(default_factory=list)
    _timer_changes: list[_Closing | _Settling] = field(default_factory=list)
    _timers: list[_NewTimer] = field(default_factory=list)
    _fields: dict[int, dict[str, object]] = field(default_factory=lambda: defaultdict(dict))
    _seats: list[tuple[int, Mapping[str, object]]] = field(default_factory=list)
    _erasures: list[_Erasure] = field(default_factory=list)

    def apply(self, batch: list[Pending]) -> None:
        """Decide everything in a batch, in its order."""
        connection.execute_wrappers.append(self.guard)
        try:
            for pending in batch:
                self.outcomes.append((pending, self._outcome(pending)))
        finally:
            connection.execute_wrappers.remove(self.guard)

    def _outcome(self, pending: Pending) -> Appended | ArenaError:
        key = (pending.room_id, pending.seat, pending.command_id or "")
        if pending.command_id is not None and key in self.repeats:
            return Appended(event=self.repeats[key])
        room = self.rooms[pending.room_id]
        # Never before the room's last event: other processes' clocks may differ.
        at = self.now if room.last_at is None else max(self.now, room.last_at)
        try:
            decision = pending.decide(room, at)
        except ArenaError as error:
            return error
        answer = decision.answer
        if answer is not None and pending.command_id is not None and answer.seat != pending.seat:
            raise ValueError("the event that answers a command belongs to the seat that sent it")
        answered = self.store(room, decision, at=at, command_id=pending.command_id)
        if answered and pending.command_id is not None:
            self.repeats[key] = answered
        return Appended(event=answered)

    def store(
        self, room: LiveRoom, decision: Decision, *, at: dt.datetime, command_id: str | None = None
    ) -> str:
        """Take a decision in; return the id of the event that answers it, empty if none does."""
        self.touched.add(room.id)
        if decision.rings:
            self._rung.add(room.id)
        answered = ""
        for draft in decision.events:
            is_answer = draft is decision.answer
            event = self._seal(room, draft, at=at, command_id=command_id if is_answer else None)
            answered = event.public_id if is_answer else answered
        for name, value in decision.room.items():
            setattr(room, name, value)
        self._fields[room.id].update(decision.room)
        for seat_id, values in decision.seats.items():
            for name, value in values.items():
                setattr(room.seats[seat_id], name, value)
            self._seats.append((seat_id, values))
            room.seats_version += 1  # as a trigger does
        self._plan(room, decision, at)
        if decision.erase_seat is not None:
            self._erasures.append(
                _Erasure(room_id=room.id, seat=decision.erase_seat, upto=room.last_seq)
            )
        return answered

    def _plan(self, room: LiveRoom, decision: Decision, at: dt.datetime) -> None:
        """Settle, close and make timers; the loop is told when it has work."""
        for timer_id, values in decision.settle.items():
            if values:
                self._timer_changes.append(_Settling(timer_id=timer_id, values=values))
            if isinstance(wake_at := values.get("wake_at"), dt.datetime):
                self._wakes.append(wake_at)
            if (known := room.timers.get(timer_id)) is not None:
                room.timers[timer_id] = _settled(known, values)
        if decision.close_timers:
            self._close(room, decision.close_timers, at)
        for draft in decision.timers:
            done_at = at if draft.outcome else None
            self._timers.append(
                _NewTimer(room_id=room.id, draft=draft, done_at=done_at, outcome=draft.outcome)
            )
            # Settled ones too: who sits in a pane must not show in how busy the server is.
            self._wakes.append(draft.due_at)

    def _close(self, room: LiveRoom, kinds: frozenset[TimerKind], at: dt.datetime) -> None:
        """Close the open timers of a room, those that this commit has yet to make among them."""
        self._timer_changes.append(_Closing(room_id=room.id, kinds=kinds, at=at))
        for timer in self._timers:
            if timer.room_id == room.id and timer.draft.kind in kinds and timer.done_at is None:
                timer.done_at, timer.outcome = at, "superseded"
        for timer_id, known in room.timers.items():
            if known is not None and known.kind in kinds:
                room.timers[timer_id] = None

    def _seal(
        self, room: LiveRoom, draft: Draft, *, at: dt.datetime, command_id: str | None
    ) -> LogEntry:
        """Number, salt and hash an event and make it the room's last."""
        salt, body = secrets.token_hex(16), chain.canonical(draft.body.stored())
        event = LogEntry(
            room_id=room.id,
            seq=room.last_seq + 1,
            public_id=secrets.token_urlsafe(16),
            at=at,
            kind=draft.kind,
            seat=draft.seat,
            pane=draft.pane,
            body=draft.body,
            command_id=command_id,
        )
        digest, prev, kind = chain.bytes_digest(body, salt), room.last_hash, str(event.kind)
        # In the order of `chain.HASHED_FIELDS`.
        room.last_hash = chain.sha256(
            [
                *(room.code, event.seq, event.public_id, iso_ms(at), kind, event.seat, event.pane),
                *(command_id, digest, prev),
            ]
        )
        self._events.append(
            (
                *(room.id, event.seq, event.public_id, moment(at), kind, str(event.seat)),
                *(str(event.pane), command_id, body.decode(), salt, digest, prev, room.last_hash),
            )
        )
        room.add(event)
        return event

    def save(self) -> None:
        """Write everything: what was decided first is written first where that matters."""
        if self._events:
            statements.insert(statements.EVENTS, self._events)
        for erasure in self._erasures:
            _erase(erasure)
        # Before the new ones, which are none of those that were to be closed.
        _change_timers(self._timer_changes)
        if self._timers:
            statements.insert(statements.TIMERS, [timer.row() for timer in self._timers])
        for seat_id, values in self._seats:
            Seat.objects.filter(id=seat_id).update(**values)
        for room_id, values in self._fields.items():
            if values:
                Room.objects.filter(id=room_id).update(**values)
        if self.touched:
            statements.update(statements.HEADS, [_head(self.rooms[id]) for id in self.touched])

    def answer(self) -> None:
        """After the commit: show what is new in the rooms, then answer the callers."""
        news: dict[int, Sequence[Any]] = {
            id: room.news
            for id in self.touched
            if (room := self.rooms[id]).news or id in self._rung
        }
        if self._wakes:
            news[broadcast.TIMERS] = (min(self._wakes).timestamp(),)
        if news:
            broadcast.tell(news)
        answer_all(self.outcomes)


def answer_all(outcomes: Sequence[tuple[Pending, Appended | Exception]]) -> None:
    """Answer callers, those of an event loop all at once."""
    by_loop: dict[asyncio.AbstractEventLoop, list[tuple[Waiting, Appended | Exception]]] = {}
    for pending, outcome in outcomes:
        match pending.future:
            case asyncio.Future() as future:
                by_loop.setdefault(future.get_loop(), []).append((future, outcome))
            case future:
                _set(future, outcome)
    for loop, answers in by_loop.items():
        with contextlib.suppress(RuntimeError):  # a loop that is closed has nobody waiting
            loop.call_soon_threadsafe(_set_all, answers)


def _set_all(answers: list[tuple[Waiting, Appended | Exception]]) -> None:
    for future, outcome in answers:
        if not future.done():  # its caller may have left
            _set(future, outcome)


def _set(future: Waiting, outcome: Appended | Exception) -> None:
    if isinstance(outcome, Exception):
        future.set_exception(outcome)
    else:
        future.set_result(outcome)


def _settled(known: NamedTimer, values: Mapping[str, object]) -> NamedTimer | None:
    """What is known of a timer after it was given some values."""
    if values.get("done_at") is not None:
        return None
    return NamedTimer(kind=known.kind, payload=str(values.get("payload", known.payload)))


def _erase(erasure: _Erasure) -> None:
    """Take the words of a seat out of a room's log."""
    Event.objects.filter(
        Q(seat=erasure.seat, kind__in=ERASED_WITH_WRITER) | Q(kind__in=ERASED_WITH_ANY),
        room=erasure.room_id,
        seq__lte=erasure.upto,
        body__isnull=False,
    ).update(body=None, salt=None)


def _change_timers(changes: list[_Closing | _Settling]) -> None:
    """Change open timers in the order of the decisions: the first that settles one wins."""
    for columns, group in groupby(changes, key=_columns):
        if columns:
            settlings = [change for change in group if isinstance(change, _Settling)]
            statements.change_open_timers(columns, [_settled_row(each) for each in settlings])
            continue
        for change in group:
            assert isinstance(change, _Closing)
            still_open = Timer.objects.filter(room=change.room_id, done_at__isnull=True)
            closed = still_open.filter(kind__in=list(change.kinds))
            closed.update(done_at=change.at, outcome="superseded")


def _columns(change: _Closing | _Settling) -> tuple[str, ...]:
    """The columns that a settling changes; nothing for a closing."""
    return tuple(sorted(change.values)) if isinstance(change, _Settling) else ()


def _settled_row(change: _Settling) -> statements.Row:
    values = (change.values[name] for name in _columns(change))
    moments = (moment(each) if isinstance(each, dt.datetime) else each for each in values)
    return (*moments, change.timer_id)


def _head(room: LiveRoom) -> statements.Row:
    room.version += 1
    return (
        *(room.id, room.last_seq, room.last_hash, moment(room.last_at), room.version),
        *(room.n_messages, room.n_asked_a, room.n_asked_b, moment(room.last_message_at)),
        *(moment(room.interrogator_active_at), moment(room.help_at)),
    )
