"""What was said, be it shown at once or at the end of a round."""

from dataclasses import dataclass
from typing import ClassVar

from arena.event_kinds.body import Body, Erasure, SeenBy
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
    """Words in a pane; `held` is the event that held them until their round was over."""

    kind: ClassVar = EventKind.MESSAGE
    seen_by: ClassVar = SeenBy.PANE
    exported_as: ClassVar = "messages"

    held: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Held(Words):
    """An answer that waits for the end of its round."""

    kind: ClassVar = EventKind.HELD
    seen_by: ClassVar = SeenBy.WRITER
    shown_as: ClassVar = EventKind.MESSAGE
