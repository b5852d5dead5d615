"""What a host sees of studies and rooms while they run: nobody's kind."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db.models import Count, QuerySet, prefetch_related_objects

from arena import clock, invites
from arena.event_kinds import ACTS, Help
from arena.events import body_of
from arena.models import Event, Room, Seat, Study
from arena.queries.knowing import unsealed_early
from arena.queries.machine_health import failing_studies
from arena.queries.studies import study_file
from arena.queries.transcripts import ERASED
from arena.rules import EventKind, Phase, SeatName


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyRow:
    slug: str
    title: str
    format: str
    duration_s: int
    n_rooms: int
    n_by_phase: Mapping[str, int]
    simulated: bool
    created_at: dt.datetime
    sha256: str
    machine_fails: bool


def studies() -> QuerySet[Study]:
    """Every study, newest first, without its texts; every host sees every study."""
    return Study.objects.defer("source", "config").order_by("-created_at", "-id")


def study_rows(studies: Iterable[Study]) -> list[StudyRow]:
    """These studies with their rooms counted by phase."""
    found = list(studies)
    counts: dict[int, dict[str, int]] = {row.id: {} for row in found}
    failing = failing_studies(found)
    rooms = Room.objects.filter(study__in=counts).order_by()
    for study_id, phase, n in rooms.values_list("study_id", "phase").annotate(n=Count("id")):
        counts[study_id][phase] = n
    return [
        StudyRow(
            slug=row.slug,
            title=row.title,
            format=row.format,
            duration_s=study_file(row).duration_s,
            n_rooms=sum(counts[row.id].values()),
            n_by_phase={phase: counts[row.id].get(phase, 0) for phase in Phase},
            simulated=row.simulated,
            created_at=row.created_at,
            sha256=row.sha256,
            machine_fails=row.id in failing,
        )
        for row in found
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class SeatRow:
    label: str
    claimed: bool
    ready: bool
    link_token: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomRow:
    code: str
    phase: str
    end_reason: str
    created_at: dt.datetime
    started_at: dt.datetime | None
    ends_at: dt.datetime | None
    ended_at: dt.datetime | None
    last_message_at: dt.datetime | None
    interrogator_active_at: dt.datetime | None
    n_messages: int
    help_at: dt.datetime | None
    is_unsealed: bool  # before its end
    seats: list[SeatRow]


def rooms_of(
    study: Study, *, code: str = "", phase: str = "", asked_for_help: bool = False
) -> QuerySet[Room]:
    """A study's rooms, oldest first: those with this in their code, in this phase, in need."""
    # By id and never by a moment: that is what the indexes are sorted by.
    rooms = Room.objects.filter(study=study).order_by("id")
    if code:
        rooms = rooms.filter(code__contains=code.lower())
    if phase:
        rooms = rooms.filter(phase=phase)
    if asked_for_help:
        rooms = rooms.filter(help_at__isnull=False)
    return rooms


def room_rows(rooms: Iterable[Room]) -> list[RoomRow]:
    """Rooms as their host may see them while they run: nobody's kind."""
    found = list(rooms)
    prefetch_related_objects(found, "seats")
    unsealed = unsealed_early(found)
    return [_room_row(room, is_unsealed=room.id in unsealed) for room in found]


def room_row(room: Room) -> RoomRow:
    """One room of `room_rows`."""
    return room_rows([room])[0]


def _room_row(room: Room, *, is_unsealed: bool) -> RoomRow:
    return RoomRow(
        code=room.code,
        phase=room.phase,
        end_reason=room.end_reason,
        created_at=room.created_at,
        started_at=room.started_at,
        ends_at=room.ends_at,
        ended_at=room.ended_at,
        last_message_at=room.last_message_at,
        interrogator_active_at=room.interrogator_active_at,
        n_messages=room.n_messages,
        help_at=room.help_at,
        is_unsealed=is_unsealed,
        seats=[_seat_row(place) for place in _people(room)],
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class AttendanceRow:
    """How a person attends to a long room; `known` is false where it must stay sealed."""

    label: str
    known: bool
    last_active_at: dt.datetime | None = None
    n_reminders: int = 0
    away_until: dt.datetime | None = None


def attendance_rows(room: Room, *, unsealed: bool) -> list[AttendanceRow]:
    """How the people of a long room attend to it; empty in other studies.

    Of a witness nothing is told before the room is unsealed: a silence, a reminder or time away
    beside two panes, one of which is silent, would say who is who.
    """
    if study_file(room).attendance is None:
        return []
    return [
        _attendance_row(room, place) if unsealed or place.is_interrogator else _sealed(place)
        for place in _people(room)
    ]


def _sealed(place: Seat) -> AttendanceRow:
    return AttendanceRow(label=place.label, known=False)


def _attendance_row(room: Room, place: Seat) -> AttendanceRow:
    reminded = Event.objects.filter(room=room, kind=EventKind.REMINDED, seat=place.actor)
    is_away = place.away_until is not None and place.away_until > clock.now()
    return AttendanceRow(
        label=place.label,
        known=True,
        last_active_at=_last_active_at(room, place),
        n_reminders=reminded.count(),
        away_until=place.away_until if is_away and room.phase != Phase.ENDED else None,
    )


def _last_active_at(room: Room, place: Seat) -> dt.datetime | None:
    if place.is_interrogator:
        return room.interrogator_active_at
    acts = Event.objects.filter(room=room, kind__in=ACTS, seat=place.actor)
    return acts.order_by("-seq").values_list("at", flat=True).first()


@dataclass(frozen=True, slots=True, kw_only=True)
class HelpRequest:
    at: dt.datetime
    label: str
    text: str


def help_requests(room: Room, *, limit: int) -> list[HelpRequest]:
    """What people of a room last asked its host, by seat but never by label; oldest first."""
    asked = Event.objects.filter(room=room, kind=EventKind.HELP).order_by("-seq")[:limit]
    return [
        HelpRequest(
            at=event.at,
            label="interrogator" if event.seat == SeatName.INTERROGATOR else "witness",
            text=ERASED if (said := body_of(event, Help)) is None else said.text,
        )
        for event in reversed(asked)
    ]


def _people(room: Room) -> list[Seat]:
    """The seats that a person was invited to, the interrogator's first."""
    people = [place for place in room.seats.all() if place.token_hash]
    return sorted(people, key=lambda place: not place.is_interrogator)


def _seat_row(place: Seat) -> SeatRow:
    return SeatRow(
        label=place.label,
        claimed=bool(place.claim_hash),
        ready=place.ready_at is not None,
        link_token=None if place.claim_hash else invites.token(place.token_seed),
    )
