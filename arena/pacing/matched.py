"""Waits resampled from the people of the study itself, by the lengths of message and reply."""

import heapq
import math
import random
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

#: With fewer replies of its people a study has too few waits to resample.
MIN_WAITS = 150
#: The correlation of one person's waits, in ranks among replies of similar lengths.
PERSON_CORRELATION = 0.2
_NORMAL = NormalDist()


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """How long a person took to answer a message of `n_in` characters with `n_out`."""

    n_in: int
    n_out: int
    wait_s: float


def matched_s(
    waits: Sequence[Wait], *, n_in: int, n_out: int, persona_seed: int, rng: random.Random
) -> float:
    """Return a wait from among those before replies of similar lengths.

    The imagined person is quick or slow by rank: an offset in seconds or in logarithms would come
    on top of how people differ already, and spread the waits more than people's. Between two
    neighbouring ranks the wait is interpolated, so nobody's sequence comes again.
    """
    near = sorted(wait.wait_s for wait in _nearest(waits, n_in=n_in, n_out=n_out))
    slowness = random.Random(persona_seed).gauss(0, 1)
    own, other = math.sqrt(PERSON_CORRELATION), math.sqrt(1 - PERSON_CORRELATION)
    z = own * slowness + other * rng.gauss(0, 1)
    place = _NORMAL.cdf(z) * (len(near) - 1)
    below = min(int(place), len(near) - 2)
    return near[below] + (place - below) * (near[below + 1] - near[below])


def _nearest(waits: Sequence[Wait], *, n_in: int, n_out: int) -> list[Wait]:
    def distance(wait: Wait) -> float:
        out = math.log((wait.n_out + 1) / (n_out + 1))
        heard = math.log((wait.n_in + 1) / (n_in + 1))
        return out * out + heard * heard

    # Grows slower than the sample, so more people make neighbours both more and nearer.
    return heapq.nsmallest(round(2 * math.sqrt(len(waits))), waits, key=distance)
