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
from statistics import fmean, linear_regression, variance

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
class Tempo:
    """How a study's waits differ from `calibrated`, in logarithms.

    They are `slower + slower_by_length * ln(1 + n_out)` longer, and `stretch` times as far from
    what is usual for their lengths.
    """

    slower: float
    slower_by_length: float
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
    usual = fmean(_imagined(n_in, n_out, bursts=bursts))
    slower = tempo.slower + tempo.slower_by_length * math.log1p(n_out)
    return _seconds(usual + slower + tempo.stretch * (_logarithm(drawn_s) - usual))


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
    imagined = [_imagined(wait.n_in, wait.n_out, bursts=wait.bursts) for wait in waits]
    lengths = [math.log1p(wait.n_out) for wait in waits]
    more = [
        _logarithm(wait.wait_s) - fmean(drawn) for wait, drawn in zip(waits, imagined, strict=True)
    ]
    line = linear_regression(lengths, more) if len(set(lengths)) > 1 else None
    slope = line.slope if line else 0.0
    slower = line.intercept if line else fmean(more)
    usual = fmean(variance(drawn) for drawn in imagined)
    left = [m - slower - slope * length for m, length in zip(more, lengths, strict=True)]
    # What is usual is a mean of some draws itself, and varies by that much.
    spread = max(fmean(each * each for each in left) - usual / N_IMAGINED, 0.0)
    return Tempo(slower=slower, slower_by_length=slope, stretch=math.sqrt(spread / usual))


@functools.lru_cache(maxsize=4096)
def _imagined(n_in: int, n_out: int, *, bursts: bool) -> tuple[float, ...]:
    """Logarithms of the waits of some imagined people, the same ones in every process."""
    rng = random.Random(f"{n_in}:{n_out}:{bursts}")
    people = (typing_habits(rng.getrandbits(32)) for _ in range(N_IMAGINED))
    return tuple(
        _logarithm(
            calibrated_s(person, n_in=n_in, n_out=n_out, first=False, rng=rng, bursts=bursts)
        )
        for person in people
    )


def _logarithm(wait_s: float) -> float:
    return math.log(wait_s + _GRAIN_S)


def _seconds(logarithm: float) -> float:
    return max(math.exp(logarithm) - _GRAIN_S, 0.0)
