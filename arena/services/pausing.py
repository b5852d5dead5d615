"""How a room is paused, by its host or by a rule of its study: both in the same way."""

import datetime as dt

from arena.event_kinds import Paused
from arena.events import Decision, Draft
from arena.rules import Phase, TimerKind


def pausing(
    *, now: dt.datetime, why: str, host: str | None = None, first: tuple[Draft, ...] = ()
) -> Decision:
    """Stop a live room's clock after the events of `first`; the first of all answers a repeat."""
    events = (*first, Draft(body=Paused(host=host, why=why)))
    return Decision(
        events=events,
        room={"phase": Phase.PAUSED, "paused_at": now},
        close_timers=frozenset(TimerKind),
        ack=events[0],
    )
