"""Reads the reference results, compares with them, and keeps account of what was compared."""

import csv
import json
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from tests.kit.paths import DATA

FOLDER = DATA / "golden"

#: By file and entry: what compares it with ours. The entry "" holds what is not in one.
CHECKS: dict[tuple[str, str], Callable[["Entry"], None]] = {}


class Entry:
    """One entry of a file, which remembers what was read of it."""

    def __init__(self, name: str, value: dict[str, Any], seen: set[str] | None = None) -> None:
        self.name, self._value = name, value
        self._seen = set() if seen is None else seen

    def __getitem__(self, key: str) -> Any:
        value = self._value[key]
        if isinstance(value, dict):
            return Entry(f"{self.name}/{key}", value, self._seen)
        self._seen.add(f"{self.name}/{key}")
        return value

    def __contains__(self, key: str) -> bool:
        return key in self._value

    def __iter__(self) -> Iterator[str]:
        return iter(key for key in self._value if key != "command")

    def numbers(self, key: str) -> list[float]:
        """Everything under a key, in order."""
        inside = self[key]
        return [inside[name] for name in inside] if isinstance(inside, Entry) else inside

    def unread(self) -> list[str]:
        """The leaves nobody looked at."""
        return [leaf for leaf in _leaves(self.name, self._value) if leaf not in self._seen]


def check(file: str, *entries: str) -> Callable[[Callable[[Entry], None]], Callable[..., None]]:
    """Mark what compares these entries of a file with ours."""

    def marked(compare: Callable[[Entry], None]) -> Callable[[Entry], None]:
        for entry in entries:
            assert (file, entry) not in CHECKS, f"{file}/{entry} is checked twice"
            CHECKS[file, entry] = compare
        return compare

    return marked


def entries() -> Iterator[tuple[str, str]]:
    """Every entry of every file."""
    for path in sorted(FOLDER.glob("*.json")):
        held = reference(path.stem)
        if any(not isinstance(value, dict) for value in held.values()):
            yield path.stem, ""
        yield from ((path.stem, key) for key, value in held.items() if isinstance(value, dict))


def entry(file: str, name: str) -> Entry:
    """One entry of a file."""
    held = reference(file)
    if name:
        return Entry(f"{file}/{name}", held[name])
    return Entry(file, {k: v for k, v in held.items() if not isinstance(v, dict)})


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


def assert_same(found: ArrayLike, expected: ArrayLike, rtol: float = 1e-9) -> None:
    """Equal to a relative 1e-9, and not available in the same places."""
    wanted = np.array([np.nan if x is None else x for x in np.ravel(np.array(expected, object))])
    np.testing.assert_allclose(
        np.ravel(found), wanted.astype(float), rtol=rtol, atol=1e-300, equal_nan=True
    )


def assert_fit(found: ArrayLike, expected: ArrayLike) -> None:
    """Equal to a relative 1e-6: for likelihood fits, which the reference stopped early."""
    assert_same(found, expected, rtol=1e-6)


def _leaves(name: str, value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inside in value.items():
            yield from _leaves(f"{name}/{key}", inside)
    else:
        yield name
