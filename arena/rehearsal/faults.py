"""What can go wrong in a rehearsal."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum


class Fault(StrEnum):
    LOST = "lost"
    DOUBLED = "doubled"
    LATE = "late"
    EARLY = "early"
    LEAKED = "leaked"


#: Faults of a room, and what each is.
Found = Iterator[tuple[Fault, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One fault, where it is and what it is."""

    fault: Fault
    room: str
    what: str

    def __str__(self) -> str:
        return f"{self.fault}: room {self.room}: {self.what}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How late something may be, in real seconds, and when the server was down."""

    late_s: float
    speed: float
    downs: Sequence[tuple[float, float]]  # in told seconds since 1970

    def lateness_s(self, due: float, at: float) -> float:
        """How late (real s) something came, not counting the time that the server was down."""
        down = sum(max(0.0, min(at, up) - max(due, gone)) for gone, up in self.downs)
        return (at - due - down) / self.speed
