"""Long arrays in pieces that stay in the processor's cache: fresh memory costs more than the sums.

Running sums and products carry over from piece to piece, so no result depends on the pieces.
"""

from collections.abc import Iterator

import numpy as np

from analysis.arrays import Floats

#: Numbers in one piece.
LENGTH = 8000


def blocks(n: int) -> Iterator[slice]:
    """Consecutive slices of an array of `n` numbers."""
    for start in range(0, n, LENGTH):
        yield slice(start, min(start + LENGTH, n))


class Running:
    """Running sums over pieces, in the order in which they are given."""

    def __init__(self) -> None:
        self._so_far: Floats | float = 0.0

    def add(self, values: Floats) -> Floats:
        """Replace the piece by its running sums along the last axis, and give it back."""
        values[..., 0] += self._so_far
        np.cumsum(values, axis=-1, out=values)
        self._so_far = values[..., -1].copy()
        return values
