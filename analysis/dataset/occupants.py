"""Who sat where in a room, by the assignment that its seal held, in the words of the tables."""

import json
from dataclasses import dataclass
from typing import Self

_PANES = {"two_party": ("A",), "three_party": ("A", "B")}
_MACHINE = "machine:"


@dataclass(frozen=True, slots=True, kw_only=True)
class Occupant:
    """A seat and who was drawn for it; a stand-in holds the link of a seat that a machine has."""

    seat: str
    kind: str = "human"
    profile: str = ""
    stand_in: bool = False

    @property
    def actor(self) -> str:
        """How the log names the occupant."""
        return "stand_in" if self.stand_in else self.seat


@dataclass(frozen=True, slots=True, kw_only=True)
class Occupants:
    """The seats of a room, stand-ins last, and what follows from who sat in them."""

    format: str
    seats: tuple[Occupant, ...]

    @classmethod
    def opened(cls, assignment: str, *, room: str, format: str) -> Self:
        """The occupants by a seal's assignment; ValueError if it is none of this room.

        Parameters
        ----------
        assignment : str
            The sealed JSON: ``room``, and for each pane ``human`` or ``machine:<profile>``.
        room : str
            Code of the room.
        format : str
            ``two_party`` or ``three_party``.
        """
        drawn = json.loads(assignment)
        if not isinstance(drawn, dict) or drawn.get("room") != room:
            raise ValueError(f"the assignment {assignment} is not one of room {room}")
        witnesses = [_witness(pane, drawn.get(pane)) for pane in _PANES[format]]
        machines = [each for each in witnesses if each.kind == "machine"]
        if format == "three_party" and len(machines) != 1:
            raise ValueError(f"the assignment {assignment} does not seat one human and one machine")
        seats = [Occupant(seat="interrogator"), *witnesses]
        if len(machines) == len(witnesses):  # the person who was invited all the same
            seats.append(Occupant(seat=machines[0].seat, stand_in=True))
        return cls(format=format, seats=tuple(seats))

    @property
    def human_pane(self) -> str:
        """Pane of the human witness; empty if there is none."""
        place = self.human_witness
        return place.seat if place else ""

    @property
    def witness_kind(self) -> str:
        """The kind of a two-party room's witness."""
        if self.format != "two_party":
            return ""
        return "human" if self.human_pane else "machine"

    @property
    def verdict_when_right(self) -> str:
        """What a right verdict says, as the tables spell it."""
        if self.format == "two_party":
            return "true" if self.human_pane else "false"
        return self.human_pane

    @property
    def profile(self) -> str:
        """The machine's profile; empty if there is no machine."""
        return next((each.profile for each in self.seats if each.profile), "")

    @property
    def kinds(self) -> dict[str, str]:
        """The kind of the occupant who writes as each seat."""
        return {each.actor: each.kind for each in self.seats}

    @property
    def human_witness(self) -> Occupant | None:
        """The witness who is a person and does not stand in."""
        for each in self.seats:
            if each.kind == "human" and not (each.stand_in or each.seat == "interrogator"):
                return each
        return None


def _witness(pane: str, drawn: object) -> Occupant:
    if drawn == "human":
        return Occupant(seat=pane)
    if isinstance(drawn, str) and drawn.startswith(_MACHINE):
        return Occupant(seat=pane, kind="machine", profile=drawn.removeprefix(_MACHINE))
    raise ValueError(f"the assignment seats {drawn!r} in pane {pane}")
