"""How long a study's people took to answer, for machines that keep the same pace."""

import datetime as dt
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import groupby

from arena.event_kinds import WORDS, Message, Words
from arena.events import body_of
from arena.models import Event, Seat
from arena.pacing import Wait
from arena.rules import EventKind, Kind, SeatName

#: A witness who was silent for longer before the message came, or took longer to answer, was not
#: at the screen: such a wait measures attendance, not typing.
SPELL, LONGEST = dt.timedelta(minutes=10), dt.timedelta(minutes=5)
#: Another message of the witness this soon belongs to the same answer.
BURST = dt.timedelta(seconds=15)
#: The newest events suffice, and bound the work in a study of any size.
MOST_EVENTS = 20_000
#: How long (real s) a process keeps what it has read.
KEPT_S = 300.0
_KINDS = (EventKind.STARTED, *WORDS, EventKind.PAUSED, EventKind.RESUMED)


@dataclass(frozen=True, slots=True)
class _Read:
    at_s: float
    waits: tuple[Wait, ...]


_kept: dict[int, _Read] = {}


def human_waits(study_id: int) -> tuple[Wait, ...]:
    """The waits of a study's human witnesses, at most `KEPT_S` old.

    From the last message of the interrogator to the first of the answer, within a spell: to when it
    was written, not to when a study's delay or its rounds let it be shown.
    """
    kept, now_s = _kept.get(study_id), time.monotonic()
    if kept is None or now_s - kept.at_s >= KEPT_S:
        kept = _kept[study_id] = _Read(now_s, tuple(_read(study_id)))
    return kept.waits


def _read(study_id: int) -> Iterator[Wait]:
    people = Seat.objects.filter(room__study=study_id, kind=Kind.HUMAN, stand_in=False)
    panes = dict(people.exclude(name=SeatName.INTERROGATOR).values_list("room_id", "name"))
    newest = Event.objects.filter(room__study=study_id, kind__in=_KINDS).order_by("-id")
    events = (
        event
        for event in newest[:MOST_EVENTS]
        if event.pane in ("", panes.get(event.room_id)) and not _is_shown_again(event)
    )
    ordered = sorted(events, key=lambda event: (event.room_id, event.seq))
    for _, room in groupby(ordered, key=lambda event: event.room_id):
        yield from _waits(room)


def _is_shown_again(event: Event) -> bool:
    """Whether a message was written before, and held until now."""
    said = body_of(event, Message) if event.kind == EventKind.MESSAGE else None
    return said is not None and said.held is not None


def _waits(pane: Iterable[Event]) -> Iterator[Wait]:
    """The waits in one pane of a room."""
    asked: Event | None = None
    there_at: dt.datetime | None = None  # when the witness last wrote, or the room (re)started
    # Until it is known whether more of the answer follows.
    waited: Wait | None = None
    answer: Event | None = None
    for event in pane:
        if waited is not None and answer is not None:
            is_more = event.kind in WORDS and event.seat != SeatName.INTERROGATOR
            yield replace(waited, bursts=is_more and event.at - answer.at < BURST)
            waited = None
        if event.kind not in WORDS:  # Nobody waits in a paused room.
            asked, there_at = None, None if event.kind == EventKind.PAUSED else event.at
        elif event.seat == SeatName.INTERROGATOR:
            asked = event
        else:
            if asked is not None and there_at is not None and asked.at - there_at < SPELL:
                waited, answer = _wait(asked, event), event
            asked, there_at = None, event.at
    if waited is not None:
        yield waited


def _wait(asked: Event, answer: Event) -> Wait | None:
    """The wait between two messages, unless it is too long or one of them was erased."""
    heard, said = (body_of(event, Words) for event in (asked, answer))
    waited = answer.at - asked.at
    if heard is None or said is None or waited > LONGEST:
        return None
    return Wait(n_in=len(heard.text), n_out=len(said.text), wait_s=waited.total_seconds())
