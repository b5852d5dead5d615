"""Proves a study's log in the database: every chain, every seal, and what rooms made of them."""

import json

from analysis.dataset import chain
from arena.events import chain_lines
from arena.models import Event, Room, Seat, Study
from arena.rules import Kind, SeatName


def verify(study: Study) -> tuple[chain.Break | None, int]:
    """The first event of a study that does not fit, if there is one, and how many were checked."""
    n_events = 0
    for room in study.rooms.select_related("study").order_by("id"):
        events = list(Event.objects.filter(room=room).order_by("seq"))
        lines = list(chain_lines(events, room.code))
        why = _room_fault(room, lines)
        found = chain.first_break(lines) or _grain_break(room, events)
        if found is None and why is not None:
            last = str(lines[-1]["id"]) if lines else "(none)"
            found = chain.Break(room=room.code, event=last, why=why)
        if found is not None:
            return found, n_events
        n_events += len(lines)
    return None, n_events


def _grain_break(room: Room, events: list[Event]) -> chain.Break | None:
    """Hashes cover milliseconds; a finer time is none that the log wrote."""
    for event in events:
        if event.at.microsecond % 1000:
            why = "its time is finer than the log's millisecond"
            return chain.Break(room=room.code, event=event.public_id, why=why)
    return None


def _room_fault(room: Room, lines: list[dict[str, object]]) -> str | None:
    """What the room remembers against what its log says; a log cut at its end still chains."""
    last = lines[-1] if lines else {"seq": 0, "hash": chain.GENESIS}
    if (last["seq"], last["hash"]) != (room.last_seq, room.last_hash):
        return f"events after it are missing: {room.last_seq} were logged"
    first = lines[0]["body"] if lines else None
    if not isinstance(first, dict) or first.get("study_sha256") != room.study.sha256:
        return "the room's first event does not name the study's file"
    if not chain.seal(room.assignment, room.nonce) == room.seal == first.get("seal"):
        return "the room's assignment is not the one that its first event sealed"
    if _seated(room) != json.loads(room.assignment):
        return "the room's seats are not those of its sealed assignment"
    return None


def _seated(room: Room) -> dict[str, str]:
    """Who sits where, in the words of the assignment."""
    seats = Seat.objects.filter(room=room, stand_in=False).exclude(name=SeatName.INTERROGATOR)
    return {"room": room.code} | {
        seat.name: f"machine:{seat.profile.name}"
        if seat.kind == Kind.MACHINE and seat.profile
        else "human"
        for seat in seats.select_related("profile")
    }
