"""When the witnesses of a long room next write without being asked."""

import datetime as dt
import random

from arena.events import LiveRoom, TimerDraft
from arena.models import Seat
from arena.persona import noticing
from arena.queries import study_file
from arena.queries.personas import persona_of
from arena.rules import Kind, TimerKind


def first_initiatives(room: LiveRoom, now: dt.datetime) -> tuple[TimerDraft, ...]:
    """The next initiative of each pane; a human witness gets a row too, settled from the start."""
    lives = [machine.life for machine in study_file(room).machines]
    if not any(life is not None and life.writes_first_per_day > 0 for life in lives):
        return ()
    drafts = (
        next_initiative(room, seat, mark=f"after-{room.last_seq}", since=now)
        for seat in room.witnesses.values()
    )
    return tuple(draft for draft in drafts if draft is not None)


def next_initiative(
    room: LiveRoom, seat: Seat, *, mark: str, since: dt.datetime
) -> TimerDraft | None:
    """A timer for when a witness next writes unasked; None if never. One row for each `mark`."""
    key = f"first:{room.code}:{seat.name}:{mark}"
    if seat.kind == Kind.HUMAN:
        return TimerDraft(
            kind=TimerKind.INITIATIVE, key=key, due_at=since, seat=seat, outcome="human"
        )
    persona = persona_of(seat)
    if persona.life is None:
        return None
    due_at = noticing.writes_first_at(
        persona.calendar,
        since=since,
        per_day=persona.life.writes_first_per_day,
        rng=random.Random(f"{room.sealed.nonce}:{key}"),
    )
    if due_at is None or (room.ends_at is not None and due_at >= room.ends_at):
        return None
    return TimerDraft(kind=TimerKind.INITIATIVE, key=key, due_at=due_at, seat=seat)
