"""What a machine remembers of its pane, in versions that are only ever added to."""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Annotated, Any, ClassVar, Self

from pydantic import Field

from arena.event_kinds.body import Body, Erasure, Moment
from arena.event_kinds.machines import MachineCall
from arena.rules import EventKind, Speaker


class Subject(StrEnum):
    """What a claim can be about; a closed list, so that it can carry no words of anybody's."""

    NAME = "name"
    AGE = "age"
    BIRTHDAY = "birthday"
    HOME = "home"
    ORIGIN = "origin"
    LANGUAGE = "language"
    WORK = "work"
    EDUCATION = "education"
    FAMILY = "family"
    PARTNER = "partner"
    FRIENDS = "friends"
    PETS = "pets"
    LOOKS = "looks"
    HEALTH = "health"
    OPINION = "opinion"
    TASTE = "taste"
    HABIT = "habit"
    SKILL = "skill"
    BELONGINGS = "belongings"
    PAST = "past"
    PLAN = "plan"
    DAY = "day"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One sentence of the persona about itself; `id` counts the room's claims from 1.

    `lasting` tells what will still hold in a year from what belongs to its day.
    """

    id: int
    subject: Subject
    claim: str
    said_at: Moment
    seq: int
    refs: tuple[str, ...]
    lasting: bool
    supersedes: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SummaryPoint:
    """A passage that a summary keeps, word for word."""

    by: Speaker
    text: str
    at: Moment
    seq: int
    ref: str


#: What a version of memory says of the call that made it.
_OF_THE_CALL = ("model", "prompt_sha256", "tokens_in", "tokens_out", "cost_usd")


@dataclass(frozen=True, slots=True, kw_only=True)
class Remembered(Body):
    """A version of memory: what was made of the messages from one seq to another."""

    erasure: ClassVar = Erasure.ANYBODY

    v: int
    first: Annotated[int, Field(alias="from")]
    upto: int
    n_refused: int
    #: Left out where the model was asked in vain.
    model: str | None = None
    prompt_sha256: str | None = None
    tokens_in: int | None = None
    tokens_out: int | None = None
    cost_usd: float | None = None

    def made_by(self, call: MachineCall) -> Self:
        """The same with what the call that made it has used."""
        return replace(self, **{name: getattr(call, name) for name in _OF_THE_CALL})

    def stored(self) -> dict[str, Any]:
        """What a call did not tell is stored as null; where there was none, nothing is."""
        stored = Body.stored(self)
        return stored if self.model is None else dict.fromkeys(_OF_THE_CALL) | stored


@dataclass(frozen=True, slots=True, kw_only=True)
class Claims(Remembered):
    """What the persona said of itself; `skipped` where the model was asked in vain."""

    kind: ClassVar = EventKind.CLAIMS

    claims: tuple[Claim, ...]
    skipped: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary(Remembered):
    """Passages that stand for the messages before `upto`, and their wording in a prompt."""

    kind: ClassVar = EventKind.SUMMARY

    text: str
    refs: tuple[str, ...]
    points: tuple[SummaryPoint, ...]
