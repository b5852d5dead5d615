"""How a room stands for one of its seats, however little of the log its client holds."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

from arena.event_kinds import Belief
from arena.events import LogEntry, listed
from arena.models import Event, Room, Seat
from arena.queries.knowing import human, may_know, opened_seal
from arena.queries.paging import unread
from arena.queries.studies import study_file
from arena.rules import EventKind, Format, Phase, panes
from arena.studies.design import StudyFile


@dataclass(frozen=True, slots=True, kw_only=True)
class SeatStatus:
    """The state of a room for one of its seats."""

    room: Room
    design: StudyFile
    ready: bool
    is_claim_current: bool  # no new link was issued since the seat was opened
    stood_down: bool
    belief: tuple[float, dt.datetime] | None = None  # the interrogator's last one, and when
    asked: dt.datetime | None = None  # since when a question for it waits for an answer
    #: By pane: the last event that the seat has read, and how many came since.
    unread: Mapping[str, tuple[str | None, int]] = field(default_factory=dict)
    human: str | bool | None = None  # who it was, once this seat may know
    seal: Mapping[str, str] | None = None  # with what opens it, from then on

    @property
    def over(self) -> bool:
        return self.stood_down or self.room.phase == Phase.ENDED


def seat_status(seat: Seat) -> SeatStatus:
    """The present state of a seat and its room."""
    room = Room.objects.select_related("study").get(id=seat.room_id)
    row, knows = Seat.objects.get(id=seat.id), may_know(seat, room)
    belief = _last_belief(room) if seat.is_interrogator else None
    return SeatStatus(
        room=room,
        design=study_file(room),
        ready=row.ready_at is not None,
        is_claim_current=row.claim_hash == seat.claim_hash,
        stood_down=seat.stand_in and room.started_at is not None,
        belief=belief,
        asked=_asked(room, since=belief) if seat.is_interrogator else None,
        unread=_unread(row, room),
        human=human(room) if knows else None,
        seal=opened_seal(room) if knows else None,
    )


def _unread(seat: Seat, room: Room) -> dict[str, tuple[str | None, int]]:
    if room.started_at is None or seat.stand_in:
        return {}
    own = panes(Format(room.study.format)) if seat.is_interrogator else (seat.name,)
    return {pane: unread(seat, pane) for pane in own}


def _asked(room: Room, *, since: tuple[float, dt.datetime] | None) -> dt.datetime | None:
    """When the question for the belief came that nobody has answered; None without one."""
    asked = Event.objects.filter(room=room, kind=EventKind.BELIEF_ASKED).order_by("-seq")
    at = asked.values_list("at", flat=True).first()
    return at if at is not None and (since is None or since[1] < at) else None


def _last_belief(room: Room) -> tuple[float, dt.datetime] | None:
    given = Event.objects.filter(room=room, kind=EventKind.BELIEF).order_by("-seq")
    match listed(given[:1]):
        case [LogEntry(body=Belief(p=p), at=at)]:
            return p, at
    return None
