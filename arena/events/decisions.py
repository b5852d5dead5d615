"""What a command comes to, before and after it is stored."""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from arena.event_kinds import Body
from arena.events.live_room import LiveRoom
from arena.models import Seat
from arena.rules import EventKind, TimerKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """An event before the log has numbered and sealed it."""

    body: Body
    seat: str = ""
    pane: str = ""

    @property
    def kind(self) -> EventKind:
        return self.body.kind


@dataclass(frozen=True, slots=True, kw_only=True)
class TimerDraft:
    """A future act; a `key` that exists already is left as it is."""

    kind: TimerKind
    key: str
    due_at: dt.datetime
    seat: Seat | None = None
    outcome: str = ""  # where there is one already, nothing is left to do
    payload: str = "{}"  # JSON
    prepared: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What follows from a command: events, in order, and the projections that go with them."""

    events: tuple[Draft, ...] = ()
    room: Mapping[str, object] = field(default_factory=dict)
    seats: Mapping[int, Mapping[str, object]] = field(default_factory=dict)
    timers: tuple[TimerDraft, ...] = ()
    settle: Mapping[int, Mapping[str, object]] = field(default_factory=dict)
    close_timers: frozenset[TimerKind] = frozenset()  # whose open timers are closed
    erase_seat: str | None = None  # whose bodies become tombstones
    rings: bool = False  # even where nothing is new in the room
    ack: Draft | None = None  # which of the events answers the command, if not the last

    @property
    def answer(self) -> Draft | None:
        """The event that answers the command; None where nothing is stored."""
        return self.ack or (self.events[-1] if self.events else None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Appended:
    """The stored answer to a command; `event` is empty where the decision was to store nothing."""

    event: str


#: Decides, on the locked room and at the given moment, what a command stores; raises ArenaError.
#: The room is its only source: it alone has what the same commit has decided and not yet written.
Decide = Callable[[LiveRoom, dt.datetime], Decision]
