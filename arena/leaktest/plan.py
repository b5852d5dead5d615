"""What a leak test is asked for."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from arena.errors import ArenaError
from arena.leaktest.families import ABOUT, Family, Play
from arena.leaktest.latency import Latency
from arena.leaktest.plants import PLANTS, Plant
from arena.leaktest.plays import Lengths

FEWEST_PAIRS, MOST_PAIRS, USUAL_PAIRS = 12, 5000, 600
#: Below so many pairs the rooms are short as well.
SHORT_BELOW = 100
MOST_SPEED = 10.0


class LeakTestRefused(ArenaError):
    code: ClassVar[str] = "leaktest.refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class LeakPlan:
    """A study, how many rooms, how slow a model, which leak is planted, which families."""

    text: str
    n_pairs: int = USUAL_PAIRS
    latency: Latency = field(default_factory=lambda: Latency.read("1s"))
    plant: Plant | None = None
    families: frozenset[Family] = frozenset(Family)
    speed: float = 1.0
    seed: int = 0

    def __post_init__(self) -> None:
        if not FEWEST_PAIRS <= self.n_pairs <= MOST_PAIRS:
            raise LeakTestRefused(
                f"{self.n_pairs} pairs were asked for; expected {FEWEST_PAIRS} to {MOST_PAIRS}: "
                "with fewer no family can be told from chance. Give --pairs such a number."
            )
        if not 1 <= self.speed <= MOST_SPEED:
            raise LeakTestRefused(
                f"The speed is {self.speed:g}; expected 1 to {MOST_SPEED:g}: on a faster clock a "
                "hiccup of this machine is seconds of a room's. Give --speed such a number."
            )
        if self.plant is not None and PLANTS[self.plant].caught_by not in self.families:
            raise LeakTestRefused(
                f"{self.plant} is to be found by the family {PLANTS[self.plant].caught_by}, which "
                "--only leaves out. Name it there, too."
            )

    @property
    def is_short(self) -> bool:
        """Whether the run is to be over soon."""
        return self.n_pairs < SHORT_BELOW

    @property
    def lengths(self) -> Lengths:
        """How much of everything is in a room."""
        return Lengths.short() if self.is_short else Lengths()

    @property
    def plays(self) -> tuple[Play, ...]:
        """The plays that the families need, in their order."""
        needed = {ABOUT[family].play for family in self.families}
        return tuple(play for play in Play if play in needed)

    def of(self, play: Play) -> list[Family]:
        """The families of a play that are asked for."""
        return [f for f in Family if f in self.families and ABOUT[f].play == play]

    def n_rooms(self, play: Play) -> int:
        """How many rooms a play has: fewer where a room is long, or where one sees all."""
        match play:
            case Play.PROBE:  # Each room asks and pings many times.
                return max(min(self.n_pairs, 16), self.n_pairs // 4)
            case Play.LOOK:  # Pages do not change from one visit to the next.
                return min(self.n_pairs, 96)
            case Play.SEASON:  # All of them at once, on one fast clock.
                return min(self.n_pairs, 48)
        return self.n_pairs


def families_named(names: Sequence[str]) -> frozenset[Family]:
    """Families by name, all of them if there is no name; raise for one that is unknown."""
    for name in names:
        if name not in list(Family):
            raise LeakTestRefused(
                f"There is no family {name!r}. Expected some of: {', '.join(Family)}. "
                "Correct --only."
            )
    return frozenset(map(Family, names)) or frozenset(Family)
