"""Turns labels and covariates into the columns of a regression, also with all rows at one level.

Levels are sorted, so the columns do not depend on the order of rows.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from analysis.errors import ArgumentError
from analysis.numerics import arrays, columns
from analysis.numerics.arrays import Floats, Ints

INTERCEPT = "(intercept)"


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelMatrix:
    """Columns of a regression: an intercept, the levels of `by` after the first, covariates."""

    terms: tuple[str, ...]
    values: Floats
    levels: tuple[object, ...]  # the reference first
    level: Ints  # of each row

    def everybody_at(self, level: int) -> Floats:
        """The same rows, as if each had that level."""
        values = self.values.copy()
        values[:, 1 : len(self.levels)] = 0.0
        if level:
            values[:, level] = 1.0
        return values


def model_matrix(
    by: ArrayLike, covariates: Mapping[str, ArrayLike] | None, *, reference: object, n: int
) -> ModelMatrix:
    """Columns for the levels of `by` against a reference, and for covariates.

    Covariates of numbers or booleans enter as they are, labels as levels against their first.
    """
    levels, index = coded(by, name="by", n=n)
    if len(levels) < 2:
        raise ArgumentError(f"`by` must have at least 2 levels (got {len(levels)}).")
    levels, index = _reference_first(levels, index, reference)
    terms = [INTERCEPT, *(str(level) for level in levels[1:])]
    parts = [np.ones((n, 1)), _indicators(index, len(levels))]
    for name, values in ({} if covariates is None else covariates).items():
        names, part = _covariate(str(name), values, n)
        terms += names
        parts.append(part)
    return ModelMatrix(
        terms=tuple(terms), values=np.concatenate(parts, axis=1), levels=levels, level=index
    )


def coded(values: ArrayLike, *, name: str, n: int) -> tuple[tuple[object, ...], Ints]:
    """The sorted levels of a column of labels, and for each row the position of its own."""
    groups = arrays.groups(values, name=name, n=n)
    assert groups is not None
    found = tuple(dict.fromkeys(np.asarray(values).astype(object)))
    order = sorted(range(len(found)), key=lambda k: (str(type(found[k])), found[k]))
    place = np.empty(len(found), dtype=np.int64)
    place[order] = np.arange(len(found))
    return tuple(found[k] for k in order), place[groups.index]


def _reference_first(
    levels: tuple[object, ...], index: Ints, reference: object
) -> tuple[tuple[object, ...], Ints]:
    if reference is None:
        return levels, index
    if reference not in levels:
        known = ", ".join(str(level) for level in levels)
        raise ArgumentError(
            f"`reference` must be a level of `by`, one of {known} (got {reference!r})."
        )
    first = levels.index(reference)
    order = [first, *(k for k in range(len(levels)) if k != first)]
    place = np.empty(len(levels), dtype=np.int64)
    place[order] = np.arange(len(levels))
    return tuple(levels[k] for k in order), place[index]


def _covariate(name: str, values: ArrayLike, n: int) -> tuple[list[str], Floats]:
    if np.asarray(values).dtype.kind in "biuf":
        return [name], columns.numbers(values, name=name, n=n)[:, None]
    levels, index = coded(values, name=name, n=n)
    return [f"{name} = {level}" for level in levels[1:]], _indicators(index, len(levels))


def _indicators(index: Ints, count: int) -> Floats:
    return np.asarray(index[:, None] == np.arange(1, count), dtype=np.float64)
