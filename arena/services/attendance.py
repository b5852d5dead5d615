"""What a long room asks of its people: reminders, the end after a silence, belief prompts.

Each seat has one timer of a kind. When it fires it reads in the log what has happened since and,
unless it is time to act, schedules its successor for the right moment. So a message costs nothing
here, and the cost of a check does not depend on how old the last message is.
"""

import datetime as dt
import functools
from collections.abc import Iterator
from dataclasses import dataclass, replace

from arena.event_kinds import BeliefAsked, Reminded
from arena.events import Decision, Draft, LiveRoom, TimerDraft
from arena.models import Seat, Timer
from arena.queries import personas, study_file
from arena.queries.attendance import (
    excluded_times,
    n_reminded,
    quiet_hours_of,
    rules_of,
    silence_of,
    zone_of,
)
from arena.quiet_hours import next_allowed
from arena.rules import EndReason, Kind, Phase, SeatName, TimerKind
from arena.services.ending import ending
from arena.silence import ExcludedTime, excluded_until, next_reminder, reached_at
from arena.studies.design import Attendance
from arena.timers.payloads import RefusedReminder, SendingReminder, reminder_attempt

EMAIL = "e-mail"
_NO_WAIT = dt.timedelta(0)
#: How many days ahead a persona's days away are counted when a silence's end is computed.
_DAYS_AHEAD = 60


def first_timers(room: LiveRoom, now: dt.datetime) -> tuple[TimerDraft, ...]:
    """The timers of a room that goes live, or goes on after a pause."""
    design = study_file(room)
    drafts = []
    for seat in room.playing:
        if design.attendance is not None and design.attendance.reminders_s:
            # Nobody reminds a machine, but its row is made: each seat must cost the same.
            first = _first_timer(
                TimerKind.REMINDER, room, seat, now=now, after_s=design.attendance.reminders_s[0]
            )
            is_machine = seat.kind == Kind.MACHINE
            drafts.append(replace(first, outcome="machine") if is_machine else first)
        if design.attendance is not None:
            after_s = design.attendance.drop_out_s
            drafts.append(_first_timer(TimerKind.DROP_OUT, room, seat, now=now, after_s=after_s))
        if design.belief_every_s is not None and seat.is_interrogator:
            after_s = design.belief_every_s
            drafts.append(_first_timer(TimerKind.BELIEF, room, seat, now=now, after_s=after_s))
    return tuple(drafts)


def _first_timer(
    kind: TimerKind, room: LiveRoom, seat: Seat, *, now: dt.datetime, after_s: float
) -> TimerDraft:
    """A seat's first timer of a kind; after a pause it checks at once what is due."""
    wait_s = after_s if room.started_at is None else 0
    return TimerDraft(
        kind=kind,
        key=f"{kind}:{room.code}:{seat.id}:{room.last_seq}",
        due_at=now + dt.timedelta(seconds=wait_s),
        seat=seat,
    )


def _settled(
    timer: Timer, room: LiveRoom, now: dt.datetime, *, outcome: str, next_at: dt.datetime
) -> Decision:
    """Settle a timer and make its successor, unless the room is over by then."""
    successor = TimerDraft(
        kind=TimerKind(timer.kind),
        key=f"{timer.kind}:{room.code}:{timer.seat_id}:after:{timer.id}",
        due_at=next_at,
        seat=_seat(timer, room),
    )
    is_in_time = room.ends_at is not None and next_at < room.ends_at
    return Decision(
        settle={timer.id: {"done_at": now, "outcome": outcome}},
        timers=(successor,) if is_in_time else (),
    )


def _closing(timer: Timer, room: LiveRoom, now: dt.datetime) -> Decision | None:
    """What is left to do if the timer was handled meanwhile or the room takes no more messages."""
    known = room.named(timer)
    if known is None or known.payload != timer.payload:
        return Decision()
    if room.phase != Phase.LIVE or room.ends_at is None or now >= room.ends_at:
        return Decision(settle={timer.id: {"done_at": now, "outcome": "over"}})
    return None


def _seat(timer: Timer, room: LiveRoom) -> Seat:
    """The seat that a timer is for."""
    if timer.seat_id is None:
        raise ValueError(f"Timer {timer.key} is for no seat.")
    return room.seats[timer.seat_id]


# The end after a silence


def drop_out(timer: Timer, room: LiveRoom, now: dt.datetime) -> Decision:
    """End a room in which a seat has been silent for too long.

    This holds for machines too: if their silence did not count, a pane that is silent for longer
    than a person may be would be the machine's. A persona's days away do not count, as far as the
    study lets a person be away.
    """
    asked = rules_of(room)
    if (closing := _closing(timer, room, now)) is not None:
        return closing
    limits = {seat: _silent_until(room, seat, now, asked=asked) for seat in room.playing}
    mine = limits[next(seat for seat in limits if seat.id == timer.seat_id)]
    if mine > now:
        return _settled(timer, room, now, outcome="looked", next_at=mine)
    # Of several, the seat that fell silent first, whichever timer fired first.
    order = [SeatName.INTERROGATOR, SeatName.A, SeatName.B]
    out = min(limits, key=lambda seat: (limits[seat], order.index(SeatName(seat.name))))
    return ending(room, now, reason=EndReason.DROPPED_OUT, by=out.actor)


def _silent_until(
    room: LiveRoom, seat: Seat, now: dt.datetime, *, asked: Attendance
) -> dt.datetime:
    """When a seat will have been silent for too long."""
    here = silence_of(room, seat, now)
    not_counted = (*here.excluded, *_days_away(room, seat, now, at_most_s=asked.pause_s))
    return reached_at(here.since, asked.drop_out_s, not_counted)


def _days_away(
    room: LiveRoom, seat: Seat, now: dt.datetime, *, at_most_s: int
) -> Iterator[ExcludedTime]:
    """The days on which a machine's persona is ill or travels, while the allowance lasts."""
    calendar = personas.persona_of(seat).calendar
    if calendar is None or room.started_at is None:
        return
    left, first = dt.timedelta(seconds=at_most_s), room.started_at.astimezone(calendar.zone).date()
    n_days = (now - room.started_at).days + _DAYS_AHEAD
    for day in calendar.days(first, n_days):
        if day.away is None or left <= dt.timedelta(0):
            continue
        begins = dt.datetime.combine(day.date, dt.time(), calendar.zone).astimezone(dt.UTC)
        away = min(dt.timedelta(days=1), left)
        left -= away
        yield ExcludedTime(begins, begins + away)


# Belief prompts


def ask_belief(timer: Timer, room: LiveRoom, now: dt.datetime) -> Decision:
    """Ask the interrogator for the current belief if none was given for long enough."""
    every_s = study_file(room).belief_every_s
    if every_s is None:
        raise ValueError(f"Timer {timer.key} asks for beliefs, which its study does not.")
    if (closing := _closing(timer, room, now)) is not None:
        return closing
    seat = _seat(timer, room)
    person, not_counted = room.person_in(seat), excluded_times(room, seat)
    quiet_hours, zone = quiet_hours_of(room, person), zone_of(person)

    def due(since: dt.datetime) -> dt.datetime:
        return next_allowed(reached_at(since, every_s, not_counted), quiet_hours, zone)

    due_at = due(room.belief_at or room.start)
    if due_at <= now:
        due_at = next_allowed(excluded_until(now, not_counted) or now, quiet_hours, zone)
    if due_at > now:
        return _settled(timer, room, now, outcome="looked", next_at=due_at)
    asked = Draft(body=BeliefAsked())
    next_one = _settled(timer, room, now, outcome="asked", next_at=due(now))
    return Decision(events=(asked,), settle=next_one.settle, timers=next_one.timers)


# Reminders


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A reminder that is to be sent now, with everything its text needs."""

    which: int
    is_recorded: bool  # an attempt to send it was refused
    to: str
    zone: str
    since: dt.datetime
    has_written: bool
    drops_out_at: dt.datetime


def due_reminder(timer: Timer, room: LiveRoom, now: dt.datetime) -> Due | dt.datetime | None:
    """The reminder to send now, or when to look again, or None where there is nothing to do."""
    return None if _closing(timer, room, now) is not None else _next_reminder(timer, room, now)


def _next_reminder(timer: Timer, room: LiveRoom, now: dt.datetime) -> Due | dt.datetime:
    """The reminder to send now, or when to look again."""
    asked, seat = rules_of(room), _seat(timer, room)
    # Read anew: the address may have been changed or deleted a moment ago.
    person = room.person_in(seat)
    here = silence_of(room, seat, now)
    recorded = n_reminded(room, seat, since=here.since)
    was_refused = recorded > 0 and reminder_attempt(timer) == RefusedReminder(which=recorded)
    next_one = functools.partial(
        next_reminder, now, here.since, after_s=asked.reminders_s, excluded=here.excluded
    )
    found = next_one(sent=recorded - 1 if was_refused else recorded)
    due_at = next_allowed(found.due_at, quiet_hours_of(room, person), zone_of(person))
    if found.which == 0 or due_at > now:
        return due_at
    if person is None or not person.email:
        return next_one(sent=found.which).due_at
    return Due(
        which=found.which,
        is_recorded=found.which <= recorded,
        to=person.email,
        zone=zone_of(person).key,
        since=here.since,
        has_written=here.since != room.started_at,
        drops_out_at=here.reached_at(asked.drop_out_s),
    )


def look_again(
    timer: Timer, room: LiveRoom, now: dt.datetime, *, outcome: str, wait: dt.timedelta = _NO_WAIT
) -> Decision:
    """Settle a reminder timer and make its successor, for after `wait` at the earliest."""
    if (closing := _closing(timer, room, now)) is not None:
        return closing
    found = _next_reminder(timer, room, now)
    next_at = now if isinstance(found, Due) else found
    return _settled(timer, room, now, outcome=outcome, next_at=max(next_at, now + wait))


def record_reminder(
    timer: Timer, room: LiveRoom, now: dt.datetime, *, due: Due, return_hash: str
) -> Decision:
    """Record a reminder before it is sent; store nothing if it is no longer due."""
    if due_reminder(timer, room, now) != due:
        return Decision()
    seat = _seat(timer, room)
    reminded = Draft(seat=seat.actor, body=Reminded(which=due.which, channel=EMAIL))
    return Decision(
        events=() if due.is_recorded else (reminded,),
        seats={seat.id: {"return_hash": return_hash}},
        settle={timer.id: {"payload": SendingReminder(which=due.which).to_json()}},
    )


def refuse_reminder(timer: Timer, room: LiveRoom, now: dt.datetime, *, which: int) -> Decision:
    """Record that the mail server refused a reminder, so that it may be tried again."""
    if (closing := _closing(timer, room, now)) is not None:
        return closing
    return Decision(settle={timer.id: {"payload": RefusedReminder(which=which).to_json()}})
