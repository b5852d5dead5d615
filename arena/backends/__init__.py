"""The door to every backend: found by name among installed packages, loaded when first used.

The built-in backends come through the same entry points as anybody else's. Nothing here imports
a provider's library.
"""

import contextlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from typing import Any, Protocol, cast, runtime_checkable

from arena.backends.base import (
    Backend,
    Conversation,
    Known,
    Profile,
    Reply,
    Speaker,
    Task,
    Turn,
)
from arena.backends.failure import (
    BackendBroken,
    BackendError,
    BackendUnknown,
    Cause,
    ErrorKind,
    ProviderRests,
    RefusedOption,
    Spent,
)
from arena.backends.missing_keys import missing_key
from arena.backends.option import Option, OptionRefused, shown
from arena.backends.prompting import PromptMessage, prompt, prompt_sha256
from arena.backends.trying import Tried, try_machine

__all__ = [
    "Backend",
    "BackendBroken",
    "BackendError",
    "BackendUnknown",
    "Cause",
    "Conversation",
    "ErrorKind",
    "Known",
    "Option",
    "OptionRefused",
    "Profile",
    "ProfileProblem",
    "PromptMessage",
    "ProviderRests",
    "RefusedOption",
    "Reply",
    "Speaker",
    "Spent",
    "Task",
    "Tried",
    "Turn",
    "check",
    "close",
    "get_backend",
    "missing_key",
    "names",
    "options",
    "prompt",
    "prompt_sha256",
    "try_machine",
    "warm_up",
]

GROUP = "turing_arena.backends"
_PARTS = ("OPTIONS", "MODELS", "reply")
_made: dict[str, Backend] = {}


@runtime_checkable
class _Closable(Protocol):
    async def close(self) -> None: ...


@runtime_checkable
class _Warmable(Protocol):
    def warm_up(self) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileProblem:
    """One thing in a machine profile that cannot be used; `where` is its path in the profile."""

    where: str
    value: str
    expected: str


def names() -> tuple[str, ...]:
    """Return the names of the installed backends, in alphabetical order."""
    return tuple(sorted({point.name for point in entry_points(group=GROUP)}))


def options(name: str) -> Mapping[str, Option[Any]]:
    """Return the options that a backend accepts, without loading its provider's library."""
    return get_backend(name).OPTIONS


def get_backend(name: str) -> Backend:
    """Return the backend of that name: one instance per process, loaded when first asked for."""
    if name not in _made:
        _made.setdefault(name, _make(name))
    return _made[name]


def check(profile: Profile) -> tuple[ProfileProblem, ...]:
    """Return every problem of a profile's backend, model and options, before it is used."""
    try:
        backend = get_backend(profile.backend)
    except BackendUnknown:
        known = f"one of {', '.join(names())}, or the package that provides it installed"
        return (ProfileProblem(where="backend", value=repr(profile.backend), expected=known),)
    except BackendBroken as error:
        return (ProfileProblem(where="backend", value=repr(profile.backend), expected=str(error)),)
    return (*_model_problems(backend, profile.model), *_option_problems(backend, profile.options))


def warm_up(names: Iterable[str]) -> None:
    """Load the libraries that backends of these names need; seconds, so not beside live rooms.

    A backend that is not installed or broken is left to the calls that will say so.
    """
    for name in sorted(set(names)):
        with contextlib.suppress(BackendUnknown, BackendBroken):
            if isinstance(backend := get_backend(name), _Warmable):
                backend.warm_up()


async def close() -> None:
    """Close the connections that backends hold open in the running event loop."""
    for backend in tuple(_made.values()):
        if isinstance(backend, _Closable):
            await backend.close()


def _make(name: str) -> Backend:
    try:
        made = _entry_point(name).load()()
    except (ImportError, AttributeError, TypeError) as error:
        raise BackendBroken(name, f"{type(error).__name__}: {error}") from error
    missing = [part for part in _PARTS if not hasattr(made, part)]
    if missing:
        raise BackendBroken(name, f"it lacks {', '.join(missing)}")
    return cast(Backend, made)


def _entry_point(name: str) -> EntryPoint:
    found = {point.value: point for point in entry_points(group=GROUP, name=name)}
    if not found:
        raise BackendUnknown(name, names())
    if len(found) > 1:
        raise BackendBroken(name, f"several packages offer it ({', '.join(sorted(found))})")
    return found.popitem()[1]


def _model_problems(backend: Backend, model: str) -> Iterator[ProfileProblem]:
    if not model.strip():
        yield ProfileProblem(where="model", value=repr(model), expected="the name of a model")
    elif backend.MODELS is not None and model not in backend.MODELS:
        expected = "one of " + ", ".join(backend.MODELS)
        yield ProfileProblem(where="model", value=repr(model), expected=expected)


def _option_problems(backend: Backend, given: Mapping[str, object]) -> Iterator[ProfileProblem]:
    for name in given.keys() - backend.OPTIONS.keys():
        expected = "one of the options " + (", ".join(sorted(backend.OPTIONS)) or "(it has none)")
        value = shown(given[name], name=name)
        yield ProfileProblem(where=f"options.{name}", value=value, expected=expected)
    for name, option in backend.OPTIONS.items():
        try:
            option.read(given, name)
        except OptionRefused as refused:
            yield ProfileProblem(
                where=f"options.{name}", value=refused.shown, expected=refused.expected
            )
