"""Checks what an estimator is given, and turns it into plain arrays.

Every refusal names the rows, counted from 0. Nothing is dropped, filled in or guessed.
"""

from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Any, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from analysis.errors import ArgumentError

_Kind = TypeVar("_Kind", bound=StrEnum)

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: Whole numbers in as few bytes as they came in: for counting and indexing, not for sums.
Codes = NDArray[np.signedinteger[Any]]

#: Float times nearer than this (absolutely, or relative to their mean) are one time.
TIE = float(np.sqrt(np.finfo(np.float64).eps))

_LARGEST = np.iinfo(np.int64).max
_EXACT = 2**53  # from here on floats skip whole numbers


# No slots: they leave no place for a cached property.
@dataclass(frozen=True, kw_only=True)
class Times:
    """Distinct times in order, and the time of each row as it was given."""

    distinct: Floats
    values: Ints | Floats

    @cached_property
    def index(self) -> Ints:
        """For each row the index of its time among the distinct ones."""
        after = np.searchsorted(self.distinct, self.values, side="right")
        return np.asarray(after - 1, dtype=np.int64)


@dataclass(frozen=True, slots=True, kw_only=True)
class Groups:
    """For each row the number of its group, and how many groups there are."""

    index: Ints
    count: int


def times(values: ArrayLike, name: str = "time") -> Ints | Floats:
    """Check times: finite, 0 or more. Whole numbers come back as integers, which never merge."""
    given = _column(values, name)
    if given.dtype.kind not in "iuf":
        raise ArgumentError(_not_numbers(given.dtype, name, "milliseconds or counts"))
    if given.size and given.min() < 0:
        refuse(given < 0, given, name=name, expected="0 or more")
    if given.dtype.kind != "f":
        return _as_int64(given, name)
    numbers = given.astype(np.float64, copy=False)
    # The sum is finite if every time is: a cheap way to see that nothing is wrong.
    if not np.isfinite(numbers.sum()):
        refuse(~np.isfinite(numbers), numbers, name=name, expected="a finite number")
    whole = _whole(numbers)
    return numbers if whole is None else whole


def distinct_starts(ordered: Ints | Floats) -> NDArray[np.bool_]:
    """Mark the first of each run of equal times; ordered floats that are very near are equal."""
    new = np.ones(len(ordered), dtype=bool)
    if ordered.dtype.kind != "f":
        np.not_equal(ordered[1:], ordered[:-1], out=new[1:])
        return new
    gaps = np.diff(ordered)
    np.greater(gaps, 0, out=new[1:])
    if new.size:
        new[1:] = gaps > TIE * max(1.0, float(ordered[new].mean()))
    return new


def codes(values: ArrayLike, *, name: str, allowed: tuple[int, ...], n: int | None = None) -> Ints:
    """Check a column of small whole numbers from a closed set, and its length if that is known."""
    given = codes_as_given(values, name=name, allowed=allowed, n=n)
    return given.astype(np.int64, copy=False)


def codes_as_given(
    values: ArrayLike, *, name: str, allowed: tuple[int, ...], n: int | None = None
) -> Codes:
    """Check such a column without copying it, where its type allows that."""
    given = _column(values, name)
    if given.dtype.kind not in "biuf":
        raise ArgumentError(_not_numbers(given.dtype, name, f"the codes {_listed(allowed)}"))
    if n is not None:
        refuse_length(given, name, n)
    if given.dtype.kind == "b" and {0, 1} <= set(allowed):
        return given.view(np.int8)
    consecutive = allowed == tuple(range(allowed[0], allowed[-1] + 1))
    if not (consecutive and given.dtype.kind in "biu" and _within(given, allowed)):
        bad = ~np.isin(given, allowed)
        refuse(bad, given, name=name, expected=f"one of {_listed(allowed)}")
    return given if given.dtype.kind == "i" else given.astype(np.int64)


def numbers(values: ArrayLike, *, name: str, n: int) -> Floats:
    """Check a column of finite numbers."""
    given = _column(values, name)
    if given.dtype.kind not in "biuf":
        raise ArgumentError(_not_numbers(given.dtype, name, "numbers"))
    refuse_length(given, name, n)
    as_float = given.astype(np.float64)
    refuse(~np.isfinite(as_float), as_float, name=name, expected="a finite number")
    return as_float


def groups(values: ArrayLike | None, *, name: str, n: int) -> Groups | None:
    """Number the groups of a column of labels; None stays None."""
    if values is None:
        return None
    given = _column(values, name)
    refuse_length(given, name, n)
    if given.dtype.kind in "biu":
        small = _small_numbers(given)
        if small is not None:
            return small
    labels = given.astype(object)
    rows: list[Any] = labels.tolist()
    numbers: dict[Any, int] = {label: i for i, label in enumerate(dict.fromkeys(rows))}
    if any(_is_missing(label) for label in numbers):
        bad = np.array([_is_missing(label) for label in rows], dtype=bool)
        refuse(bad, labels, name=name, expected="a label")
    index = np.fromiter(map(numbers.__getitem__, rows), dtype=np.int64, count=n)
    return Groups(index=index, count=len(numbers))


def choice(kinds: type[_Kind], value: str, name: str) -> _Kind:
    """Read an argument that is one of a closed set of words."""
    try:
        return kinds(value)
    except ValueError:
        known = ", ".join(kinds)
        raise ArgumentError(f"`{name}` must be one of {known} (got {value!r}).") from None


def level(value: float) -> float:
    """Check a confidence level."""
    if not 0.5 < value < 1:
        raise ArgumentError(f"`level` must be between 0.5 and 1 (got {value!r}).")
    return float(value)


def _column(values: ArrayLike, name: str) -> NDArray[Any]:
    given = np.asarray(values)
    if given.ndim != 1:
        raise ArgumentError(f"`{name}` must have one value per row (got {given.ndim} dimensions).")
    # An empty list has no type of its own.
    return given.astype(np.float64) if given.size == 0 else given


def _as_int64(given: NDArray[Any], name: str) -> Ints:
    if given.dtype.kind == "u" and given.size and given.max() > _LARGEST:
        refuse(given > _LARGEST, given, name=name, expected="less than 2^63")
    return given.astype(np.int64, copy=False)


def _whole(given: Floats) -> Ints | None:
    if given.size and (given.max() >= _EXACT or not (given[:8] == np.floor(given[:8])).all()):
        return None
    rounded = given.astype(np.int64)
    return rounded if (rounded == given).all() else None


def _within(given: NDArray[Any], allowed: tuple[int, ...]) -> bool:
    if not given.size:
        return True
    return bool(given.min() >= allowed[0] and given.max() <= allowed[-1])


def _small_numbers(given: NDArray[Any]) -> Groups | None:
    """Number small whole labels in the order of their first appearance, without hashing."""
    n = len(given)
    if not n or given.min() < 0 or given.max() >= max(n, 1024):
        return None
    labels = given.astype(np.int64, copy=False)
    seen = np.flatnonzero(np.bincount(labels))
    number_of = np.zeros(int(seen[-1]) + 1, dtype=np.int64)
    number_of[seen[np.argsort(first_rows(labels, seen))]] = np.arange(len(seen))
    return Groups(index=number_of[labels], count=len(seen))


def first_rows(numbers: Ints, seen: Ints) -> Ints:
    """The row in which each of the numbers that are seen is first; they are small, and in order."""
    n, size = len(numbers), int(seen[-1]) + 1
    # Most often the beginning shows them all.
    for end in (64 * len(seen), n):
        first = np.full(size, n, dtype=np.int64)
        # Written backwards, the first is written last.
        first[numbers[:end][::-1]] = np.arange(min(end, n) - 1, -1, -1)
        if first[seen].max() < n:
            break
    return first[seen]


def _is_missing(label: object) -> bool:
    return label is None or label != label or label == ""


def refuse(bad: ArrayLike, values: ArrayLike, *, name: str, expected: str) -> None:
    """Raise ArgumentError naming the bad rows and what they hold, if there are any."""
    if not np.any(bad):
        return
    rows, given = np.flatnonzero(bad), np.asarray(values)
    shown = ", ".join(dict.fromkeys(str(given[row]) or "(empty)" for row in rows[:5]))
    raise ArgumentError(
        f"`{name}` holds {shown} in {row_list(rows)}; every row needs {expected}. "
        "Correct these rows or leave them out, and say so in the report."
    )


def row_list(rows: NDArray[np.intp]) -> str:
    """Rows by number, for a sentence."""
    shown = ", ".join(str(row) for row in rows[:10])
    more = f" and {len(rows) - 10} more" if len(rows) > 10 else ""
    return f"row{'s' if len(rows) > 1 else ''} {shown}{more} (counted from 0)"


def refuse_length(given: NDArray[Any], name: str, n: int) -> None:
    """Refuse a column of another length than the others."""
    if len(given) != n:
        raise ArgumentError(f"`{name}` must have {n} rows, one each (got {len(given)}).")


def _not_numbers(dtype: np.dtype[Any], name: str, expected: str) -> str:
    return f"`{name}` must hold {expected} (got values of type {dtype})."


def _listed(allowed: tuple[int, ...]) -> str:
    return ", ".join(str(code) for code in allowed)
