"""Reads the keys of one mapping of a study file, each with its type and range; collects problems.

A value that cannot be read records a Problem and returns None; the caller raises once all fields
are read. `valid` says which values may be compared before that.
"""

import difflib
import math
import re
from collections.abc import Callable, Iterator
from enum import StrEnum
from typing import TypeVar, cast

from arena.studies.yaml import Located, Problem, shortened, shown, unlocated

T = TypeVar("T")
E = TypeVar("E", bound=StrEnum)

DAY_S = 86_400
#: The longest time that a study file may state.
MAX_DURATION_S = 400 * DAY_S
_UNITS_S = {"s": 1, "min": 60, "h": 3600, "day": 86400, "days": 86400}
_DURATION = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,6})?) ?(s|min|h|days?)")
_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_EXAMPLES = 'with its unit, such as "90 s", "5 min", "2 h" or "90 days"'


def duration_s(text: str) -> int | None:
    """Whole seconds in a length of time such as "90 s" or "1.5 h"; None if it is not one."""
    found = _DURATION.fullmatch(text.strip())
    if found is None:
        return None
    seconds = round(float(found[1]) * _UNITS_S[found[2]], 6)
    return int(seconds) if seconds == int(seconds) else None


def format_duration(seconds: int) -> str:
    """A length of time as a study file would write it."""
    for unit, size in (("days", 86400), ("h", 3600), ("min", 60)):
        if seconds and seconds % size == 0:
            n = seconds // size
            return f"{n} {'day' if unit == 'days' and n == 1 else unit}"
    return f"{seconds} s"


class FieldReader:
    """Reads one mapping of the file; `close` reports the keys that were never read."""

    def __init__(self, place: Located, problems: list[Problem]) -> None:
        self.place = place
        self._problems = problems
        self._asked: list[str] = []
        self._bad: set[str] = set()
        self._entries: dict[str, Located] = {}
        self._whole = isinstance(place.value, dict)
        if isinstance(place.value, dict):
            self._entries = place.value
        else:
            self._report(place, "a mapping: keys with values, indented under this one")

    def valid(self, *keys: str) -> bool:
        """Whether these keys are present and were read without a problem."""
        return all(key in self._entries and key not in self._bad for key in keys)

    def has(self, key: str) -> bool:
        return key in self._entries

    def names(self) -> tuple[str, ...]:
        """The keys that are there, in the order of the file."""
        return tuple(self._entries)

    def refuse(self, key: str, expected: str) -> None:
        """Report a value that is valid by itself but does not fit the others."""
        self._bad.add(key)
        self._asked.append(key)
        self._report(self._entries.get(key, self.place), expected)

    def refuse_value(self, key: str, value: str, expected: str) -> None:
        """Report a part of a value, shown instead of the whole."""
        self._bad.add(key)
        self.refuse_inside(key, value=value, expected=expected)

    def refuse_inside(self, path: str, *, value: str, expected: str) -> None:
        """Report a problem below this section, at its own line if that is known."""
        place = self.place
        for name in path.split("."):
            inside = place.value.get(name) if isinstance(place.value, dict) else None
            place = inside or place
        where = f"{self.place.where}.{path}"
        value = shortened(value)
        found = Problem(line=place.line, where=where, value=value, expected=expected)
        self._problems.append(found)

    def text(self, key: str, *, max_length: int, min_length: int = 1) -> str:
        """A text without control characters, stripped of outer white space."""

        def read(value: object) -> str | None:
            if not isinstance(value, str) or _CONTROL.search(value):
                return None
            return value.strip() if min_length <= len(value.strip()) <= max_length else None

        return self._take(key, f"a text of {min_length} to {max_length} characters", read)

    def slug(self, key: str, *, max_length: int = 60) -> str:
        def read(value: object) -> str | None:
            fits = isinstance(value, str) and len(value) <= max_length and _SLUG.fullmatch(value)
            return str(value) if fits else None

        expected = (
            f"a name of small letters, digits and single hyphens, at most {max_length} characters"
        )
        return self._take(key, expected, read)

    def boolean(self, key: str) -> bool:
        def read(value: object) -> bool | None:
            return value if isinstance(value, bool) else None

        return self._take(key, "true or false", read)

    def integer(self, key: str, *, low: int, high: int) -> int:
        def read(value: object) -> int | None:
            is_whole = isinstance(value, int) and not isinstance(value, bool)
            return value if is_whole and isinstance(value, int) and low <= value <= high else None

        return self._take(key, f"a whole number from {low} to {high}", read)

    def number(self, key: str, *, low: float, high: float, above_low: bool = False) -> float:
        read = _number(low=low, high=high, above_low=above_low)
        return self._take(key, _number_range(low=low, high=high, above_low=above_low), read)

    def numbers(self, key: str, *, low: float, high: float) -> tuple[float, ...]:
        one = _number(low=low, high=high, above_low=True)

        def read(value: object) -> tuple[float, ...] | None:
            items = [one(each.value) for each in value] if isinstance(value, list) else [None]
            found = tuple(item for item in items if item is not None)
            return found if len(found) == len(items) == len(set(found)) else None

        each = _number_range(low=low, high=high, above_low=True)
        return self._take(key, f"a list, perhaps empty, of different numbers, each {each}", read)

    def duration_s(self, key: str, *, low_s: int, high_s: int) -> int:
        expected = f"{_duration_range(low_s, high_s)}, {_EXAMPLES}"
        return self._take(key, expected, _duration(low_s=low_s, high_s=high_s))

    def duration_s_or(self, key: str, word: str, *, low_s: int, high_s: int) -> int | None:
        """A length of time, or None where the file has the word that means none."""
        if self._entries.get(key, self.place).value == word:
            self._asked.append(key)
            return None
        expected = f'"{word}", or {_duration_range(low_s, high_s)}, {_EXAMPLES}'
        return self._take(key, expected, _duration(low_s=low_s, high_s=high_s))

    def durations_s(self, key: str, *, low_s: int, high_s: int) -> tuple[int, ...]:
        one = _duration(low_s=low_s, high_s=high_s)

        def read(value: object) -> tuple[int, ...] | None:
            items = [one(each.value) for each in value] if isinstance(value, list) else [None]
            found = tuple(item for item in items if item is not None)
            return found if len(found) == len(items) and list(found) == sorted(set(found)) else None

        expected = f"a list, perhaps empty, of growing lengths of time, each {_EXAMPLES}"
        return self._take(key, expected, read)

    def matching(self, key: str, pattern: re.Pattern[str], *, expected: str, word: str = "") -> str:
        """A text that matches a pattern, or the word that means none."""

        def read(value: object) -> str | None:
            fits = isinstance(value, str) and (value == word != "" or pattern.fullmatch(value))
            return str(value) if fits else None

        return self._take(key, expected, read)

    def section_or(self, key: str, word: str) -> "FieldReader | None":
        """A mapping, or None where the file has the word that means none."""
        if key in self._entries and self._entries[key].value == word:
            self._asked.append(key)
            return None
        if key not in self._entries or not isinstance(self._entries[key].value, dict):
            self._take(key, f"{word}, or a mapping: keys with values", lambda value: None)
            return None
        return self.section(key)

    def choice(self, key: str, among: type[E], *, hint: str = "") -> E:
        def read(value: object) -> E | None:
            return among(value) if isinstance(value, str) and value in list(among) else None

        return self._take(key, " or ".join(among) + hint, read)

    def choices(self, key: str, *, among: tuple[str, ...], min_length: int = 1) -> tuple[str, ...]:
        def read(value: object) -> tuple[str, ...] | None:
            if not isinstance(value, list):
                return None
            items = [each.value for each in value]
            fits = len(items) >= min_length and len(set(map(str, items))) == len(items)
            return tuple(map(str, items)) if fits and all(i in among for i in items) else None

        return self._take(
            key, f"a list of {'one or more' if min_length else 'any'} of {', '.join(among)}", read
        )

    def texts(self, key: str, *, min_length: int, max_length: int, chars: int) -> tuple[str, ...]:
        def read(value: object) -> tuple[str, ...] | None:
            items = [each.value for each in value] if isinstance(value, list) else []
            found = [i.strip() for i in items if isinstance(i, str) and not _CONTROL.search(i)]
            fits = min_length <= len(items) <= max_length and len(set(found)) == len(items)
            return tuple(found) if fits and all(0 < len(i) <= chars for i in found) else None

        length = f"{min_length} to {max_length}"
        expected = f"a list of {length} different texts, each of 1 to {chars} characters"
        return self._take(key, expected, read)

    def section(self, key: str) -> "FieldReader":
        self._asked.append(key)
        if key not in self._entries:
            self._missing(key, "a mapping: keys with values, indented under this one")
            return FieldReader(Located(line=self.place.line, where=key, value={}), [])
        return FieldReader(self._entries[key], self._problems)

    def sections(self, key: str, *, min_length: int = 0) -> "Iterator[FieldReader]":
        """Each mapping of a list."""
        few = f"at least {min_length} " if min_length else ""
        expected = f"a list with {few}mapping{'' if min_length == 1 else 's'}"

        def read(value: object) -> list[Located] | None:
            return value if isinstance(value, list) and len(value) >= min_length else None

        for each in self._take(key, expected, read) or []:
            yield FieldReader(each, self._problems)

    def read(self, key: str, expected: str, how: Callable[[object], T | None]) -> T:
        """A value of a shape of its own."""
        return self._take(key, expected, how)

    def raw(self, key: str, *, expected: str) -> Located | None:
        """The unread value of a key, for callers that parse it themselves."""
        self._asked.append(key)
        if key not in self._entries and key not in self._bad:
            self._missing(key, expected)
        return self._entries.get(key)

    def allow(self, key: str) -> None:
        """Accept a key without reading it."""
        self._asked.append(key)

    def close(self) -> None:
        for key, place in self._entries.items():
            if key not in self._asked:
                self._report_unknown(key, place)

    def _report_unknown(self, key: str, place: Located) -> None:
        near = difflib.get_close_matches(key, self._asked, n=1)
        known = ", ".join(dict.fromkeys(self._asked))
        expected = f'"{near[0]}" (did you mean that?)' if near else f"one of the keys {known}"
        found = Problem(line=place.line, where=place.where, value="unknown key", expected=expected)
        self._problems.append(found)

    def _take(self, key: str, expected: str, read: Callable[[object], T | None]) -> T:
        self._asked.append(key)
        value = None
        if key not in self._entries:
            self._missing(key, expected)
        else:
            value = read(self._entries[key].value)
            if value is None:
                self._bad.add(key)
                self._report(self._entries[key], expected)
        return cast(T, value)

    def _missing(self, key: str, expected: str) -> None:
        self._bad.add(key)
        if not self._whole:
            return
        where = f"{self.place.where}.{key}" if self.place.where else key
        found = Problem(line=self.place.line, where=where, value="missing", expected=expected)
        self._problems.append(found)

    def _report(self, place: Located, expected: str) -> None:
        value = shown(unlocated(place))
        found = Problem(line=place.line, where=place.where, value=value, expected=expected)
        self._problems.append(found)


def _duration_range(low_s: int, high_s: int) -> str:
    return f"a length of time from {format_duration(low_s)} to {format_duration(high_s)}"


def _number_range(*, low: float, high: float, above_low: bool) -> str:
    return (
        f"a number above {low:g}, at most {high:g}"
        if above_low
        else (f"a number from {low:g} to {high:g}")
    )


def _number(*, low: float, high: float, above_low: bool) -> Callable[[object], float | None]:
    def read(value: object) -> float | None:
        if isinstance(value, bool) or not isinstance(value, int | float):
            return None
        fits = math.isfinite(value) and low <= value <= high and not (above_low and value == low)
        return float(value) if fits else None

    return read


def _duration(*, low_s: int, high_s: int) -> Callable[[object], int | None]:
    def read(value: object) -> int | None:
        seconds = duration_s(value) if isinstance(value, str) else None
        return seconds if seconds is not None and low_s <= seconds <= high_s else None

    return read
