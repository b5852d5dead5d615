"""What becomes of a room whose machine cannot answer: what its study says, for both panes alike."""

import datetime as dt

from arena.events import Decision, Draft, LiveRoom
from arena.queries import study_file
from arena.rules import EndReason, Phase
from arena.services.ending import ending
from arena.services.pausing import pausing
from arena.studies.design import WhenDown


def machine_down(
    room: LiveRoom, now: dt.datetime, *, first: tuple[Draft, ...], why: str
) -> Decision:
    """Pause or end a room after the events of `first`, unless its time is over anyway."""
    if room.phase != Phase.LIVE or room.ends_at is None or now >= room.ends_at:
        return Decision(events=first, ack=first[0] if first else None)
    why = f"machine_down: {why}"
    if study_file(room).machine_down.then == WhenDown.END:
        return ending(room, now, reason=EndReason.TECHNICAL, first=first, why=why)
    return pausing(now=now, first=first, why=why)
