"""The delay line: what a witness writes is shown to the interrogator a fixed time after it.

The study's `delay` is the same for people and machines, so it tells nothing, and a model's time
hides in it: a reply that the pacing has written at some moment is shown a delay after that moment,
even if its words came only meanwhile. Until then it is a `held` event, which only its writer sees;
then it becomes a message. In a pause nothing is shown, and each moment moves on by the pause. When
the room's time is up, or it ends, what is still held is shown: nothing acknowledged is lost.
"""

import datetime as dt
from collections.abc import Iterable, Iterator

from arena.event_kinds import Held, Message
from arena.events import Decision, Draft, LiveRoom, LogEntry, TimerDraft, append
from arena.models import Seat, Timer
from arena.queries import study_file
from arena.rules import EventKind, Phase, TimerKind
from arena.silence import ExcludedTime, reached_at


def has_delay(room: LiveRoom) -> bool:
    return study_file(room).delay_s > 0


def holding(
    room: LiveRoom, seat: Seat, text: str, *, written: dt.datetime, now: dt.datetime
) -> Decision:
    """Hold what was `written` now, or when a machine's timer was due."""
    said = Draft(seat=seat.actor, pane=seat.name, body=Held(text=text, written_at=written))
    due_at = _shown_at(room, written, now=now)
    return Decision(
        events=(said,), timers=(_timer(seat, f"{room.code}:{room.last_seq + 1}", due_at),)
    )


def written_at(room: LiveRoom, seat: Seat, *, now: dt.datetime, timer: Timer | None) -> dt.datetime:
    """When something counts as written: a machine's words may have come up to a delay later.

    Never before what was written before it: a pane shows things in the order of their writing.
    """
    at = now
    if timer is not None:
        at = min(now, max(timer.due_at, now - dt.timedelta(seconds=study_file(room).delay_s)))
    at = at.replace(microsecond=at.microsecond // 1000 * 1000)
    before = (written for _, written in _waiting(room, seat.name))
    return max((at, *before))


async def release(timer: Timer) -> None:
    """Show what is due in a pane, once."""
    seat_id = timer.seat_id
    if seat_id is None:
        raise ValueError(f"Timer {timer.key} is for no seat.")

    def decide(room: LiveRoom, now: dt.datetime) -> Decision:
        if not room.is_open(timer):  # closed since it was leased, or done already
            return Decision()
        if room.phase != Phase.LIVE:
            return Decision(settle={timer.id: _done(now)})
        waiting = [
            (event, _shown_at(room, written, now=now))
            for event, written in _waiting(room, room.seats[seat_id].name)
        ]
        due = [event for event, shown_at in waiting if shown_at <= now]
        if waiting and not due:  # The clock that leased it goes ahead of this one.
            first = min(shown_at for _, shown_at in waiting)
            return Decision(settle={timer.id: {"wake_at": first, "attempts": 0}})
        return Decision(events=_messages(due), settle={timer.id: _done(now)})

    await append(timer.room_id, decide, timers=(timer,))


def _done(now: dt.datetime) -> dict[str, object]:
    return {"done_at": now, "outcome": "done"}


def released(room: LiveRoom, *, but: str | None = None) -> tuple[Draft, ...]:
    """What is still held as messages, in the order of its writing; but not that of one seat."""
    waiting = [each for pane in room.witnesses for each in _waiting(room, pane)]
    waiting.sort(key=lambda each: (each[1], each[0].seq))
    return _messages(event for event, _ in waiting if event.seat != but)


def release_timers(room: LiveRoom, now: dt.datetime) -> tuple[TimerDraft, ...]:
    """New timers, at the end of a pause, for what was held in it."""
    return tuple(
        _timer(seat, f"{room.code}:{event.seq}:{room.last_seq}", _shown_at(room, written, now=now))
        for pane, seat in room.witnesses.items()
        for event, written in _waiting(room, pane)
    )


def _timer(seat: Seat, name: str, due_at: dt.datetime) -> TimerDraft:
    return TimerDraft(kind=TimerKind.RELEASE, key=f"release:{name}", due_at=due_at, seat=seat)


def _waiting(room: LiveRoom, pane: str) -> Iterator[tuple[LogEntry, dt.datetime]]:
    """What is held in a pane by its delay, with when it was written."""
    for event in room.held:
        match event.body:
            case Held(written_at=dt.datetime() as written) if event.pane == pane:
                yield event, written


def _shown_at(room: LiveRoom, written: dt.datetime, *, now: dt.datetime) -> dt.datetime:
    """When something is shown, if there is no further pause."""
    return reached_at(written, study_file(room).delay_s, _pauses(room, until=now))


def _pauses(room: LiveRoom, *, until: dt.datetime) -> Iterator[ExcludedTime]:
    paused_at: dt.datetime | None = None
    for each in room.interruptions:
        if each.kind == EventKind.PAUSED:
            paused_at = each.at
        elif each.kind == EventKind.RESUMED and paused_at is not None:
            yield ExcludedTime(paused_at, each.at)
            paused_at = None
    if paused_at is not None:
        yield ExcludedTime(paused_at, until)


def _messages(held: Iterable[LogEntry]) -> tuple[Draft, ...]:
    return tuple(
        Draft(
            seat=event.seat,
            pane=event.pane,
            body=Message(text=event.body.text, held=event.public_id),
        )
        for event in held
        if isinstance(event.body, Held)
    )
