"""The life of a room, from the sealed assignment to the opened one, and what its host did."""

import datetime as dt
from dataclasses import dataclass
from typing import Annotated, ClassVar

from pydantic import PlainSerializer

from arena.event_kinds.body import Body
from arena.rules import EndReason, EventKind

#: A round's end is stored as finely as it was reckoned.
_Exact = Annotated[dt.datetime, PlainSerializer(dt.datetime.isoformat)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed(Body):
    """A room was made, and its assignment committed to.

    Rooms that do not say what the text of the study file was are older than this field.
    """

    kind: ClassVar = EventKind.SEALED

    seal: str
    study: str
    study_sha256: str
    consent_sha256: str
    source_sha256: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Started(Body):
    """Everybody is there, and time runs."""

    kind: ClassVar = EventKind.STARTED
    moves_room: ClassVar = True
    room_line: ClassVar = "The room started."


@dataclass(frozen=True, slots=True, kw_only=True)
class Round(Body):
    """A round was opened until `ends_at`, or closed."""

    kind: ClassVar = EventKind.ROUND
    moves_room: ClassVar = True

    ends_at: _Exact | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Paused(Body):
    """Time stands still; who of its hosts paused it, if a rule of the study did not."""

    kind: ClassVar = EventKind.PAUSED
    moves_room: ClassVar = True
    room_line: ClassVar = "The room was paused."

    host: str | None = None
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ByHost(Body):
    """What a host did, and why."""

    host: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Resumed(ByHost):
    """Time runs again."""

    kind: ClassVar = EventKind.RESUMED
    moves_room: ClassVar = True
    room_line: ClassVar = "The room went on."


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeUp(Body):
    """Nothing can be said any more."""

    kind: ClassVar = EventKind.TIME_UP
    moves_room: ClassVar = True
    room_line: ClassVar = "Time was up."


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended(Body):
    """The room is over; where its host or a rule of the study ended it, who that was and why.

    `by` is the seat whose act or silence ended it.
    """

    kind: ClassVar = EventKind.ENDED
    moves_room: ClassVar = True
    room_line: ClassVar = "The room ended."

    reason: EndReason
    by: str | None = None
    host: str | None = None
    why: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Revealed(Body):
    """What opens the seal."""

    kind: ClassVar = EventKind.REVEALED

    assignment: str
    nonce: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsealed(ByHost):
    """The host looked at who is who before the end."""

    kind: ClassVar = EventKind.UNSEALED
