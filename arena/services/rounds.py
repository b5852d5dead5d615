"""Rounds: the witnesses' answers are held and shown together, so that their times tell nothing.

The interrogator's first message opens a round; each pane may be asked once in it. Until the round
is over an answer is a `held` event, which only its writer sees; then it becomes a message.
"""

import datetime as dt

from arena.errors import RoundClosed, RoundOpen
from arena.event_kinds import Held, Message, Round
from arena.events import Decision, Draft, LiveRoom, TimerDraft
from arena.models import Seat
from arena.queries import study_file
from arena.rules import Phase, TimerKind

#: The fields of a room when no round is open.
CLOSED: dict[str, object] = {"round_began_at": None, "round_ends_at": None}


def has_rounds(room: LiveRoom) -> bool:
    return study_file(room).rounds_s is not None


def opening(room: LiveRoom, now: dt.datetime) -> Decision:
    """What a message of the interrogator adds to the log: a round, unless one is open."""
    rounds_s = study_file(room).rounds_s
    if rounds_s is None or room.round_ends_at is not None:
        return Decision()
    ends_at = now + dt.timedelta(seconds=rounds_s)
    if room.ends_at is not None:
        ends_at = min(ends_at, room.ends_at)
    opened = Draft(body=Round(ends_at=ends_at))
    return Decision(
        events=(opened,),
        room={"round_began_at": now, "round_ends_at": ends_at},
        timers=(round_timer(room, ends_at),),
    )


def round_timer(room: LiveRoom, ends_at: dt.datetime) -> TimerDraft:
    return TimerDraft(
        kind=TimerKind.ROUND, key=f"round:{room.code}:{room.last_seq}", due_at=ends_at
    )


def check(room: LiveRoom, seat: Seat, pane: str) -> None:
    """Raise unless the round lets this seat write in this pane now."""
    open_here = room.round is not None and pane in room.round.asked
    if seat.is_interrogator and open_here:
        raise RoundOpen(room.round_ends_at)
    if not seat.is_interrogator and not open_here:
        raise RoundClosed


def answers(room: LiveRoom) -> tuple[Draft, ...]:
    """The end of the open round, and what was held in it as messages: pane by pane, in order."""
    if room.round is None:
        return ()
    held = sorted(room.held, key=lambda event: (event.pane, event.seq))
    said = tuple(
        Draft(
            seat=event.seat,
            pane=event.pane,
            body=Message(text=event.body.text, held=event.public_id),
        )
        for event in held
        if isinstance(event.body, Held)
    )
    return (Draft(body=Round(ends_at=None)), *said)


def over(room: LiveRoom, now: dt.datetime) -> Decision:
    """Show the answers of a round whose time has come."""
    if room.phase != Phase.LIVE or room.round_ends_at is None or now < room.round_ends_at:
        return Decision()
    closed, *said = answers(room)
    return Decision(events=(closed, *said), room=CLOSED, ack=closed)
