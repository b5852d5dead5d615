"""Counts rows by distinct time and code: the only step of a curve that looks at every row.

Whole numbers are counted in bins, or sorted as one integer that holds time and code together, so
that no row has to be moved twice. No result depends on which way was taken.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias, cast

import numpy as np
from numpy.typing import NDArray

from analysis.numerics.arrays import Codes, Floats, Ints, Times, distinct_starts
from analysis.numerics.blocks import blocks

#: Bins that are always few enough, however few the rows.
FEW_BINS = 1024

#: Integers of any size: short ones sort twice as fast.
_Whole: TypeAlias = NDArray[np.signedinteger[Any]]

#: Distinct times and, at each, the rows that remain and the rows with each code from 1.
_Counted: TypeAlias = tuple[Floats, Ints]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How many rows with each code from 1 there are at each distinct time.

    `remaining` rows have this time or a later one, whatever their code.
    """

    times: Times
    events: Ints  # codes x times
    remaining: Ints


def tally(values: Ints | Floats, codes: Codes, n_codes: int) -> Tally:
    """Count rows by distinct time, in order, and by code below `n_codes`."""
    if not len(values):
        distinct, counts = np.zeros(0), np.zeros((n_codes, 0), dtype=np.int64)
    elif values.dtype.kind == "f":
        distinct, counts = _by_order(values, codes, n_codes)
    else:
        distinct, counts = _of_whole(cast(Ints, values), codes, n_codes)
    times = Times(distinct=distinct, values=values)
    return Tally(times=times, remaining=counts[0], events=counts[1:])


def _of_whole(values: Ints, codes: Codes, n_codes: int) -> _Counted:
    span, shift = int(np.maximum.reduce(values)) + 1, (n_codes - 1).bit_length()
    if span * n_codes <= max(len(values), FEW_BINS):
        return _by_bins(values, codes, n_codes)
    if span << shift > 2**62:
        return _by_order(values, codes, n_codes)
    short = max(span << shift, len(values)) < 2**31
    keys: _Whole = np.empty(len(values), np.int32 if short else np.int64)
    for part in blocks(len(values)):
        here = keys[part]
        np.left_shift(values[part], shift, out=here, casting="unsafe")
        here |= codes[part]
    keys.sort()
    return _by_keys(keys, n_codes, shift)


def _by_bins(values: Ints, codes: Codes, n_codes: int) -> _Counted:
    bins = values * n_codes
    bins += codes
    cells = np.bincount(bins, minlength=(int(bins.max()) // n_codes + 1) * n_codes)
    cells = cells.reshape(-1, n_codes).T
    gone = np.add.reduce(cells)
    here = gone.nonzero()[0]
    counts, gone = cells.take(here, axis=1), gone.take(here)
    np.subtract(gone + len(values), np.add.accumulate(gone), out=counts[0])
    return here.astype(np.float64), counts


def _by_keys(keys: _Whole, n_codes: int, shift: int) -> _Counted:
    mask = (1 << shift) - 1
    last = np.empty(len(keys), dtype=bool)
    for part in blocks(len(keys) - 1):
        np.greater(keys[1:][part] ^ keys[:-1][part], mask, out=last[:-1][part])
    last[-1] = True
    ends = last.nonzero()[0]
    distinct, counts = _room(ends, n_codes)
    for part, rows, at in _runs(ends):
        here = keys[rows]
        np.right_shift(here.take(at), shift, out=distinct[part])
        here &= mask
        _count(here, at, counts[1:, part])
    return distinct, counts


def _by_order(values: Ints | Floats, codes: Codes, n_codes: int) -> _Counted:
    order = np.argsort(values)
    ordered, codes = values[order], codes[order].astype(np.int64, copy=False)
    starts = distinct_starts(ordered).nonzero()[0]
    ends = np.append(starts[1:], len(values)) - 1
    distinct, counts = _room(ends, n_codes)
    distinct[:] = ordered[starts]
    for part, rows, at in _runs(ends):
        _count(codes[rows], at, counts[1:, part])
    return distinct, counts


def _room(ends: Ints, n_codes: int) -> _Counted:
    """Room for the result in one piece, with the rows that remain filled in."""
    room = np.empty((1 + n_codes, len(ends)), np.int64)
    n = int(ends[-1]) + 1
    room[1, 0] = n
    np.subtract(n - 1, ends[:-1], out=room[1, 1:])
    return room[0].view(np.float64), room[1:]


def _runs(ends: Ints) -> Iterator[tuple[slice, slice, Ints]]:
    """Pieces of the distinct times, the rows that belong to each, and where its runs end there."""
    first = 0
    for part in blocks(len(ends)):
        here = ends[part] - first if first else ends[part]
        rows = slice(first, first + int(here[-1]) + 1)
        yield part, rows, here
        first = rows.stop


def _count(codes: _Whole, ends: Ints, counts: Ints) -> None:
    """Rows of each code from 1 between one end and the next."""
    for code, row in enumerate(counts, start=1):
        marked = codes if len(counts) == 1 else (codes == code).astype(codes.dtype)
        seen = np.add.accumulate(marked, dtype=codes.dtype).take(ends)
        row[0] = seen[0]
        np.subtract(seen[1:], seen[:-1], out=row[1:])


def leaving(remaining: Ints) -> Ints:
    """Rows with each time, from the rows with this time or a later one."""
    gone = remaining.copy()
    gone[:-1] -= remaining[1:]
    return gone
