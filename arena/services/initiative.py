"""When witnesses next write without being asked: at first, after a silence, in rooms that last."""

import datetime as dt
import random

from arena import pacing
from arena.events import LiveRoom, TimerDraft
from arena.models import Seat
from arena.persona import noticing
from arena.queries import study_file
from arena.queries.personas import persona_of, profile_of, room_seed
from arena.rules import Kind, SeatName, TimerKind
from arena.studies.design import Initiative

#: How long (s) an opening or a new beginning is being typed before it is there.
TYPED_S = 3.0
#: What the marks of timers begin with that hold only while a pane stays as it is.
OPENS, REOPENS = "opens", "reopens"


def first_initiatives(room: LiveRoom, now: dt.datetime) -> tuple[TimerDraft, ...]:
    """The first initiatives of each pane, when a room begins or goes on after a pause.

    A human witness gets rows too, settled from the start.
    """
    machines, seats = study_file(room).machines, room.witnesses
    drafts: list[TimerDraft | None] = []
    if any(each.life is not None and each.life.writes_first_per_day > 0 for each in machines):
        mark = f"after-{room.last_seq}"
        drafts += [next_initiative(room, seat, mark=mark, since=now) for seat in seats.values()]
    if any(each.initiative == Initiative.PEOPLE for each in machines):
        drafts += [_next_unasked(room, pane, now=now) for pane in seats]
    return tuple(draft for draft in drafts if draft is not None)


def _next_unasked(room: LiveRoom, pane: str, *, now: dt.datetime) -> TimerDraft | None:
    """When the witness in a pane opens, or writes again; None where it is asked something."""
    seat, last = room.witness_in(pane), room.last_words.get(pane)
    if last is None:
        return _unasked(room, seat, mark=_mark(room, OPENS, since=0), since=now)
    if last.seat == SeatName.INTERROGATOR:
        return None
    return _unasked(room, seat, mark=_mark(room, REOPENS, since=last.seq), since=now)


def _mark(room: LiveRoom, what: str, *, since: int) -> str:
    """It holds while message `since` is the last; a pause closes it, and then there is another."""
    return f"{what}-{since}-{room.last_seq}"


def reopening(
    room: LiveRoom, seat: Seat, *, seq: int, since: dt.datetime
) -> tuple[TimerDraft, ...]:
    """When a witness whose message `seq`, written at `since`, nobody answers would write again."""
    if not any(each.initiative == Initiative.PEOPLE for each in study_file(room).machines):
        return ()
    draft = _unasked(room, seat, mark=_mark(room, REOPENS, since=seq), since=since)
    return () if draft is None else (draft,)


def _unasked(room: LiveRoom, seat: Seat, *, mark: str, since: dt.datetime) -> TimerDraft | None:
    key = f"first:{room.code}:{seat.name}:{mark}"
    if seat.kind == Kind.HUMAN:
        return TimerDraft(
            kind=TimerKind.INITIATIVE, key=key, due_at=since, seat=seat, outcome="human"
        )
    profile = profile_of(seat)
    if profile is None or profile.initiative != Initiative.PEOPLE:
        return None
    rng = random.Random(f"{room.sealed.nonce}:{key}")
    if mark.startswith(OPENS):
        after_s: float | None = pacing.opens_after_s(rng=rng)
    else:
        after_s = pacing.reopens_after_s(persona_seed=int(room_seed(seat)[:8], 16), rng=rng)
    if after_s is None:
        return None
    due_at = since + dt.timedelta(seconds=max(after_s - TYPED_S, 0.0))
    if room.ends_at is not None and due_at >= room.ends_at:
        return None
    return TimerDraft(kind=TimerKind.INITIATIVE, key=key, due_at=due_at, seat=seat)


def next_initiative(
    room: LiveRoom, seat: Seat, *, mark: str, since: dt.datetime
) -> TimerDraft | None:
    """When a witness of a long room next writes unasked; None if never. A row for each `mark`."""
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
