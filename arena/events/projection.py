"""What the columns of a room and its seats have to be, by the room's log alone.

They are written with the log for the sake of speed; nothing else may ever have changed them.
"""

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any

from analysis.dataset.entries import Entry
from analysis.dataset.held_words import HeldWords
from analysis.dataset.moments import read_ms
from analysis.dataset.occupants import Occupant, Occupants
from analysis.dataset.standing import Standing
from arena.event_kinds import ACTS
from arena.models import Room, Seat
from arena.rules import EventKind, Phase, SeatName

_1970 = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_MESSAGE, _INTERROGATOR = EventKind.MESSAGE, SeatName.INTERROGATOR


class Projection:
    """Follows a room's log, in lines as `chain.first_break` takes them."""

    def __init__(self, duration_ms: int) -> None:
        self.standing = Standing(duration_ms)
        self.is_over_time = self.is_opened = False
        self._held = HeldWords()
        self._last: Mapping[str, Any] = {}
        self._last_message = self._last_help = self._last_act = ""  # when
        self._n_messages = 0
        self._n_asked = {"A": 0, "B": 0}
        self._round: tuple[int, dt.datetime] | None = None

    def hear(self, line: Mapping[str, Any]) -> None:
        """Take note of the next event; ValueError or KeyError if it cannot follow."""
        kind, seat, self._last = line["kind"], line["seat"], line
        if seat == _INTERROGATOR and kind in ACTS:
            self._last_act = line["at"]
        if kind == _MESSAGE:
            self._count(line)
            return
        at, paused_at = read_ms(line["at"]), self.standing.clock.paused_at
        self.standing.hear(kind, seat, at=at, body=line["body"])
        match kind:
            case EventKind.HELD:
                self._held.hold(Entry.of(line))
            case EventKind.HELP:
                self._last_help = line["at"]
            case EventKind.ROUND:
                ends_at = line["body"]["ends_at"]
                self._round = ends_at and (at, dt.datetime.fromisoformat(ends_at))
            case EventKind.RESUMED if self._round and paused_at is not None:
                began_at, ends_at = self._round
                self._round = began_at, ends_at + dt.timedelta(milliseconds=at - paused_at)
            case EventKind.TIME_UP | EventKind.ENDED:
                self.is_over_time, self._round = True, None
            case EventKind.REVEALED:
                self.is_opened = True

    def _count(self, message: Mapping[str, Any]) -> None:
        """Take note of a message."""
        self._n_messages += 1
        self._last_message = message["at"]
        if message["seat"] != _INTERROGATOR:
            self._held.show(Entry.of(message))
        elif message["pane"] in self._n_asked:
            self._n_asked[message["pane"]] += 1

    def room_faults(self, room: Room) -> Iterator[str]:
        """Every column of a room that is not what the log says."""
        for name, value in self._columns().items():
            found = getattr(room, name)
            if found != value:
                yield f"the room's {name} is {_shown(found)}, but its log says {_shown(value)}"

    def _columns(self) -> dict[str, object]:
        told = self.standing
        clock, sealed, ended_at = told.clock, told.sealed, told.ended_at
        began_at, round_ends_at = self._round or (None, None)
        columns: dict[str, object] = {
            **{name: sealed.get(name) for name in ("seal", "study_sha256", "consent_sha256")},
            "phase": told.phase,
            "end_reason": told.end_reason,
            "ended_by": told.ended_by,
            "started_at": _moment(clock.started_at),
            "ends_at": _moment(told.ends_at),
            "ended_at": _moment(ended_at),
            "paused_at": None if told.phase == Phase.ENDED else _moment(clock.paused_at),
            "paused_ms": clock.resumed_ms if ended_at is None else clock.paused_ms(ended_at),
            "round_began_at": _moment(began_at),
            "round_ends_at": round_ends_at,
            "last_at": _read(self._last["at"]),
            "n_messages": self._n_messages,
            "n_asked_a": self._n_asked["A"],
            "n_asked_b": self._n_asked["B"],
            "last_message_at": _read(self._last_message),
            "interrogator_active_at": _read(self._last_act),
            "help_at": _read(self._last_help),
        }
        if told.ended_by is None:
            del columns["ended_by"]
        if "source_sha256" in sealed:
            columns["created_at"] = _moment(told.created_at)
        return columns

    @property
    def untold(self) -> frozenset[str]:
        """The columns of the room that its log does not tell, being older than they are."""
        by = {"ended_by"} if self.standing.ended_by is None else set()
        made = set() if "source_sha256" in self.standing.sealed else {"created_at"}
        return frozenset(by | made)

    def seat_faults(self, who: Occupants, seats: list[Seat]) -> Iterator[str]:
        """Every seat that is not what the log and the sealed assignment say."""
        places = {place.actor: place for place in who.seats}
        if sorted(seat.actor for seat in seats) != sorted(places):
            yield "the room's seats are not those of its sealed assignment"
            return
        for seat in seats:
            for name, (found, value) in self._seat_columns(seat, places[seat.actor]).items():
                if found != value:
                    yield (
                        f"the {name} of its seat {seat.actor} is {_shown(found)}, but its log "
                        f"says {_shown(value)}"
                    )

    def _seat_columns(self, seat: Seat, place: Occupant) -> dict[str, tuple[object, object]]:
        """What some columns of a seat are, and what they have to be."""
        here = self.standing.attendee(place.actor)
        profile = f"{seat.profile.study_id}:{seat.profile.name}" if seat.profile else ""
        drawn = f"{seat.room.study_id}:{place.profile}" if place.profile else ""
        return {
            "name": (seat.name, place.seat),
            "kind": (seat.kind, place.kind),
            "profile": (profile, drawn),
            "participant": (seat.participant.code if seat.participant else "", here.participant),
            "agent": (seat.agent or "", here.agent),
            "claimed_at": (seat.claimed_at, _moment(here.claimed_at)),
            "ready_at": (seat.ready_at, _moment(here.ready_at)),
        }


def _moment(ms: int | None) -> dt.datetime | None:
    return None if ms is None else _1970 + dt.timedelta(milliseconds=ms)


def _read(text: str) -> dt.datetime | None:
    return dt.datetime.fromisoformat(text) if text else None


def _shown(value: object) -> str:
    """A value in words."""
    if value in (None, ""):
        return "empty"
    return value.isoformat() if isinstance(value, dt.datetime) else repr(str(value))
