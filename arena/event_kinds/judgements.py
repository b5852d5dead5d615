"""What an interrogator makes of the witnesses."""

from dataclasses import dataclass
from typing import ClassVar

from arena.event_kinds.body import Body, Erasure, SeenBy
from arena.rules import EventKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Belief(Body):
    """The probability that pane A (or the witness) is the human."""

    kind: ClassVar = EventKind.BELIEF
    seen_by: ClassVar = SeenBy.INTERROGATOR
    shown_fields: ClassVar = ("p",)
    erasure: ClassVar = Erasure.WRITER
    exported_as: ClassVar = "beliefs"
    is_act: ClassVar = True

    p: float


@dataclass(frozen=True, slots=True, kw_only=True)
class BeliefAsked(Body):
    """A prompt for the current belief."""

    kind: ClassVar = EventKind.BELIEF_ASKED
    seen_by: ClassVar = SeenBy.INTERROGATOR


@dataclass(frozen=True, slots=True, kw_only=True)
class Tag(Body):
    """The strategies of one of the interrogator's own messages; a later one replaces it."""

    kind: ClassVar = EventKind.TAG
    seen_by: ClassVar = SeenBy.INTERROGATOR
    shown_fields: ClassVar = ("event", "strategies")
    exported_as: ClassVar = "strategies"
    is_act: ClassVar = True

    event: str
    strategies: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict(Body):
    """Who is the human: a pane, or in a room of two whether the witness is."""

    kind: ClassVar = EventKind.VERDICT
    seen_by: ClassVar = SeenBy.INTERROGATOR
    shown_fields: ClassVar = ("human", "confidence", "reason")
    erasure: ClassVar = Erasure.WRITER
    exported_as: ClassVar = "verdicts"
    is_act: ClassVar = True

    human: bool | str
    confidence: float
    reason: str
