"""What machines did: their calls to a model, their silences, and acts that could not be done."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any, ClassVar

from pydantic import Field

from arena.event_kinds.body import Body, Moment
from arena.rules import EventKind, TimerKind

#: The outcome of a call that was not made, since its provider is left alone after failures. The
#: first of each question is logged, so that a room that ends meanwhile shows why it had no answer.
NOT_ASKED = "provider_rests"

#: Why a machine leaves a question for a while that it could answer: no failure of its own.
AS_PEOPLE = "as people do"


class Purpose(StrEnum):
    REPLY = "reply"
    EXTRACT = "extract"
    SUMMARISE = "summarise"
    JUDGE = "judge"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What a model was shown, so that its prompt can be built again from the log."""

    persona_sha256: str
    turns_from: int
    turns_upto: int
    answered: int
    claims: str | None
    summary: str | None
    calendar_sha256: str | None
    advice: str
    canary: bool
    now: Moment
    zone: str
    tokens: int | None
    ends_at: Moment | None = None


class SlipKind(StrEnum):
    SUBSTITUTION = "substitution"
    INSERTION = "insertion"
    DOUBLING = "doubling"
    OMISSION = "omission"
    TRANSPOSITION = "transposition"
    CAPITAL = "capital"
    APOSTROPHE = "apostrophe"


@dataclass(frozen=True, slots=True, kw_only=True)
class Slip:
    """A word that was mistyped on purpose: what the model meant, and what is shown.

    `message` counts the messages of the answer from 0, `at` the characters of it as shown. Two
    slips in the same place came one after the other.
    """

    message: int
    at: int
    kind: SlipKind
    meant: str
    wrote: str
    corrected: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageRange:
    """Messages of a room, by their seq; both ends are in it."""

    first: int
    upto: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineCall(Body):
    """A call to a model: a reply tells what was `shown` to it, memory what messages it `read`."""

    kind: ClassVar = EventKind.MACHINE_CALL
    exported_as: ClassVar = "machine_calls"

    profile: str
    purpose: Purpose
    backend: str
    model: str
    parameters: dict[str, Any]
    prompt_sha256: str
    n_turns: int
    latency_ms: int
    tokens_in: int | None
    tokens_out: int | None
    cost_usd: float | None
    request_id: str | None
    outcome: str
    error: str
    shown: Shown | None = None
    due_at: Moment | None = None
    read: MessageRange | None = None
    evaded: bool = False  # an evasion is said instead of what it wrote
    cut: bool = False  # only the first sentences of what it wrote are said
    tokens_cached: int | None = None  # of tokens_in, what the provider had read before
    slips: tuple[Slip, ...] = ()
    #: When the pacing has the reply written, had its words been there; later than that is a floor.
    drawn_at: Moment | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Withheld(Body):
    """A machine leaves unanswered what it was asked, up to message `upto`; `why` tells the failure.

    `AS_PEOPLE` is none: it puts a question aside now and then, as people do. It may still be
    answered later, together with the next question or after a pause.
    """

    kind: ClassVar = EventKind.WITHHELD
    exported_as: ClassVar = "withheld"

    why: str
    upto: int


@dataclass(frozen=True, slots=True, kw_only=True)
class GaveUp(Body):
    """A timer could not be carried out."""

    kind: ClassVar = EventKind.GAVE_UP

    timer_kind: Annotated[TimerKind, Field(alias="kind")]
    timer: str
    attempts: int
    error: str
