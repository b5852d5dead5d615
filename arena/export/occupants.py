"""Who sat where in an ended room, in the words of the tables."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Self

from arena.export.tables import Row
from arena.models import Room, Seat
from arena.rules import Format, Kind, SeatName

_ORDER = list(SeatName)


@dataclass(frozen=True, slots=True, kw_only=True)
class Occupants:
    """The seats of a room, stand-ins last, and what follows from who sat in them."""

    room: Room
    seats: tuple[Seat, ...]

    @classmethod
    def of(cls, rooms: Sequence[Room]) -> list[Self]:
        """The occupants of some rooms."""
        # Seats that refer to their room would form a cycle with it, which only the garbage
        # collector frees: memory would grow from room to room.
        seats = Seat.objects.filter(room_id__in=[room.id for room in rooms])
        order = sorted(
            seats.select_related("participant", "profile"),
            key=lambda place: (place.stand_in, _ORDER.index(SeatName(place.name))),
        )
        found: dict[int, list[Seat]] = {room.id: [] for room in rooms}
        for place in order:
            found[place.room_id].append(place)
        return [cls(room=room, seats=tuple(found[room.id])) for room in rooms]

    @property
    def human_pane(self) -> str:
        place = self._witness(Kind.HUMAN)
        return str(place.name) if place else ""

    @property
    def witness_kind(self) -> str:
        """The kind of a two-party room's witness."""
        if self.room.study.format != Format.TWO_PARTY:
            return ""
        return Kind.HUMAN if self.human_pane else Kind.MACHINE

    @property
    def verdict_when_right(self) -> str:
        """What a right verdict says, as the tables spell it."""
        if self.room.study.format == Format.TWO_PARTY:
            return "true" if self.human_pane else "false"
        return self.human_pane

    @property
    def profile(self) -> str:
        return _profile(self._witness(Kind.MACHINE))

    @property
    def interrogator(self) -> str:
        return _participant(self.seats[0])

    @property
    def human_witness(self) -> str:
        return _participant(self._witness(Kind.HUMAN))

    @property
    def kinds(self) -> dict[str, str]:
        """The kind of the occupant who writes as each seat."""
        return {place.actor: place.kind for place in self.seats}

    def rows(self) -> Iterator[Row]:
        for place in self.seats:
            yield {
                "room": self.room.code,
                "seat": place.name,
                "kind": place.kind,
                "participant": _participant(place),
                "profile": _profile(place),
                "stand_in": place.stand_in,
                "ready_at": place.ready_at,
                "consent_sha256": self.room.consent_sha256 if place.ready_at else "",
                "agent": place.agent or "",
            }

    def _witness(self, kind: Kind) -> Seat | None:
        for place in self.seats:
            if place.kind == kind and not (place.is_interrogator or place.stand_in):
                return place
        return None


def _participant(place: Seat | None) -> str:
    return place.participant.code if place and place.participant else ""


def _profile(place: Seat | None) -> str:
    return place.profile.name if place and place.profile else ""
