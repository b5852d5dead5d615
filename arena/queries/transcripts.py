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


def host_transcript(room: Room) -> list[TranscriptLine]:
    """What was said, as the interrogator sees it: panes, no identities, no beliefs."""
    return [line(event) for event in Event.objects.filter(room=room, kind__in=_TOLD)]


def line(event: Event) -> TranscriptLine:
    if event.kind == EventKind.MESSAGE:
        said = body_of(event, Message)
        text, who = ERASED if said is None else said.text, event.seat
    else:
        text, who = BODIES[EventKind(event.kind)].room_line, "room"
    return TranscriptLine(at=event.at, kind=event.kind, pane=event.pane, who=who, text=text)
