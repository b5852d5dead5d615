"""Proves a study's log in the database: every chain, every seal, and what rooms made of them."""

import itertools
import json
from collections.abc import Iterable, Iterator, Sequence

from analysis.dataset import chain
from arena.events.chains import ChainedEvent, batches, in_groups
from arena.events.stored import chain_lines
from arena.models import Room, SealedAssignment, Seat, Study
from arena.rules import SEALED_PERSONA, Kind, SeatName


def verify(study: Study) -> tuple[chain.Break | None, int]:
    """The first event of a study that does not fit, if there is one, and how many were checked."""
    n_events = 0
    for rooms in in_groups(study.rooms.all()):
        seated = _seated(rooms)
        sealed = SealedAssignment.objects.in_bulk([room.id for room in rooms])
        for room, events in _logs(rooms):
            room.sealed = sealed.get(room.id) or SealedAssignment(room_id=room.id)
            log = _PassingLog(room, events)
            found = log.first_break() or log.room_fault(seated[room.id])
            if found is not None:
                return found, n_events
            n_events += log.n_events
    return None, n_events


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

    def __init__(self, room: Room, events: Iterable[ChainedEvent]) -> None:
        self._room, self._events = room, events
        self._first: object = None
        self._last: dict[str, object] = {"seq": 0, "hash": chain.GENESIS, "id": "(none)"}
        self._at_head: object = chain.GENESIS
        self._too_fine: str | None = None
        self.n_events = 0

    def first_break(self) -> chain.Break | None:
        """The first event that does not follow from those before it."""
        found = chain.first_break(self._passing())
        if found is None and self._too_fine is not None:
            # Hashes cover milliseconds; a finer time is none that the log wrote.
            found = self._break(self._too_fine, "its time is finer than the log's millisecond")
        return found

    def room_fault(self, seated: dict[str, str]) -> chain.Break | None:
        """What the room remembers against what its log, all of which has passed, says."""
        why = self._room_fault(seated)
        return None if why is None else self._break(str(self._last["id"]), why)

    def _passing(self) -> Iterator[dict[str, object]]:
        for event in self._events:
            [line] = chain_lines([event], self._room.code)
            if self.n_events == 0:
                self._first = line["body"]
            if self._too_fine is None and event.at.microsecond % 1000:
                self._too_fine = event.public_id
            self._last = line
            if line["seq"] == self._room.last_seq:
                self._at_head = line["hash"]
            self.n_events += 1
            yield line

    def _room_fault(self, seated: dict[str, str]) -> str | None:
        """A log that was cut at its end still chains."""
        room, last, first = self._room, self._last, self._first
        if self._at_head != room.last_hash:
            return f"events after it are missing: {room.last_seq} were logged"
        if last["seq"] != room.last_seq and not _has_logged(room, last["seq"]):
            return f"it was not logged by the arena: {room.last_seq} events were"
        if not isinstance(first, dict) or first.get("study_sha256") != room.study.sha256:
            return "the room's first event does not name the study's file"
        opened = room.sealed
        if not chain.seal(opened.assignment, opened.nonce) == room.seal == first.get("seal"):
            return "the room's assignment is not the one that its first event sealed"
        sealed = json.loads(opened.assignment)
        sealed.pop(SEALED_PERSONA, None)
        if {"room": room.code, **seated} != sealed:
            return "the room's seats are not those of its sealed assignment"
        return None

    def _break(self, event: str, why: str) -> chain.Break:
        return chain.Break(room=self._room.code, event=event, why=why)


def _has_logged(room: Room, seq: object) -> bool:
    """Whether a room has an event by now: one that is live goes on after its row was read."""
    return Room.objects.filter(id=room.id, last_seq__gte=seq).exists()


def _seated(rooms: Sequence[Room]) -> dict[int, dict[str, str]]:
    """Who sits where in some rooms, by the id of each, in the words of the assignment."""
    seats = Seat.objects.filter(room_id__in=[room.id for room in rooms], stand_in=False)
    found: dict[int, dict[str, str]] = {room.id: {} for room in rooms}
    for seat in seats.exclude(name=SeatName.INTERROGATOR).select_related("profile"):
        machine = seat.profile if seat.kind == Kind.MACHINE else None
        found[seat.room_id][seat.name] = f"machine:{machine.name}" if machine else "human"
    return found
