"""Transcripts for people: lines without identities."""

import datetime as dt
from dataclasses import dataclass

from arena.event_kinds import BODIES, Body, Message, Words, kinds
from arena.events import LogEntry, body_of
from arena.models import Event, Room
from arena.rules import EventKind

#: Shown in place of words that their author had erased.
ERASED = "[withdrawn]"


@dataclass(frozen=True, slots=True, kw_only=True)
class TranscriptLine:
    """One line of a transcript."""

    id: str  # of its event
    at: dt.datetime
    kind: str
    pane: str
    who: str  # interrogator, A, B or room
    text: str


_TOLD = kinds(lambda body: body is Message or bool(body.room_line))


def shown_body(event: LogEntry) -> Body | None:
    """What a seat is shown of an event: of erased words that there were some, else nothing."""
    of = BODIES[event.kind]
    if event.body is None and issubclass(of, Words):
        return of(text=ERASED)
    return event.body


@dataclass(frozen=True, slots=True, kw_only=True)
class TranscriptPage:
    """Some lines of a transcript, oldest first, and whether there are earlier ones."""

    lines: list[TranscriptLine]
    earlier: bool


def host_transcript(room: Room, *, limit: int, before: str = "") -> TranscriptPage | None:
    """What was said, as the interrogator sees it: panes, no identities, no beliefs.

    The newest lines, or those before one of them; None if the transcript has no such line.
    """
    told = Event.objects.filter(room=room, kind__in=_TOLD)
    if before:
        seq = _seq_of(room, before)
        if seq is None:
            return None
        told = told.filter(seq__lt=seq)
    rows = list(told.order_by("-seq")[: limit + 1])
    return TranscriptPage(
        lines=[line(event) for event in reversed(rows[:limit])], earlier=len(rows) > limit
    )


def _seq_of(room: Room, line_id: str) -> int | None:
    found = Event.objects.filter(room=room, kind__in=_TOLD, public_id=line_id)
    return found.values_list("seq", flat=True).first()


def n_erased(room: Room) -> int:
    """How many of a room's messages were erased."""
    return Event.objects.filter(room=room, kind=EventKind.MESSAGE, body__isnull=True).count()


def line(event: Event) -> TranscriptLine:
    """The line of an event that a transcript tells of."""
    if event.kind == EventKind.MESSAGE:
        said = body_of(event, Message)
        text, who = ERASED if said is None else said.text, event.seat
    else:
        text, who = BODIES[EventKind(event.kind)].room_line, "room"
    return TranscriptLine(
        id=event.public_id, at=event.at, kind=event.kind, pane=event.pane, who=who, text=text
    )
