"""Those who sit in a room: how they come and go, and what they tell the host."""

from dataclasses import dataclass
from typing import ClassVar

from arena.event_kinds.body import Body, Erasure, Moment
from arena.rules import EventKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed(Body):
    """A seat went to a browser, moved to another one (`again`), or got a new link (`reissued`).

    `agent` is the program that took it, in its own words; it says so at the latest `again`.
    """

    kind: ClassVar = EventKind.CLAIMED

    participant: str | None = None
    again: bool = False
    reissued: bool = False
    agent: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready(Body):
    """A person agreed to the consent text."""

    kind: ClassVar = EventKind.READY

    consent_sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Left(Body):
    """A person left for good, or withdrew from the study; `erased` if their words went as well."""

    kind: ClassVar = EventKind.LEFT

    withdrawn: bool = False
    erased: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reminded(Body):
    """A reminder is being sent; they are counted from 1 for each silence."""

    kind: ClassVar = EventKind.REMINDED

    which: int
    channel: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Away(Body):
    """Nobody is to wait for this person until then."""

    kind: ClassVar = EventKind.AWAY

    until: Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class Back(Body):
    """A person came back before their time away was over."""

    kind: ClassVar = EventKind.BACK


@dataclass(frozen=True, slots=True, kw_only=True)
class Help(Body):
    """A person asks the host for help."""

    kind: ClassVar = EventKind.HELP
    erasure: ClassVar = Erasure.WRITER

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Exit(Body):
    """Answers to the exit questions, by the id of each."""

    kind: ClassVar = EventKind.EXIT
    erasure: ClassVar = Erasure.WRITER

    answers: dict[str, str]
