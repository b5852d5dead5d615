"""Spans (start, stop] during which rows are at risk: checked, with exact order and exact ties."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from analysis.errors import ArgumentError
from analysis.numerics import arrays
from analysis.numerics.arrays import Floats, Ints


@dataclass(frozen=True, slots=True, kw_only=True)
class Spans:
    """Whole numbers in the order of the times, equal where times are; no start is "from ever"."""

    start: Ints | None
    stop: Ints
    times: Floats | None  # what the numbers stand for, where they are not the times themselves

    def time_of(self, numbers: Ints) -> Floats:
        """The times that these numbers stand for."""
        return numbers.astype(np.float64) if self.times is None else self.times[numbers]


def spans(start: ArrayLike | None, stop: ArrayLike, *, names: tuple[str, str]) -> Spans:
    """Check that every row is at risk for some time, and number the times of both columns."""
    ends = arrays.times(stop, names[1])
    if start is None and ends.dtype.kind == "f":
        return _numbered(None, ends)
    if start is None:
        return Spans(start=None, stop=ends.astype(np.int64, copy=False), times=None)
    begins = arrays.times(start, names[0])
    arrays.refuse_length(begins, names[0], len(ends))
    numbered = _numbered(begins, ends)
    assert numbered.start is not None
    empty = numbered.start >= numbered.stop
    if empty.any():
        rows = np.flatnonzero(empty)
        raise ArgumentError(
            f"`{names[0]}` is not before `{names[1]}` in {arrays.row_list(rows)}, such as "
            f"{begins[rows[0]]} and {ends[rows[0]]}; a row is at risk in (start, stop] and needs "
            "some time there. Leave these rows out, and say so in the report."
        )
    return numbered


def _numbered(begins: Ints | Floats | None, ends: Ints | Floats) -> Spans:
    if ends.dtype.kind == "i" and begins is not None and begins.dtype.kind == "i":
        whole = (column.astype(np.int64, copy=False) for column in (begins, ends))
        return Spans(start=next(whole), stop=next(whole), times=None)
    both = ends if begins is None else np.concatenate([begins, ends]).astype(np.float64)
    order = np.argsort(both)
    ordered = both[order]
    new = arrays.distinct_starts(ordered)
    number = np.empty(len(both), dtype=np.int64)
    number[order] = np.cumsum(new) - 1
    split = len(both) - len(ends)
    return Spans(
        start=None if begins is None else number[:split],
        stop=number[split:],
        times=ordered[new].astype(np.float64),
    )
