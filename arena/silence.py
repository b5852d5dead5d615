"""How long a seat has been silent; time away and pauses do not count. Pure."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class ExcludedTime:
    """Time that does not count as silence: a pause of the room, or a person's time away."""

    begins: dt.datetime
    ends: dt.datetime


def reached_at(since: dt.datetime, span_s: float, excluded: Iterable[ExcludedTime]) -> dt.datetime:
    """When `span_s` of counted time will have passed since a moment, if nothing else happens."""
    at, left = since, dt.timedelta(seconds=span_s)
    for span in sorted(excluded):
        if span.ends <= at:
            continue
        if at + left <= span.begins:
            break
        left -= max(span.begins - at, dt.timedelta(0))
        at = span.ends
    return at + left


def excluded_until(now: dt.datetime, excluded: Iterable[ExcludedTime]) -> dt.datetime | None:
    """When excluded time that includes `now` ends, or None if time counts now."""
    ends = None
    for span in sorted(excluded):
        if span.begins <= (ends or now) < span.ends:
            ends = span.ends
    return ends


@dataclass(frozen=True, slots=True, kw_only=True)
class Reminder:
    """The number of the next reminder, from 1, and its time; number 0 means: check again then."""

    which: int
    due_at: dt.datetime


def next_reminder(
    now: dt.datetime,
    since: dt.datetime,
    *,
    after_s: Sequence[int],
    sent: int,
    excluded: Sequence[ExcludedTime],
) -> Reminder:
    """The next reminder of a person who has been silent since a moment and got `sent` of them.

    After an outage only the last of the overdue ones is sent, so that they do not come all at once.
    When all are sent, the next can be due `after_s[0]` from now at the earliest.
    """
    moments = [reached_at(since, span_s, excluded) for span_s in after_s]
    overdue = sum(moment <= now for moment in moments)
    if overdue > sent:
        return Reminder(which=overdue, due_at=excluded_until(now, excluded) or now)
    if sent < len(moments):
        return Reminder(which=0, due_at=moments[sent])
    return Reminder(which=0, due_at=now + dt.timedelta(seconds=after_s[0]))
