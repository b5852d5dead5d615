"""Timers by which the witnesses answer a question, or what is unanswered after a pause."""

import datetime as dt
import random

from arena import pacing
from arena.events import LiveRoom, TimerDraft
from arena.rules import SeatName, TimerKind

#: A machine listens this long before it thinks, so that lines sent in one go get one answer.
LISTEN = dt.timedelta(seconds=0.7)
#: How long (s) a witness takes at most to see that a room goes on.
_SEES_S = 15.0


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
    """Reply timers for the panes whose last word is the interrogator's (after a pause).

    Nobody answers in the first instant: it takes as long to see that the room goes on as people
    pause between two messages.
    """
    return tuple(
        reply_timer(room, pane, now=now + _seen_after(room, pane), seq=event.seq)
        for pane, event in room.last_words.items()
        if event.seat == SeatName.INTERROGATOR
    )


def _seen_after(room: LiveRoom, pane: str) -> dt.timedelta:
    if room.round_ends_at is not None:  # what is held comes when the round is over, whoever wrote
        return dt.timedelta(0)
    rng = random.Random(f"{room.sealed.nonce}:resumed:{room.last_seq}:{pane}")
    person = pacing.typing_habits(rng.getrandbits(32))
    pause_s = pacing.pause_s(person, pacing.USUAL_CHARS, rng=rng)
    return dt.timedelta(seconds=min(pause_s, _SEES_S * rng.uniform(0.8, 1.0)))
