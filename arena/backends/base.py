"""What a machine may know, what it answers, and how it fails: the types every backend shares.

A backend gets a conversation and nothing about the room around it: no assignment, no pane, no
name of the study, no other witness.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Protocol

from arena.backends.failure import BackendError, ErrorKind, RefusedOption, Spent
from arena.backends.option import Option
from arena.rules import Speaker

__all__ = [
    "Backend",
    "BackendError",
    "Conversation",
    "ErrorKind",
    "Known",
    "Profile",
    "Reply",
    "Speaker",
    "Spent",
    "Task",
    "Turn",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    speaker: Speaker
    text: str
    at: dt.datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What a persona knows besides the turns it is shown, as lines for a prompt.

    `claims` and `summary` cover the conversation before those turns, `days` the persona's calendar.
    `advice` says what was wrong with the reply before, `canary` is a word that no reply may
    contain, and `restated` repeats the persona near the end of the prompt. `news` is what a person
    would know at this moment: the time left, the weather of the day. `last_said_at` is when it last
    wrote, if it did: those words may be older than the turns that are shown.
    """

    claims: tuple[str, ...] = ()
    summary: tuple[str, ...] = ()
    days: tuple[str, ...] = ()
    news: tuple[str, ...] = ()
    last_said_at: dt.datetime | None = None
    advice: str = ""
    canary: str = ""
    restated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """Work on a conversation instead of a part in it: instructions, and the material as data."""

    instructions: str
    material: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """All that a machine may know; `now` is aware, in the persona's time zone.

    `now` is the moment at which the reply is to be sent, or begun if it is long; it may lie ahead.

    With a `task` there are no turns and nobody to answer: the reply is the task's result.
    """

    turns: tuple[Turn, ...]
    now: dt.datetime
    started_at: dt.datetime
    message_chars: int
    room_seed: str
    known: Known = Known()
    task: Task | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What a machine says, without its reasoning; `tokens_out` counts that too.

    `adapted` are options that the provider wants under another name, as they were sent. `raw` is
    the text as it came, where `text` is not all of it: for the host who tries a model, and in no
    log, export or memory.
    """

    text: str
    model: str
    tokens_in: int | None = None
    tokens_out: int | None = None
    cost_usd: float | None = None
    finish: str | None = None
    request_id: str | None = None
    tokens_cached: int | None = None
    adapted: tuple[RefusedOption, ...] = ()
    raw: str | None = field(default=None, repr=False, compare=False)


class Profile(Protocol):
    """The part of a machine profile that a backend reads."""

    @property
    def name(self) -> str: ...
    @property
    def backend(self) -> str: ...
    @property
    def model(self) -> str: ...
    @property
    def persona(self) -> str: ...
    @property
    def options(self) -> Mapping[str, object]: ...


class Backend(Protocol):
    """An adapter from a conversation to a reply; one instance serves every room.

    `OPTIONS` are the options a machine profile may give. `MODELS` are the only models there are,
    or None when any name may be tried.
    """

    OPTIONS: ClassVar[Mapping[str, Option[Any]]]
    MODELS: ClassVar[tuple[str, ...] | None]

    async def reply(self, conversation: Conversation, *, profile: Profile, seed: int) -> Reply:
        """Return what the machine says next, or raise BackendError: then it stays silent."""
        ...
