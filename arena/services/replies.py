"""Timers by which the witnesses answer a question, or what is unanswered after a pause."""

import datetime as dt

from arena.events import LiveRoom, TimerDraft
from arena.rules import Kind, SeatName, TimerKind

#: A machine listens this long before it thinks, so that lines sent in one go get one answer.
LISTEN = dt.timedelta(seconds=0.7)


def reply_timer(room: LiveRoom, pane: str, *, now: dt.datetime, seq: int) -> TimerDraft:
    """Schedule a reply from the witness in this pane to message `seq`.

    A human witness gets a row too, settled from the start: otherwise the time until an
    acknowledgement would distinguish the panes.
    """
    witness, due_at = room.witness_in(pane), now + LISTEN
    return TimerDraft(
        kind=TimerKind.REPLY,
        key=f"reply:{room.code}:{seq}:{room.last_seq}",
        due_at=due_at,
        seat=witness,
        outcome="human" if witness.kind == Kind.HUMAN else "",
    )


def unanswered(room: LiveRoom, now: dt.datetime) -> tuple[TimerDraft, ...]:
    """Reply timers for the panes whose last word is the interrogator's (after a pause)."""
    return tuple(
        reply_timer(room, pane, now=now, seq=event.seq)
        for pane, event in room.last_words.items()
        if event.seat == SeatName.INTERROGATOR
    )
