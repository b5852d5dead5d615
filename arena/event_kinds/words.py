"""What was said, be it shown at once, a study's delay later, or at the end of a round."""

from dataclasses import dataclass
from typing import ClassVar

from arena.event_kinds.body import Body, Erasure, Moment, SeenBy
from arena.rules import EventKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Words(Body):
    """What somebody said."""

    shown_fields: ClassVar = ("text",)
    erasure: ClassVar = Erasure.WRITER
    is_act: ClassVar = True

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Message(Words):
    """Words in a pane; `held` is the event that held them until they were shown."""

    kind: ClassVar = EventKind.MESSAGE
    seen_by: ClassVar = SeenBy.PANE
    exported_as: ClassVar = "messages"

    held: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Held(Words):
    """What a witness wrote and the interrogator does not see yet.

    `written_at` is from when a study's delay counts: the moment of the event for a person, the
    moment that the pacing drew for a machine, whose words may have come a little later. None in
    rounds, which show their answers when they are over.
    """

    kind: ClassVar = EventKind.HELD
    seen_by: ClassVar = SeenBy.WRITER
    shown_as: ClassVar = EventKind.MESSAGE

    written_at: Moment | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed(Body):
    """How a witness wrote message `seq`, as its browser counted it: no key and no text.

    Nobody sees it before the room has ended. `chars` is the length of the message, `away` how often
    the page was left since the message before. Pauses are those between two keys.
    """

    kind: ClassVar = EventKind.TYPED
    erasure: ClassVar = Erasure.WRITER
    exported_as: ClassVar = "typing"

    message: int
    chars: int
    keys: int
    pastes: int
    pasted_chars: int
    away: int
    away_ms: int
    writing_ms: int
    pause_p50_ms: int | None
    pause_p90_ms: int | None
