"""Timers by which the witnesses answer a question, or what is unanswered after a pause."""

import datetime as dt

from arena.events import LiveRoom, TimerDraft
from arena.rules import SeatName, TimerKind

#: A machine listens this long before it thinks, so that lines sent in one go get one answer.
LISTEN = dt.timedelta(seconds=0.7)


def reply_timer(room: LiveRoom, pane: str, *, now: dt.datetime, seq: int) -> TimerDraft:
    """Schedule a reply from the witness in this pane to message `seq`.

    A human witness gets the same row: over it a machine's work is imitated, so that neither the
    time until an acknowledgement nor what happens after it distinguishes the panes.
    """
    return TimerDraft(
        kind=TimerKind.REPLY,
        key=f"reply:{room.code}:{seq}:{room.last_seq}",
        due_at=now + LISTEN,
        seat=room.witness_in(pane),
    )


def unanswered(room: LiveRoom, now: dt.datetime) -> tuple[TimerDraft, ...]:
    """Reply timers for the panes whose last word is the interrogator's (after a pause)."""
    return tuple(
        reply_timer(room, pane, now=now, seq=event.seq)
        for pane, event in room.last_message.items()
        if event.seat == SeatName.INTERROGATOR
    )
