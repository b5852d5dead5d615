"""Proves a study's log in the database: every chain, every seal, and what rooms made of them."""

import itertools
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from analysis.dataset import chain
from analysis.dataset.derivation import RoomRules
from analysis.dataset.occupants import Occupants
from arena.events.chains import ChainedEvent, batches, in_groups
from arena.events.projection import Projection
from arena.events.stored import chain_lines
from arena.models import Room, SealedAssignment, Seat, Study, Timer
from arena.rules import Phase, TimerKind

#: How often a room is looked at again that is written to while it is read.
TRIES = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class LogProof:
    """What was checked of a study, the first thing that does not fit, and what no log tells."""

    fault: chain.Break | str | None
    n_rooms: int
    n_events: int
    unchecked: tuple[str, ...] = ()


def verify(study: Study) -> LogProof:
    """Check a study's rules, and each room's chain, seal, columns and seats by its log."""
    checking = _Checking(study)
    fault = next(checking.faults(), None)
    return LogProof(
        fault=fault,
        n_rooms=checking.n_rooms,
        n_events=checking.n_events,
        unchecked=tuple(checking.unchecked()),
    )


class _Checking:
    """Goes through the rooms of a study, and counts."""

    def __init__(self, study: Study) -> None:
        self._study = study
        self.n_rooms = self.n_events = self._n_erased = 0
        self._untold: Counter[str] = Counter()

    def faults(self) -> Iterator[chain.Break | str]:
        """What does not fit, the study's own faults first."""
        study = self._study
        yield from (f"Study {study.slug}: {why}" for why in _rule_faults(study))
        self._rules = RoomRules.of(json.loads(study.config))
        for rooms in in_groups(study.rooms.all()):
            seats = _seats(rooms)
            _take_sealed(rooms)
            for room, events in _logs(rooms):
                log = self._log(room, seats[room.id], events)
                if log.fault is not None and (log := self._again(room, log)).fault is not None:
                    yield log.fault
                self.n_rooms += 1
                self.n_events += log.n_events
                self._n_erased += log.n_erased
                self._untold.update(log.untold)

    def unchecked(self) -> Iterator[str]:
        """What no log tells, in words."""
        if self._n_erased:
            yield (
                "what was said in erased bodies, which is gone as their writers wished: "
                f"{self._n_erased} events"
            )
        for name, n_rooms in sorted(self._untold.items()):
            yield f"{name} of {n_rooms} rooms, whose logs are older than what tells it"

    def _log(self, room: Room, seats: list[Seat], events: Iterable[ChainedEvent]) -> "_PassingLog":
        log = _PassingLog(room, events, rules=self._rules)
        log.follow(self._study, seats)
        return log

    def _again(self, room: Room, log: "_PassingLog") -> "_PassingLog":
        """A room that does not fit, looked at again for as long as others write to it."""
        for _ in range(TRIES):
            now = Room.objects.get(id=room.id)
            if now.version == log.version:
                return log
            _take_sealed([now])
            events = (ChainedEvent._make(event) for batch in batches([now]) for event in batch)
            log = self._log(now, _seats([now])[now.id], events)
            if log.fault is None:
                return log
        return log


def _rule_faults(study: Study) -> Iterator[str]:
    """What of a study's row, and of the profiles of its machines, its rules do not say."""
    config: dict[str, Any] = json.loads(study.config)
    if chain.sha256(config) != study.sha256:
        yield "its sha256 is not that of its rules; one of them was changed"
        return
    for name in ("slug", "title", "format", "simulated"):
        if getattr(study, name) != config[name]:
            yield f"its {name} is {getattr(study, name)!r}, but its rules say {config[name]!r}"
    stated = {machine["name"]: machine for machine in config["machines"]}
    profiles = {profile.name: profile for profile in study.machines.all()}
    if stated.keys() != profiles.keys():
        yield "its machine profiles are not those of its rules"
        return
    for name, profile in profiles.items():
        if json.loads(profile.spec) != stated[name]:
            yield f"machine profile {name} is not the one of its rules"
        elif profile.sha256 != chain.sha256(stated[name]):
            yield f"the sha256 of machine profile {name} is not that of its rules"


def _logs(rooms: Sequence[Room]) -> Iterator[tuple[Room, Iterable[ChainedEvent]]]:
    """Each room with its events; they are to be taken before the next."""
    events = (ChainedEvent._make(event) for batch in batches(rooms) for event in batch)
    logs = itertools.groupby(events, key=lambda event: event.room_id)
    room_id, log = next(logs, (None, iter(())))
    for room in rooms:
        if room.id != room_id:
            yield room, ()
            continue
        yield room, log
        room_id, log = next(logs, (None, iter(())))


class _PassingLog:
    """One room's events as they pass; of a log of any length only its ends are kept."""

    def __init__(self, room: Room, events: Iterable[ChainedEvent], *, rules: RoomRules) -> None:
        self._room, self._events, self._rules = room, events, rules
        self._last: dict[str, object] = {"seq": 0, "hash": chain.GENESIS, "id": "(none)"}
        self._at_head: object = chain.GENESIS
        self._too_fine: str | None = None
        self._odd: tuple[str, str] | None = None  # an event that cannot follow, and why
        self._projection = Projection(rules.duration_ms)
        self.version = room.version
        self.fault: chain.Break | None = None
        self.untold: frozenset[str] = frozenset()
        self.n_events = self.n_erased = 0

    def follow(self, study: Study, seats: list[Seat]) -> None:
        """Check all events, then what the room remembers against what they say."""
        self.fault = chain.first_break(self._passing())
        if self.fault is None and self._too_fine is not None:
            # Hashes cover milliseconds; a finer time is none that the log wrote.
            self.fault = self._break(self._too_fine, "its time is finer than the log's millisecond")
        elif self.fault is None and self._odd is not None:
            self.fault = self._break(*self._odd)
        elif self.fault is None:
            why = next(self._room_faults(study, seats), None)
            self.fault = None if why is None else self._break(str(self._last["id"]), why)
            self.untold = self._projection.untold

    def _passing(self) -> Iterator[dict[str, object]]:
        for event in self._events:
            [line] = chain_lines([event], self._room.code)
            if self._too_fine is None and event.at.microsecond % 1000:
                self._too_fine = event.public_id
            self._last = line
            if line["seq"] == self._room.last_seq:
                self._at_head = line["hash"]
            self.n_events += 1
            self.n_erased += event.body is None
            yield line
            # A room that is live goes on after its row was read.
            if self._odd is None and event.seq <= self._room.last_seq:
                self._hear(line)

    def _hear(self, line: dict[str, object]) -> None:
        try:
            self._projection.hear(line)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            self._odd = str(line["id"]), f"it cannot follow from the events before it ({error})"

    def _room_faults(self, study: Study, seats: list[Seat]) -> Iterator[str]:
        """What of a room its log does not say; a log that was cut at its end still chains."""
        room, last, standing = self._room, self._last, self._projection.standing
        if self._at_head != room.last_hash:
            yield f"events after it are missing: {room.last_seq} were logged"
        if last["seq"] != room.last_seq and not _has_logged(room, last["seq"]):
            yield f"it was not logged by the arena: {room.last_seq} events were"
        sealed = standing.sealed
        if (sealed.get("study"), sealed.get("study_sha256")) != (study.slug, study.sha256):
            yield "the room's first event does not name the study's file"
        if sealed.get("source_sha256", own := chain.text_sha256(study.source)) != own:
            yield "the text of the study's file is not the one that the room's first event names"
        yield from self._projection.room_faults(room)
        if standing.phase == Phase.ENDED and not self._projection.is_opened:
            yield "the room has ended, but the seal of its assignment was never opened"
        yield from self._seat_faults(seats)
        if room.phase == Phase.LIVE and not self._has_its_timer():
            yield "nothing is left that would end the room: its timer is gone"

    def _seat_faults(self, seats: list[Seat]) -> Iterator[str]:
        room = self._room
        assignment = room.sealed.assignment
        if chain.seal(assignment, room.sealed.nonce) != room.seal:
            yield "the room's assignment is not the one that its first event sealed"
            return
        try:
            who = Occupants.opened(assignment, room=room.code, format=self._rules.format)
        except ValueError as error:
            yield f"{error}"
            return
        yield from self._projection.seat_faults(who, seats)

    def _has_its_timer(self) -> bool:
        kinds = (TimerKind.TIME_UP, TimerKind.VERDICT_GRACE)
        kind = kinds[self._projection.is_over_time]
        return Timer.objects.filter(room=self._room, kind=kind, done_at__isnull=True).exists()

    def _break(self, event: str, why: str) -> chain.Break:
        return chain.Break(room=self._room.code, event=event, why=why)


def _has_logged(room: Room, seq: object) -> bool:
    """Whether a room has an event by now: one that is live goes on after its row was read."""
    return Room.objects.filter(id=room.id, last_seq__gte=seq).exists()


def _seats(rooms: Sequence[Room]) -> dict[int, list[Seat]]:
    """The seats of some rooms, by the id of each."""
    found: dict[int, list[Seat]] = {room.id: [] for room in rooms}
    known = {room.id: room for room in rooms}
    seats = Seat.objects.filter(room_id__in=list(found))
    for seat in seats.select_related("participant", "profile"):
        seat.room = known[seat.room_id]
        found[seat.room_id].append(seat)
    return found


def _take_sealed(rooms: Sequence[Room]) -> None:
    """Have some rooms hold what opens their seals; nothing opens that of a room that lost it."""
    sealed = SealedAssignment.objects.in_bulk([room.id for room in rooms])
    for room in rooms:
        room.sealed = sealed.get(room.id) or SealedAssignment(room_id=room.id)
