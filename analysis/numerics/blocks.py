"""Long arrays in pieces that stay in the processor's cache: fresh memory costs more than the sums.

Running sums and products carry over from piece to piece.
"""

from itertools import pairwise

import numpy as np

from analysis.numerics.arrays import Floats

#: Numbers in one piece.
LENGTH = 32_000

#: So many neighbours are combined before anything runs along the array.
_RUN = 4

#: Below this the calls cost more than the waiting.
_WORTH_IT = 4000


def blocks(n: int) -> list[slice]:
    """Consecutive slices of an array of `n` numbers."""
    if 0 < n <= LENGTH:
        return [slice(0, n)]
    return [slice(start, min(start + LENGTH, n)) for start in range(0, n, LENGTH)]


def run(step: np.ufunc, values: Floats) -> None:
    """Replace numbers by their running sums or products along the last axis.

    A processor adds many pairs of numbers at once, but the steps of a running sum wait for each
    other: only every fourth is made to wait. What rises or falls still does, and a step that adds
    0 or multiplies by 1 changes no digit.
    """
    if values.shape[-1] < _WORTH_IT:
        step.accumulate(values, axis=-1, out=values)
        return
    places = [values[..., k::_RUN] for k in range(_RUN)]
    for before, here in pairwise(places):
        step(before[..., : here.shape[-1]], here, out=here)
    step.accumulate(places[-1], axis=-1, out=places[-1])
    for place in places[:-1]:
        here = place[..., 1:]
        step(places[-1][..., : here.shape[-1]], here, out=here)


class Running:
    """Running sums over pieces, in the order in which they are given."""

    def __init__(self) -> None:
        self._so_far: Floats | None = None

    def add(self, values: Floats) -> Floats:
        """Replace the piece by its running sums along the last axis, and give it back."""
        if self._so_far is not None:
            values[..., 0] += self._so_far
        run(np.add, values)
        self._so_far = values[..., -1].copy()
        return values
