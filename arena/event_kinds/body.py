"""What every kind of event says of itself, and how its body is stored and read back."""

import datetime as dt
from enum import StrEnum
from typing import Annotated, Any, ClassVar, Self

from pydantic import PlainSerializer, TypeAdapter, ValidationError

from arena.rules import EventKind

#: A moment as bodies hold it, to the millisecond.
Moment = Annotated[dt.datetime, PlainSerializer(lambda at: at.isoformat(timespec="milliseconds"))]


class SeenBy(StrEnum):
    """Which seats of a room may ever see an event."""

    NOBODY = "nobody"
    INTERROGATOR = "interrogator"
    PANE = "pane"  # both sides of it: the interrogator and its witness
    WRITER = "writer"


class Erasure(StrEnum):
    """At whose wish a body is erased."""

    NOBODY = "nobody"
    WRITER = "writer"
    ANYBODY = "anybody"  # what a machine remembers of a room may quote anybody in it


class BodyMisfit(ValueError):
    """A stored body is not what its kind holds."""


class Body:
    """What an event says. Each subclass is a kind; what its fields are called is what is stored.

    A field without a default is always stored; one with a default only where it differs from it.
    """

    __slots__ = ()

    kind: ClassVar[EventKind]
    seen_by: ClassVar[SeenBy] = SeenBy.NOBODY
    #: The fields that ever reach a seat, in the order in which they stand in a frame.
    shown_fields: ClassVar[tuple[str, ...]] = ()
    #: The kind that a frame names, where that is another one.
    shown_as: ClassVar[EventKind | None] = None
    erasure: ClassVar[Erasure] = Erasure.NOBODY
    #: The table of an export that a row is made for.
    exported_as: ClassVar[str | None] = None
    #: Whether a seat does it of its own accord: a visit is made of acts.
    is_act: ClassVar[bool] = False
    #: Whether every seat is told anew where the room stands.
    moves_room: ClassVar[bool] = False
    #: What a transcript says of it.
    room_line: ClassVar[str] = ""

    def stored(self) -> dict[str, Any]:
        """The body as JSON values, as the log stores it."""
        stored: dict[str, Any] = _adapter(type(self)).dump_python(
            self, mode="json", by_alias=True, exclude_defaults=True, warnings="error"
        )
        return stored

    @classmethod
    def from_stored(cls, text: str) -> Self:
        """The body that a stored text holds."""
        try:
            body: Self = _adapter(cls).validate_json(text, strict=True)
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            where = ".".join(map(str, first["loc"])) or "its whole"
            raise BodyMisfit(f"A stored {cls.__name__}: {where}: {first['msg']}.") from None
        return body


def _adapter(of: type[Body]) -> TypeAdapter[Any]:
    """What pydantic knows of a class, worked out once."""
    if of not in _adapters:
        _adapters[of] = TypeAdapter(of)
    return _adapters[of]


_adapters: dict[type[Body], TypeAdapter[Any]] = {}
