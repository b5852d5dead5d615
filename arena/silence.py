"""How long somebody has been silent, time away and pauses not counted. Pure."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Gap:
    """Time that does not count: a pause of the room, or a person's time away."""

    begins: dt.datetime
    ends: dt.datetime


def reached_at(since: dt.datetime, span_s: float, gaps: Iterable[Gap]) -> dt.datetime:
    """When `span_s` of counted time will have passed since a moment, if nothing else happens."""
    at, left = since, dt.timedelta(seconds=span_s)
    for gap in sorted(gaps):
        if gap.ends <= at:
            continue
        if at + left <= gap.begins:
            break
        left -= max(gap.begins - at, dt.timedelta(0))
        at = gap.ends
    return at + left


def gap_end(now: dt.datetime, gaps: Iterable[Gap]) -> dt.datetime | None:
    """The end of the gap that it is now, or None if time counts."""
    ends = None
    for gap in sorted(gaps):
        if gap.begins <= (ends or now) < gap.ends:
            ends = gap.ends
    return ends


@dataclass(frozen=True, slots=True, kw_only=True)
class Reminder:
    """Which reminder is due next, from 1, and when; `which` is 0 where it is time to look again."""

    which: int
    due_at: dt.datetime


def next_reminder(
    now: dt.datetime, since: dt.datetime, *, after_s: Sequence[int], sent: int, gaps: Sequence[Gap]
) -> Reminder:
    """The next reminder of somebody who has been silent since a moment and got `sent` of them.

    After an outage only the last of those that are overdue is left, so that they do not come all
    at once. When all are sent, the next can be due `after_s[0]` from now at the earliest.
    """
    moments = [reached_at(since, span_s, gaps) for span_s in after_s]
    overdue = sum(moment <= now for moment in moments)
    if overdue > sent:
        return Reminder(which=overdue, due_at=gap_end(now, gaps) or now)
    if sent < len(moments):
        return Reminder(which=0, due_at=moments[sent])
    return Reminder(which=0, due_at=now + dt.timedelta(seconds=after_s[0]))
