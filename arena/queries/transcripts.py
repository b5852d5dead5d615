"""Transcripts for people: lines without identities."""

import datetime as dt
from dataclasses import dataclass

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


_ROOM_LINES = {
    EventKind.STARTED: "The room started.",
    EventKind.PAUSED: "The room was paused.",
    EventKind.RESUMED: "The room went on.",
    EventKind.TIME_UP: "Time was up.",
    EventKind.ENDED: "The room ended.",
}


def host_transcript(room: Room) -> list[TranscriptLine]:
    """What was said, as the interrogator sees it: panes, no identities, no beliefs."""
    kinds = [EventKind.MESSAGE, *_ROOM_LINES]
    return [line(event) for event in Event.objects.filter(room=room, kind__in=kinds)]


def line(event: Event) -> TranscriptLine:
    if event.kind == EventKind.MESSAGE:
        text, who = str(event.data.get("text", ERASED)), event.seat
    else:
        text, who = _ROOM_LINES[EventKind(event.kind)], "room"
    return TranscriptLine(at=event.at, kind=event.kind, pane=event.pane, who=who, text=text)
