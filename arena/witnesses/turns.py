"""Which of a witness's open timers goes on: one answer in the making per pane.

A reply timer without words is a question: something was said and is to be answered. One with words
is an answer waiting for its time. The newest question answers all that is unanswered.
"""

import datetime as dt
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from arena import clock
from arena.models import Timer
from arena.rules import TimerKind
from arena.services.playing import LISTEN
from arena.timers.rows import settle

#: Share of a reply's wait after which a new message no longer stops it.
TYPED = 0.6


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """A question that may be answered now; `noticed_at` is when one before it was to be seen."""

    noticed_at: dt.datetime | None


def plan(timer: Timer) -> Mapping[str, object]:
    """What a timer holds: `text` once it is an answer, `noticed_at` once its time was drawn."""
    held: dict[str, object] = json.loads(timer.payload)
    return held


def moment(held: Mapping[str, object], key: str) -> dt.datetime | None:
    """A moment that a timer holds."""
    stamp = held.get(key)
    return dt.datetime.fromtimestamp(stamp, dt.UTC) if isinstance(stamp, int | float) else None


def take_turn(timer: Timer) -> Turn | None:
    """The turn of a question, unless it is dropped or has to wait for another timer of its pane.

    A reply whose wait is mostly over is said as a person would finish typing it; the question
    waits for that. An answer that is being made is waited for too, and then dropped: there is one
    generation in flight per pane. Anything else in the making gives way.
    """
    kinds = (TimerKind.REPLY, TimerKind.INITIATIVE)
    open_timers = Timer.objects.filter(seat=timer.seat_id, kind__in=kinds, done_at__isnull=True)
    others = [other for other in open_timers.exclude(id=timer.id) if _stands_in_the_way(other)]
    if any(other.id > timer.id and "text" not in plan(other) for other in others):
        settle(timer, outcome="superseded")
        return None
    waits = [until for other in others if (until := _worth_waiting_for(other)) is not None]
    if waits:
        wait(timer, max(waits))
        return None
    for other in others:
        settle(other, outcome="superseded")
    return Turn(noticed_at=_earliest(moment(plan(other), "noticed_at") for other in others))


def wait(timer: Timer, until: dt.datetime, **held: object) -> None:
    """Look at a timer again later; what it holds is kept, and its attempts begin anew.

    Whoever has lost the claim, because its lease was over, changes nothing.
    """
    payload = json.dumps({**plan(timer), **held})
    mine = Timer.objects.filter(id=timer.id, wake_at=timer.wake_at, done_at__isnull=True)
    mine.update(wake_at=until, attempts=0, payload=payload)


def _stands_in_the_way(other: Timer) -> bool:
    return other.kind == TimerKind.REPLY or "text" in plan(other) or _is_being_made(other)


def _worth_waiting_for(other: Timer) -> dt.datetime | None:
    """Until when a question lets another timer of its pane go on, if it does."""
    held = plan(other)
    if "text" in held:
        return other.due_at + LISTEN if _is_mostly_typed(other, held) else None
    return clock.now() + LISTEN if _is_being_made(other) else None


def _is_being_made(other: Timer) -> bool:
    noticed_at = moment(plan(other), "noticed_at")
    is_seen = noticed_at is None or noticed_at <= clock.now()
    return other.attempts > 0 and is_seen and other.wake_at > clock.now()


def _is_mostly_typed(timer: Timer, held: Mapping[str, object]) -> bool:
    began = moment(held, "from") or timer.due_at
    return clock.now() - began >= TYPED * (timer.due_at - began)


def _earliest(moments: Iterable[dt.datetime | None]) -> dt.datetime | None:
    return min((each for each in moments if each is not None), default=None)
