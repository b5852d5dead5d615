"""Counts rows by distinct time and code: the only step of a curve that looks at every row.

Whole numbers are counted in bins, or sorted as one integer that holds time and code together, so
that no row has to be moved twice. No result depends on which way was taken.
"""

from dataclasses import dataclass
from typing import Any, TypeAlias, cast

import numpy as np

from analysis.arrays import Floats, Ints, Times, distinct_starts

#: Bins that are always few enough, however few the rows.
FEW_BINS = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How many rows with each code from 1 there are at each distinct time.

    `remaining` rows have this time or a later one, whatever their code.
    """

    times: Times
    events: Ints  # codes x times
    remaining: Ints


def tally(values: Ints | Floats, codes: Ints, n_codes: int) -> Tally:
    """Count rows by distinct time, in order, and by code below `n_codes`."""
    if not len(values):
        nothing = np.zeros((n_codes - 1, 0), dtype=np.int64)
        times = Times(distinct=np.zeros(0), values=values)
        return Tally(times=times, events=nothing, remaining=np.zeros(0, dtype=np.int64))
    count = _by_order if values.dtype.kind == "f" else _of_whole
    distinct, starts, events = count(cast(Any, values), codes, n_codes)
    remaining = np.subtract(len(values), starts, out=starts)
    return Tally(times=Times(distinct=distinct, values=values), events=events, remaining=remaining)


#: Distinct times, how many rows lie before each, and the events.
_Counted: TypeAlias = tuple[Floats, Ints, Ints]


def _of_whole(values: Ints, codes: Ints, n_codes: int) -> _Counted:
    low, high = int(values.min()), int(values.max())
    shift = (n_codes - 1).bit_length()
    if (high - low + 1) * n_codes <= max(len(values), FEW_BINS):
        return _by_bins(values, codes, n_codes, low)
    if high < 2 ** (62 - shift):
        return _by_keys((values << shift) | codes, n_codes, shift)
    return _by_order(values, codes, n_codes)


def _by_bins(values: Ints, codes: Ints, n_codes: int, low: int) -> _Counted:
    cells = np.bincount((values - low) * n_codes + codes)
    cells = np.append(cells, np.zeros(-len(cells) % n_codes, np.int64)).reshape(-1, n_codes)
    here = np.flatnonzero(cells.any(axis=1))
    counts = np.ascontiguousarray(cells[here].T)
    leaving = counts.sum(axis=0)
    return (here + low).astype(np.float64), np.cumsum(leaving) - leaving, counts[1:]


def _by_keys(keys: Ints, n_codes: int, shift: int) -> _Counted:
    keys.sort()
    times = keys >> shift
    starts = np.flatnonzero(distinct_starts(times))
    keys &= (1 << shift) - 1
    return times[starts].astype(np.float64), starts, _counts_from(starts, keys, n_codes)


def _by_order(values: Ints | Floats, codes: Ints, n_codes: int) -> _Counted:
    order = np.argsort(values)
    ordered = values[order]
    starts = np.flatnonzero(distinct_starts(ordered))
    return (
        ordered[starts].astype(np.float64),
        starts,
        _counts_from(starts, codes[order], n_codes),
    )


def _counts_from(starts: Ints, codes: Ints, n_codes: int) -> Ints:
    """Rows of each code from 1 between one start and the next."""
    counts = np.empty((n_codes - 1, len(starts)), dtype=np.int64)
    ends = np.empty(len(starts), dtype=np.int64)
    ends[:-1], ends[-1] = starts[1:], len(codes)
    ends -= 1
    for code, row in enumerate(counts, start=1):
        seen = np.cumsum(codes == code)[ends]
        row[0] = seen[0]
        np.subtract(seen[1:], seen[:-1], out=row[1:])
    return counts


def leaving(remaining: Ints) -> Ints:
    """Rows with each time, from the rows with this time or a later one."""
    return -np.diff(remaining, append=0)
