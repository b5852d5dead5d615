"""What coders called each unit, as positions in the sorted list of all categories."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from analysis.errors import ArgumentError
from analysis.numerics import arrays
from analysis.numerics.arrays import Ints

MISSING = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class Codings:
    """Units by coders; `MISSING` where a coder skipped a unit."""

    coders: tuple[str, ...]
    categories: tuple[object, ...]
    codes: Ints

    def of(self, coder: str) -> Ints:
        """What one coder called each unit."""
        if coder not in self.coders:
            known = ", ".join(self.coders)
            raise ArgumentError(f"A coder must be one of {known} (got {coder!r}).")
        return np.asarray(self.codes[:, self.coders.index(coder)])

    def confusion(self, first: str, second: str) -> Ints:
        """Units by what `first` (rows) and `second` (columns) called them."""
        a, b, count = self.of(first), self.of(second), len(self.categories)
        both = (a != MISSING) & (b != MISSING)
        cells = np.bincount(a[both] * count + b[both], minlength=count * count)
        return cells.reshape(count, count)


def read_codings(codings: Mapping[str, ArrayLike]) -> Codings:
    """Check what coders said; None, NaN and the empty text mean that a unit was skipped."""
    given = {str(name): np.asarray(values, dtype=object) for name, values in codings.items()}
    if len(given) < 2:
        raise ArgumentError(f"`codings` must hold at least 2 coders (got {len(given)}).")
    n = len(next(iter(given.values())))
    for name, labels in given.items():
        arrays.refuse_length(labels, name, n)
    said = {label for labels in given.values() for label in labels if not skipped(label)}
    categories = tuple(sorted(said, key=lambda label: (str(type(label)), label)))
    place = {label: k for k, label in enumerate(categories)}
    codes = [
        [MISSING if skipped(label) else place[label] for label in labels]
        for labels in given.values()
    ]
    return Codings(
        coders=tuple(given),
        categories=categories,
        codes=np.array(codes, dtype=np.int64).reshape(len(given), n).T,
    )


def skipped(label: object) -> bool:
    """Whether a cell says that a coder skipped the unit: None, NaN, pandas' NA or nothing."""
    if label is None:
        return True
    same = label == label
    return not isinstance(same, bool | np.bool_) or not same or label == ""
