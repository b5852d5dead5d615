"""What a seat may learn when a room has ended or was unsealed, and the debrief made of it."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db.models import QuerySet

from arena.event_kinds import Unsealed, Verdict
from arena.events import body_of
from arena.models import Event, Room, Seat
from arena.queries.studies import study_file
from arena.rules import EventKind, Format, Kind, Phase
from arena.studies.design import ExitQuestion


def may_know(seat: Seat, room: Room) -> bool:
    """Whether this seat may learn who was who."""
    return (
        room.phase == Phase.ENDED
        and bool(room.started_at)
        and not seat.stand_in
        and study_file(room).reveal == "at_end"
    )


def human(room: Room) -> str | bool:
    """Who the human was: a pane, or in `two_party` whether the witness was."""
    machine_pane = (
        Seat.objects.filter(room=room, kind=Kind.MACHINE).values_list("name", flat=True).first()
    )
    if room.study.format == Format.TWO_PARTY:
        return machine_pane is None
    return "A" if machine_pane == "B" else "B"


def opened_seal(room: Room) -> dict[str, str]:
    """The seal of a room with what opens it: SHA-256 of ``<assignment>.<nonce>``."""
    sealed = room.sealed
    return {"sha256": room.seal, "assignment": sealed.assignment, "nonce": sealed.nonce}


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsealing:
    """That a host asked who is who before the end: who, when and why."""

    at: dt.datetime
    host: str
    why: str


def unsealings(room: Room) -> list[Unsealing]:
    """Each time that a room was unsealed before its end, oldest first."""
    events = Event.objects.filter(room=room, kind=EventKind.UNSEALED).order_by("seq")
    return [
        Unsealing(at=event.at, host=body.host, why=body.why)
        for event in events
        if (body := body_of(event, Unsealed)) is not None
    ]


def unsealed_early(rooms: Iterable[Room]) -> frozenset[int]:
    """Those of some rooms whose assignment a host saw before the end."""
    ids = [room.id for room in rooms]
    found = Event.objects.filter(room__in=ids, kind=EventKind.UNSEALED).order_by()
    return frozenset(found.values_list("room", flat=True))


def assignment(room: Room) -> str | None:
    """The assignment in words for the host, once the room has ended or was unsealed."""
    if room.phase != Phase.ENDED and not unsealed_early([room]):
        return None
    seats = Seat.objects.filter(room=room, name__in="AB", stand_in=False).order_by("name")
    words = [
        f"{place.name} is the {place.kind}" + (f" ({place.profile.name})" if place.profile else "")
        for place in seats.select_related("profile")
    ]
    return "; ".join(words) + "."


@dataclass(frozen=True, slots=True, kw_only=True)
class Debrief:
    """What a seat is shown when its part is over."""

    seat: str
    format: str
    ended_at: dt.datetime | None
    end_reason: str
    human: str | bool | None
    my_verdict: Verdict | None
    was_right: bool | None
    seal: Mapping[str, str] | None
    debrief_text: str
    questions: tuple[ExitQuestion, ...]
    answered: bool
    other_side: QuerySet[Event]  # the messages of every pane; a witness had seen only its own
    stood_down: bool


def debrief(seat: Seat) -> Debrief:
    """The debrief of a seat; it names nobody before the seat may know."""
    room, design = seat.room, study_file(seat.room)
    known = may_know(seat, room)
    truth = human(room) if known else None
    mine = Event.objects.filter(room=room, kind=EventKind.VERDICT).first()
    said = Event.objects.filter(room=room, kind=EventKind.MESSAGE)
    verdict = body_of(mine, Verdict) if mine is not None and seat.is_interrogator else None
    return Debrief(
        seat=seat.label,
        format=room.study.format,
        ended_at=room.ended_at,
        end_reason=room.end_reason,
        human=truth,
        my_verdict=verdict,
        was_right=None if truth is None or verdict is None else verdict.human == truth,
        seal=opened_seal(room) if known else None,
        debrief_text=design.debrief,
        questions=tuple(q for q in design.exit_questions if seat.label in q.ask),
        answered=Event.objects.filter(room=room, kind=EventKind.EXIT, seat=seat.actor).exists(),
        other_side=said if known else said.none(),
        stood_down=seat.stand_in,
    )
