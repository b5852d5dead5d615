"""Covariates of a regression: named columns of numbers, checked."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias, runtime_checkable

import numpy as np
from numpy.typing import ArrayLike

from analysis.errors import ArgumentError
from analysis.numerics import arrays
from analysis.numerics.arrays import Floats


@runtime_checkable
class Frame(Protocol):
    """A table with named columns, such as a pandas DataFrame."""

    @property
    def columns(self) -> Any: ...

    def __getitem__(self, name: Any, /) -> Any: ...


Covariates: TypeAlias = Frame | Mapping[str, ArrayLike] | ArrayLike


@dataclass(frozen=True, slots=True, kw_only=True)
class DesignMatrix:
    """Columns of numbers, one row per row of the data."""

    terms: tuple[str, ...]
    values: Floats  # rows x terms


def design(X: Covariates, n: int) -> DesignMatrix:
    """Check covariates: a DataFrame, a mapping of columns, or a rows-by-columns array."""
    columns = _columns(X)
    if not columns:
        raise ArgumentError("`X` must have at least one column (got none).")
    if len(dict(columns)) < len(columns):
        raise ArgumentError("`X` must have columns with different names; rename one of them.")
    checked = [arrays.numbers(column, name=f"X[{name}]", n=n) for name, column in columns]
    return DesignMatrix(terms=tuple(name for name, _ in columns), values=np.stack(checked, axis=1))


def refuse_redundant(
    information: Floats, terms: tuple[str, ...], *, spread: Floats, n_events: int
) -> None:
    """Refuse terms that do not vary in any risk set, or are collinear with the terms before them.

    `information` is that of the null model. A term that never varies among those at risk has
    none, but for rounding; `spread` is each term's standard deviation over all rows.
    """
    scale = np.sqrt(np.maximum(np.diag(information), 0.0))
    silent = scale <= 3e-6 * spread * np.sqrt(n_events)
    if silent.any():
        names = ", ".join(term for term, bad in zip(terms, silent, strict=True) if bad)
        raise ArgumentError(
            f"`X` column {names} never differs between the rows at risk at any event; nothing can "
            "be learned about it. Leave it out."
        )
    correlation = information / np.outer(scale, scale)
    for k in range(2, len(terms) + 1):
        if np.linalg.eigvalsh(correlation[:k, :k])[0] < 1e-10:
            raise ArgumentError(
                f"`X` column {terms[k - 1]} follows from the columns before it; leave one out "
                "(of the 0/1 columns of a factor, leave out the reference)."
            )


def _columns(X: Covariates) -> list[tuple[str, ArrayLike]]:
    if isinstance(X, Frame):
        return [(str(name), np.asarray(X[name])) for name in X.columns]
    if isinstance(X, Mapping):
        return [(str(name), column) for name, column in X.items()]
    values = np.asarray(X)
    if values.ndim == 1:
        values = values[:, None]
    if values.ndim != 2:
        raise ArgumentError(f"`X` must be rows by columns (got {values.ndim} dimensions).")
    return [(f"x{k + 1}", values[:, k]) for k in range(values.shape[1])]
