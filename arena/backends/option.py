"""The options that a backend accepts in a machine profile, declared once per backend.

A study file is checked against these declarations before anything is created, without loading
the library that the backend will talk through.
"""

import json
import math
import re
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, TypeVar

from arena.backends.failure import BackendError, Cause, ErrorKind
from arena.backends.keys import address_holds_key, holds_key, without_keys

T = TypeVar("T")

_UNITS_S = {"ms": 0.001, "s": 1.0, "min": 60.0, "h": 3600.0}
_DURATION = re.compile(r"(\d+(?:\.\d+)?) ?(ms|s|min|h)")


class OptionRefused(BackendError):
    """An option that the backend does not know, lacks, or cannot use."""

    code: ClassVar[str] = "backend.option"

    def __init__(self, name: str, shown: str, expected: str) -> None:
        self.name, self.shown, self.expected = name, shown, expected
        super().__init__(
            ErrorKind.BAD_REQUEST,
            f"Option {name!r} is {shown}. Expected {expected}. Correct it in the machine profile.",
            cause=Cause.OPTION,
        )


def shown(value: object, *, name: str) -> str:
    """Return an option's value for a message, without any key that was written into it."""
    return "a secret" if holds_key(value, name=name) else without_keys(repr(value))


@dataclass(frozen=True, slots=True, kw_only=True)
class Option(ABC, Generic[T]):
    """One accepted option; `default` is the value of an option that was left out."""

    meaning: str
    required: bool = False
    default: T | None = None

    @property
    @abstractmethod
    def expected(self) -> str:
        """Say what a value must be, as the end of "Expected …"."""

    @abstractmethod
    def convert(self, value: object) -> T | None:
        """Return the value in the form that the backend uses, or None when it is not one."""

    def problem(self, value: object) -> str | None:
        """Return what was expected when `value` cannot be used, else None."""
        return self.expected if self.convert(value) is None else None

    def read(self, given: Mapping[str, object], name: str) -> T | None:
        """Return the option called `name` from a profile's options, or its default."""
        if name not in given:
            if self.required:
                raise OptionRefused(name, "missing", self.expected)
            return self.default
        value = self.convert(given[name])
        if value is None:
            raise OptionRefused(name, shown(given[name], name=name), self.expected)
        return value

    def need(self, given: Mapping[str, object], name: str) -> T:
        """Return the option called `name`, refusing a profile that has neither it nor a default."""
        value = self.read(given, name)
        if value is None:
            raise OptionRefused(name, "missing", self.expected)
        return value


@dataclass(frozen=True, slots=True, kw_only=True)
class Number(Option[float]):
    low: float
    high: float

    @property
    def expected(self) -> str:
        return f"a number from {self.low:g} to {self.high:g}"

    def convert(self, value: object) -> float | None:
        if isinstance(value, bool) or not isinstance(value, int | float):
            return None
        return float(value) if math.isfinite(value) and self.low <= value <= self.high else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Integer(Option[int]):
    low: int
    high: int

    @property
    def expected(self) -> str:
        return f"a whole number from {self.low} to {self.high}"

    def convert(self, value: object) -> int | None:
        if isinstance(value, bool) or not isinstance(value, int):
            return None
        return value if self.low <= value <= self.high else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Boolean(Option[bool]):
    @property
    def expected(self) -> str:
        return "true or false"

    def convert(self, value: object) -> bool | None:
        return value if isinstance(value, bool) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Text(Option[str]):
    pattern: str = r"(?s)(?=.*\S).+"
    shape: str = "a text that is not empty"

    @property
    def expected(self) -> str:
        return self.shape

    def convert(self, value: object) -> str | None:
        return value if isinstance(value, str) and re.fullmatch(self.pattern, value) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice(Option[str]):
    among: tuple[str, ...]

    @property
    def expected(self) -> str:
        return "one of " + ", ".join(self.among)

    def convert(self, value: object) -> str | None:
        return value if isinstance(value, str) and value in self.among else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Duration(Option[float]):
    """A length of time with its unit, such as "60 s"; seconds once converted."""

    low_s: float
    high_s: float

    @property
    def expected(self) -> str:
        return f'a duration from {self.low_s:g} s to {self.high_s:g} s, with its unit ("60 s")'

    def convert(self, value: object) -> float | None:
        found = _DURATION.fullmatch(value.strip()) if isinstance(value, str) else None
        if found is None:
            return None
        seconds = float(found[1]) * _UNITS_S[found[2]]
        return seconds if self.low_s <= seconds <= self.high_s else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Lines(Option[tuple[str, ...]]):
    @property
    def expected(self) -> str:
        return "a list of texts, at least one, none of them empty"

    def convert(self, value: object) -> tuple[str, ...] | None:
        if not isinstance(value, list | tuple) or not value:
            return None
        return tuple(value) if all(isinstance(v, str) and v.strip() for v in value) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers(Option[Mapping[str, str]]):
    @property
    def expected(self) -> str:
        return "a mapping from a word to the text that answers it"

    def convert(self, value: object) -> Mapping[str, str] | None:
        if not isinstance(value, Mapping) or not value:
            return None
        texts = [text for pair in value.items() for text in pair]
        return dict(value) if all(isinstance(t, str) and t.strip() for t in texts) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Address(Option[str]):
    """The address of a server; whoever may use it is told by the environment."""

    @property
    def expected(self) -> str:
        return "an address that begins with http:// or https://, without a key or password in it"

    def convert(self, value: object) -> str | None:
        if not isinstance(value, str) or not re.fullmatch(r"https?://[^\s/?#]+\S*", value):
            return None
        return None if address_holds_key(value) else value


@dataclass(frozen=True, slots=True, kw_only=True)
class Stops(Option[tuple[str, ...]]):
    @property
    def expected(self) -> str:
        return "a text or a list of one to sixteen texts, none of them empty"

    def convert(self, value: object) -> tuple[str, ...] | None:
        texts = (value,) if isinstance(value, str) else value
        if not isinstance(texts, list | tuple) or not 1 <= len(texts) <= 16:
            return None
        return tuple(texts) if all(isinstance(text, str) and text for text in texts) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameters(Option[Mapping[str, Any]]):
    """Parameters that go to the provider as they are; those of the call itself are not among them.

    A name in `taken` has an option of its own, or is what the arena writes.
    """

    taken: frozenset[str] = frozenset()

    @property
    def expected(self) -> str:
        return "a mapping of further parameters, without those of other options and without keys"

    def convert(self, value: object) -> Mapping[str, Any] | None:
        if not isinstance(value, Mapping) or not all(isinstance(name, str) for name in value):
            return None
        if not value or self.taken & value.keys() or holds_key(value):
            return None
        try:
            json.dumps(value, allow_nan=False)
        except (TypeError, ValueError, RecursionError):
            return None
        return dict(value)
