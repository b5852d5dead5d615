"""How long the stand-in model takes: a latency distribution that one may set."""

import math
import random
import re
from dataclasses import dataclass
from typing import ClassVar

from arena.errors import ArenaError

_SECONDS = r"([0-9]+(?:\.[0-9]+)?) ?s"
_SPREAD = re.compile(rf"{_SECONDS}\s*-\s*{_SECONDS}")
_LOGNORMAL = re.compile(rf"lognormal\({_SECONDS}\s*,\s*([0-9]+(?:\.[0-9]+)?)\)")
#: No model that anybody would use takes longer.
LONGEST_S = 120.0


class LatencyUnreadable(ArenaError):
    code: ClassVar[str] = "leaktest.latency"

    def __init__(self, text: str) -> None:
        super().__init__(
            f"The latency of the stand-in model is {text!r}. Expected seconds such as 3s, a range "
            "from which each call draws evenly such as 0.5s-8s, or lognormal(3s, 0.5), which is a "
            f"median and the spread of the logarithm; at most {LONGEST_S:g} s. Correct --latency."
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Latency:
    """Even between two ends (s), or log-normal around a median (s) where there is a spread."""

    text: str
    low_s: float
    high_s: float
    spread: float = 0.0

    @classmethod
    def read(cls, text: str) -> "Latency":
        """Read `3s`, `0.5s-8s` or `lognormal(3s, 0.5)`; raise if it is none of them."""
        given = text.strip()
        if found := re.fullmatch(_SECONDS, given):
            made = cls(text=given, low_s=float(found[1]), high_s=float(found[1]))
        elif found := _SPREAD.fullmatch(given):
            made = cls(text=given, low_s=float(found[1]), high_s=float(found[2]))
        elif found := _LOGNORMAL.fullmatch(given):
            median_s = float(found[1])
            made = cls(text=given, low_s=median_s, high_s=median_s, spread=float(found[2]))
        else:
            raise LatencyUnreadable(text)
        if not made.low_s <= made.high_s <= LONGEST_S:
            raise LatencyUnreadable(text)
        return made

    def draw_s(self, rng: random.Random) -> float:
        """The time (s) of one call."""
        if self.spread:
            median_s = max(self.low_s, 1e-3)
            return min(rng.lognormvariate(math.log(median_s), self.spread), LONGEST_S)
        return rng.uniform(self.low_s, self.high_s)
