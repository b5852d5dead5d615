"""What some events of the log add to the health of the machines in them."""

import datetime as dt
from collections import Counter as CountOf
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from arena.event_kinds import AS_PEOPLE, GaveUp, MachineCall, Purpose, Withheld
from arena.health.figures import GOOD, MachineFigures, failure_of
from arena.health.machine_events import (
    OBJECTED,
    OF_MACHINES,
    EventRow,
    MachineEvent,
    Seats,
    ends_of,
    lets_wait,
    machine_event,
    machine_seats,
    rows_of,
    sentence_of,
)
from arena.models import FailedReply, MachineHealth, Seat
from arena.rules import EventKind

GAVE_UP = str(EventKind.GAVE_UP)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """Failures of a profile and kind in one step, calls and silences, without their rooms."""

    profile_id: int
    failure: str
    n: int
    at: dt.datetime  # of the last
    sentence: str


#: The columns that counting writes; the others are those of alarms.
_COUNTED = (
    "all_rooms",
    "ended_rooms",
    "last_good_at",
    "n_failed_in_a_row",
    "first_failed_at",
    "unanswered_at",
    "troubled_at",
    "failure",
    "sentence",
)


@dataclass(slots=True)
class MachineTally:
    """The counts of one step, on the rows that it changes."""

    troubles: list[Trouble] = field(default_factory=list)
    _health: dict[int, MachineHealth] = field(default_factory=dict)
    _figures: dict[tuple[int, bool], MachineFigures] = field(default_factory=dict)
    #: Seats whose last call for a reply failed, and those of which that was stored before.
    _waiting: set[int] = field(default_factory=set)
    _waited: frozenset[int] = frozenset()
    #: By profile and kind of failure, how many there were and the last that says something.
    _n_failed: CountOf[tuple[int, str]] = field(default_factory=CountOf)
    _told: dict[tuple[int, str], MachineEvent] = field(default_factory=dict)

    def take(self, rows: Sequence[EventRow]) -> None:
        """Count events that nobody has counted, in the order of the log."""
        rooms = {row.room_id for row in rows}
        seats = machine_seats(rooms)
        self._load(seats.values())
        ends = ends_of(rooms)
        for row in rows:
            if row.kind == EventKind.ENDED:
                self._end(row, seats)
            elif (entry := machine_event(row, seats)) is not None:
                self._count(entry)
                if ends.get(row.room_id, row.id) < row.id:  # under way when its room ended
                    self._add(entry, ended=True, is_retry=False)
        self._put_into_words()

    def _put_into_words(self) -> None:
        """Write sums and sentences into the rows that are to be stored."""
        for (profile_id, ended), figures in self._figures.items():
            name = "ended_rooms" if ended else "all_rooms"
            setattr(self._health[profile_id], name, figures.to_json())
        for (profile_id, failure), entry in self._told.items():
            sentence = sentence_of(entry, failure)
            if self._health[profile_id].failure == failure:
                self._health[profile_id].sentence = sentence
            self.troubles.append(
                Trouble(
                    profile_id=profile_id,
                    failure=failure,
                    n=self._n_failed[profile_id, failure],
                    at=entry.at,
                    sentence=sentence,
                )
            )

    def save(self) -> None:
        """Store what was counted, in the transaction that moves the place of the counting."""
        new = [MachineHealth(profile_id=id) for id in sorted(self._health)]
        MachineHealth.objects.bulk_create(new, ignore_conflicts=True)
        for health in self._health.values():
            health.save(update_fields=_COUNTED)
        FailedReply.objects.filter(seat__in=self._waited - self._waiting).delete()
        failed = sorted(self._waiting - self._waited)
        FailedReply.objects.bulk_create([FailedReply(seat_id=id) for id in failed])

    def _load(self, seats: Iterable[Seat]) -> None:
        by_id = {seat.id: seat for seat in seats}
        profiles = {seat.profile_id for seat in by_id.values() if seat.profile_id is not None}
        self._health = MachineHealth.objects.in_bulk(profiles)
        for id in profiles - self._health.keys():
            self._health[id] = MachineHealth(profile_id=id)
        failed = FailedReply.objects.filter(seat__in=by_id.keys())
        self._waited = frozenset(failed.values_list("seat", flat=True))
        self._waiting = set(self._waited)

    def _count(self, entry: MachineEvent) -> None:
        health = self._health[entry.profile_id]
        self._add(entry, ended=False, is_retry=entry.seat_id in self._waiting)
        match entry.body:
            case MachineCall(purpose=Purpose.REPLY, outcome=outcome) if outcome == GOOD:
                health.n_failed_in_a_row, health.last_good_at = 0, entry.at
            case MachineCall(purpose=Purpose.REPLY, outcome=outcome):
                self._fail(entry, outcome)
            case MachineCall() as call if call.outcome != GOOD:
                self._note(entry, failure_of(call))
            case Withheld(why=why) if why != AS_PEOPLE:
                self._leave(entry, why[:40])
            case GaveUp():
                self._leave(entry, GAVE_UP)
        match lets_wait(entry.body):
            case True:
                self._waiting.add(entry.seat_id)
            case False:
                self._waiting.discard(entry.seat_id)

    def _fail(self, entry: MachineEvent, failure: str) -> None:
        self._note(entry, failure)
        if failure == OBJECTED:
            return
        health = self._health[entry.profile_id]
        health.n_failed_in_a_row += 1
        if health.n_failed_in_a_row == 1:
            health.first_failed_at = entry.at
        health.failure, health.troubled_at = failure, entry.at

    def _leave(self, entry: MachineEvent, failure: str) -> None:
        health = self._health[entry.profile_id]
        # What the call before said tells more than that nobody answered.
        if failure != health.failure:
            self._note(entry, failure)
        health.failure, health.troubled_at, health.unanswered_at = failure, entry.at, entry.at

    def _note(self, entry: MachineEvent, failure: str) -> None:
        self._n_failed[entry.profile_id, failure] += 1
        self._told[entry.profile_id, failure] = entry

    def _add(self, entry: MachineEvent, *, ended: bool, is_retry: bool) -> None:
        figures = self._sums(entry.profile_id, ended=ended)
        match entry.body:
            case MachineCall() as call:
                is_reply = call.purpose == Purpose.REPLY
                figures.add_call(call, at=entry.at, is_retry=is_retry and is_reply)
            case Withheld(why=why) if why == AS_PEOPLE:
                pass
            case Withheld() | GaveUp():
                figures.n_unanswered += 1

    def _sums(self, profile_id: int, *, ended: bool) -> MachineFigures:
        if (profile_id, ended) not in self._figures:
            health = self._health[profile_id]
            stored = health.ended_rooms if ended else health.all_rooms
            self._figures[profile_id, ended] = MachineFigures.from_json(stored)
        return self._figures[profile_id, ended]

    def _end(self, end: EventRow, seats: Seats) -> None:
        """Count a room's calls once more, now that it has ended."""
        waits: dict[int, bool] = {}
        for row in rows_of(room=end.room_id, kind__in=OF_MACHINES, id__lt=end.id):
            if (entry := machine_event(row, seats)) is not None:
                self._add(entry, ended=True, is_retry=waits.get(entry.seat_id, False))
                if (waiting := lets_wait(entry.body)) is not None:
                    waits[entry.seat_id] = waiting
        for (room_id, _), seat in seats.items():
            if room_id == end.room_id:
                self._waiting.discard(seat.id)
