"""The waits of `calibrated`, moved and stretched to those of the people of the study itself.

A few hundred waits are few to resample. What is taken from a study are three figures: how much
slower its people are, how that changes with the length of a reply, and how far their waits spread.
How one person differs from the next, and a person's waits from each other, is as in `calibrated`.
"""

import functools
import math
import random
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, linear_regression

from arena.pacing.calibrated import calibrated_s, typing_habits

#: With fewer replies of its people a study has too few waits to go by; of more, the newest do.
MIN_WAITS, MOST_WAITS = 150, 1000
#: So many imagined people answer in the place of each wait, to learn how `calibrated` differs.
N_IMAGINED = 16
#: Half of a clock's second: even a wait of 0 s has a logarithm.
_GRAIN_S = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """How long a person took to answer a message of `n_in` characters with `n_out`.

    `bursts` marks the first message of several.
    """

    n_in: int
    n_out: int
    wait_s: float
    bursts: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LengthLine:
    """What is usual for a length: `at_0 + by_length * ln(1 + n_out)`, a logarithm."""

    at_0: float
    by_length: float

    def at(self, n_out: int) -> float:
        return self.at_0 + self.by_length * math.log1p(n_out)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tempo:
    """How a study's waits differ from `calibrated`, in logarithms.

    Where `calibrated` has `usual`, they have `own`, and they are `stretch` times as far from that.
    """

    usual: LengthLine
    own: LengthLine
    stretch: float


def matched_s(
    waits: tuple[Wait, ...], *, n_in: int, n_out: int, first: bool, persona_seed: int,
    rng: random.Random, bursts: bool = False,
) -> float:  # fmt: skip
    """Return this person's wait as `calibrated` draws it, at the tempo of the study's people."""
    tempo = _known_tempo(_Same(waits))
    drawn_s = calibrated_s(
        typing_habits(persona_seed), n_in=n_in, n_out=n_out, first=first, rng=rng, bursts=bursts
    )
    unusual = _logarithm(drawn_s) - tempo.usual.at(n_out)
    return _seconds(tempo.own.at(n_out) + tempo.stretch * unusual)


class _Same:
    """Waits that are known again by being the very same object: to hash them all takes longer."""

    def __init__(self, waits: tuple[Wait, ...]) -> None:
        self.waits = waits

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.waits is self.waits

    def __hash__(self) -> int:
        return id(self.waits)


@functools.lru_cache(maxsize=8)
def _known_tempo(of: _Same) -> Tempo:
    return tempo_of(of.waits[-MOST_WAITS:])


def tempo_of(waits: Sequence[Wait]) -> Tempo:
    """Compare a study's waits with those of imagined people in the same places."""
    # The same people in every process.
    rng = random.Random(1)
    places = [
        (wait, _logarithm(_imagined_s(wait, rng=rng))) for wait in waits for _ in range(N_IMAGINED)
    ]
    usual, spread = _line(places)
    own, own_spread = _line([(wait, _logarithm(wait.wait_s)) for wait in waits])
    return Tempo(usual=usual, own=own, stretch=own_spread / spread)


def _line(places: Sequence[tuple[Wait, float]]) -> tuple[LengthLine, float]:
    """The line through logarithms, and how far they are from it: their standard deviation."""
    lengths = [math.log1p(wait.n_out) for wait, _ in places]
    logarithms = [logarithm for _, logarithm in places]
    if len(set(lengths)) > 1:
        by_length, at_0 = linear_regression(lengths, logarithms)
    else:
        by_length, at_0 = 0.0, fmean(logarithms)
    line = LengthLine(at_0=at_0, by_length=by_length)
    off = fmean((logarithm - line.at(wait.n_out)) ** 2 for wait, logarithm in places)
    return line, math.sqrt(off)


def _imagined_s(wait: Wait, *, rng: random.Random) -> float:
    """What somebody else takes in the place of a wait."""
    person = typing_habits(rng.getrandbits(32))
    return calibrated_s(
        person, n_in=wait.n_in, n_out=wait.n_out, first=False, rng=rng, bursts=wait.bursts
    )


def _logarithm(wait_s: float) -> float:
    return math.log(wait_s + _GRAIN_S)


def _seconds(logarithm: float) -> float:
    return max(math.exp(logarithm) - _GRAIN_S, 0.0)
