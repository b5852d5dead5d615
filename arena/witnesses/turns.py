"""Which of a witness's open timers goes on: at most one generation in flight per pane.

A pending reply is a question to be answered, a scheduled one an answer that waits for its time. The
newest question's answer covers all that is unanswered. Lines that never end are answered all the
same: a witness listens for some seconds from the first of them, as people do.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, replace

from django.db import transaction

from arena import clock
from arena.models import Timer
from arena.queries.personas import room_seed
from arena.rules import TimerKind
from arena.services.replies import LISTEN
from arena.timers.payloads import PendingReply, ReplyPlan, ScheduledReply, reply_plan
from arena.timers.rows import postpone, settle
from arena.witnesses import listening
from arena.witnesses.seat_log import seat_log
from arena.witnesses.seats import player_now

#: The share of a reply's wait after which a new message no longer stops it.
TYPED = 0.6


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenQuestion:
    """A question that may be answered now."""

    noticed_at: dt.datetime | None  # when an earlier question would have been noticed
    pending: PendingReply


def acquire(timer: Timer, pending: PendingReply) -> OpenQuestion | None:
    """Let a question be answered, unless it is dropped or waits for another timer of its pane.

    A reply whose wait is mostly over is still sent, as a person would finish typing it, and so is
    any once the witness has listened for long enough; the question waits for that. A generation in
    flight is waited for too, and its answer then dropped. All other timers of the pane are
    superseded; what they say of how long the pane has been owed an answer is kept.
    """
    kinds = (TimerKind.REPLY, TimerKind.INITIATIVE)
    # The room too, for the index of its open timers: a seat has had thousands in a long room.
    mine = Timer.objects.filter(room=timer.room_id, seat=timer.seat_id)
    open_timers = mine.filter(kind__in=kinds, done_at__isnull=True)
    others = [
        (other, plan)
        for other in open_timers.exclude(id=timer.id)
        if _competes(other, plan := reply_plan(other))
    ]
    newer = [other for other, plan in others if _asks(plan) and other.id > timer.id]
    has_listened = bool(others) and clock.now() >= heard_out_at(timer)
    waits = [
        until
        for other, plan in others
        if (until := _worth_waiting_for(other, plan, has_listened=has_listened)) is not None
    ]
    if newer and pending.failing_since is None and (waits or not has_listened):
        settle(timer, outcome="superseded")
        return None
    if newer and pending.failing_since is not None:
        # It takes over from this one when it comes to it.
        wait(timer, max(clock.now(), *(each.wake_at for each in newer)) + LISTEN, pending=pending)
        return None
    if waits:
        wait(timer, max(waits), pending=pending)
        return None
    plans = [plan for _, plan in others]
    inherited = _supersede(timer, pending, others=others)
    return OpenQuestion(noticed_at=_earliest(plan.noticed_at for plan in plans), pending=inherited)


def _supersede(
    timer: Timer, pending: PendingReply, *, others: list[tuple[Timer, ReplyPlan]]
) -> PendingReply:
    """Settle the other timers of a pane; the question takes over since when it fails."""
    failing = [plan.failing_since for _, plan in others if isinstance(plan, PendingReply)]
    since = _earliest((pending.failing_since, *failing))
    if since == pending.failing_since:
        for other, _ in others:
            settle(other, outcome="superseded")
        return pending
    pending = replace(pending, failing_since=since)
    with transaction.atomic():
        mine = Timer.objects.filter(id=timer.id, wake_at=timer.wake_at, done_at__isnull=True)
        mine.update(payload=pending.to_json())
        for other, _ in others:
            settle(other, outcome="superseded")
    return pending


def wait(timer: Timer, until: dt.datetime, *, pending: PendingReply) -> None:
    """Reschedule a question."""
    postpone(timer, until, payload=pending.to_json())


def _asks(plan: ReplyPlan) -> bool:
    return isinstance(plan, PendingReply)


def _competes(other: Timer, plan: ReplyPlan) -> bool:
    is_reply = other.kind == TimerKind.REPLY or isinstance(plan, ScheduledReply)
    return is_reply or _is_being_made(other, plan)


def heard_out_at(timer: Timer) -> dt.datetime:
    """Until when its witness listens to more lines at most; now if nothing is unanswered."""
    machine = player_now(timer)
    seat, log = machine.seat, seat_log(machine.seat)
    came_at = listening.unanswered(log.lines, answered=log.answered)
    if not came_at:
        return clock.now()
    rule = machine.profile.pacing.rule
    until = listening.listens_until(came_at, rule=rule, seed=room_seed(seat))
    return until if log.resumed_at is None else max(until, log.resumed_at + LISTEN)


def _worth_waiting_for(other: Timer, plan: ReplyPlan, *, has_listened: bool) -> dt.datetime | None:
    """Until when a question waits for another timer of its pane; None if it does not."""
    if isinstance(plan, ScheduledReply):
        is_finished = has_listened or _is_mostly_typed(other, plan)
        return other.due_at + LISTEN if is_finished else None
    return clock.now() + LISTEN if _is_being_made(other, plan) else None


def _is_being_made(other: Timer, plan: ReplyPlan) -> bool:
    is_seen = plan.noticed_at is None or plan.noticed_at <= clock.now()
    return other.attempts > 0 and is_seen and other.wake_at > clock.now()


def _is_mostly_typed(timer: Timer, reply: ScheduledReply) -> bool:
    return clock.now() - reply.began_at >= TYPED * (timer.due_at - reply.began_at)


def _earliest(moments: Iterable[dt.datetime | None]) -> dt.datetime | None:
    return min((each for each in moments if each is not None), default=None)
