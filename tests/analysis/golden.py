"""Reads the reference results, and compares with them."""

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

FOLDER = Path(__file__).parent.parent / "data" / "golden"


def reference(name: str) -> dict[str, Any]:
    """The entries of one file of reference results."""
    entries: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    return entries


def column(table: str, name: str) -> list[str]:
    """One column of a data file, as text."""
    with (FOLDER / f"{table}.csv").open(encoding="utf-8", newline="") as stream:
        return [row[name] for row in csv.DictReader(stream)]


def integers(table: str, name: str) -> np.ndarray[Any, np.dtype[np.int64]]:
    """One column of whole numbers."""
    return np.array([int(float(cell)) for cell in column(table, name)], dtype=np.int64)


def assert_same(found: ArrayLike, expected: ArrayLike) -> None:
    """Equal to a relative 1e-9, and not available in the same places."""
    wanted = np.array([np.nan if x is None else x for x in np.ravel(np.array(expected, object))])
    np.testing.assert_allclose(
        np.ravel(found), wanted.astype(float), rtol=1e-9, atol=1e-300, equal_nan=True
    )
