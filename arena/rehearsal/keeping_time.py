"""Whether what was to happen did, once and when it was due."""

from collections import Counter
from collections.abc import Sequence

from arena.event_kinds import WORDS
from arena.rehearsal.faults import Fault, Found, Patience
from arena.rehearsal.record import Planned, RoomRecord
from arena.rules import EventKind, TimerKind
from arena.studies.design import StudyFile

_SPOKEN = frozenset({TimerKind.REPLY, TimerKind.INITIATIVE})
#: What a timer makes happen once.
_ONCE = (EventKind.REMINDED, EventKind.BELIEF_ASKED, EventKind.TIME_UP)
#: How far (s) moments of one commit may seem apart once they went through the database.
_ROUNDED_S = 0.001


def replies(record: RoomRecord, patience: Patience) -> Found:
    """Each reply is said once and when it is due, none is stuck, and each question has a timer."""
    spoken = [timer for timer in record.timers if timer.kind in _SPOKEN]
    said = [t for t in spoken if t.seat == record.machine_pane and t.outcome == "said"]
    for timer in said:
        yield from _in_time(timer, patience)
    own = [e for e in record.all_of(*WORDS) if e.seat == record.machine_pane]
    n_own = sum(not event.is_round_end for event in own)
    if n_own != len(said):
        fault = Fault.DOUBLED if n_own > len(said) else Fault.LOST
        yield fault, f"the machine was to say {len(said)} messages and the log has {n_own}"
    if record.ended:
        yield from _stuck(spoken, patience, ended_at=record.events[-1].at)
    yield from _unplanned(record)


def _in_time(timer: Planned, patience: Patience) -> Found:
    if timer.done_at is None:
        return
    if timer.done_at < timer.due_at - _ROUNDED_S:
        early_s = timer.due_at - timer.done_at
        yield Fault.EARLY, f"reply {timer.key} was said {early_s:.3f} s too early"
    late_s = patience.lateness_s(timer.due_at, timer.done_at)
    if late_s > patience.late_s:
        yield Fault.LATE, f"reply {timer.key} was said {late_s:.1f} s too late"


def _stuck(spoken: Sequence[Planned], patience: Patience, *, ended_at: float) -> Found:
    """A timer that is open when its room is over was never carried out."""
    for timer in spoken:
        overdue_s = patience.lateness_s(timer.due_at, ended_at)
        if timer.done_at is None and overdue_s > patience.late_s:
            yield Fault.LOST, f"reply timer {timer.key} was never carried out"


def _unplanned(record: RoomRecord) -> Found:
    """Whoever is asked has a timer for it, a person too."""
    keys = [timer.key for timer in record.timers if timer.kind == TimerKind.REPLY]
    for event in record.events:
        planned = f"reply:{record.code}:{event.seq}:"
        if event.is_asked and not any(key.startswith(planned) for key in keys):
            yield Fault.LOST, f"message {event.seq} has no timer, so nobody will answer it"


def deadlines(record: RoomRecord, design: StudyFile, patience: Patience) -> Found:
    """The room ends, and time is up at its time."""
    if not record.ended:
        yield Fault.LOST, "the room should have ended long ago"
        return
    started = record.at(EventKind.STARTED)
    if started is None:
        return
    due = started + design.duration_s + record.paused_s
    time_up = record.at(EventKind.TIME_UP)
    if time_up is not None and time_up < due - _ROUNDED_S:
        yield Fault.EARLY, f"time was up {due - time_up:.3f} s too early"
    elif time_up is not None and (late_s := patience.lateness_s(due, time_up)) > patience.late_s:
        yield Fault.LATE, f"time was up {late_s:.1f} s too late"
    for event in record.all_of(EventKind.MESSAGE):
        after_s = event.at - due
        if after_s > _ROUNDED_S and not event.is_round_end:
            yield Fault.LATE, f"message {event.seq} came {after_s:.3f} s after time was up"


def repeats(record: RoomRecord) -> Found:
    """Reminders and prompts: one event for one timer."""
    n_stored = Counter(event.command_id for event in record.events)
    told = {(event.kind, event.command_id) for event in record.all_of(*_ONCE)}
    for kind, command_id in sorted(told, key=str):
        if command_id and n_stored[command_id] > 1:
            n = n_stored[command_id]
            yield Fault.DOUBLED, f"{kind} ({command_id}) happened {n} times"
    if sum(1 for _ in record.all_of(EventKind.TIME_UP)) > 1:
        yield Fault.DOUBLED, "time was up more than once"
