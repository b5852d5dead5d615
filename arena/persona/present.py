"""What a persona knows of the present by its clock and calendar, as lines for a prompt.

Every span is one of elapsed time: a night in which the clocks change is an hour shorter or longer.
"""

import datetime as dt
from collections.abc import Iterator
from itertools import groupby

from arena.persona.calendar import Calendar, State, Stretch

#: How far around a day a persona thinks of holidays: back and ahead; and of a change of clocks.
HOLIDAYS_BACK, HOLIDAYS_AHEAD = dt.timedelta(days=14), dt.timedelta(days=31)
CLOCKS = dt.timedelta(days=7)
#: A shorter time since the last words needs no account of what was done in it.
NO_ACCOUNT = dt.timedelta(minutes=10)
#: An account goes back so far at most.
ACCOUNT = dt.timedelta(days=7)
_MINUTE = dt.timedelta(minutes=1)
_NOW = {State.FREE: "free", State.AT_WORK: "at work", State.ASLEEP: "in bed", State.AWAY: "away"}


def account(calendar: Calendar, now: dt.datetime, *, since: dt.datetime) -> Iterator[str]:
    """What the persona is doing now, and did since a moment, if that was some time ago."""
    if now - since.astimezone(dt.UTC) > NO_ACCOUNT:
        begins_at = max(since.astimezone(dt.UTC), now.astimezone(dt.UTC) - ACCOUNT)
        done = [
            each
            for state, stretch in calendar.stretches(begins_at, now)
            for each in _done(calendar, state, stretch)
        ]
        told = "; ".join((*done, "else you were free")) if done else "you were free"
        yield f"What you did since {_moment(begins_at, calendar)}: {told}."
    yield f"Right now you are {_NOW[calendar.state(now)]}."


def _done(calendar: Calendar, state: State, stretch: Stretch) -> Iterator[str]:
    """One stretch in words; nothing for free time."""
    if state == State.FREE:
        return
    begins = stretch.begins_at.astimezone(calendar.zone)
    ends = stretch.ends_at.astimezone(calendar.zone)
    if state == State.AWAY:
        n_days = ((ends - _MINUTE).date() - begins.date()).days + 1
        days = (begins.date() + dt.timedelta(days=n) for n in range(n_days))
        for why, run in groupby(days, key=calendar.away_on):
            first, *others = run
            yield f"{why} {_from_to(first, others[-1] if others else first, pattern='%a %d %b')}"
        return
    what = "sleep" if state == State.ASLEEP else "work"
    until = f"{ends:%H:%M}" if begins.date() == ends.date() else f"{ends:%a %d %b, %H:%M}"
    yield f"{what} {begins:%a %d %b, %H:%M} to {until}"


def _moment(at: dt.datetime, calendar: Calendar) -> str:
    return f"{at.astimezone(calendar.zone):%a %d %b, %H:%M}"


def holidays(calendar: Calendar, today: dt.date) -> Iterator[str]:
    """The holidays of these weeks."""
    near = tuple(calendar.holidays(today - HOLIDAYS_BACK, today + HOLIDAYS_AHEAD))
    if near:
        told = "; ".join(_from_to(*each, pattern="%a %d %b %Y") for each in near)
        yield f"Your holidays of these weeks: {told}."


def _from_to(first: dt.date, last: dt.date, *, pattern: str) -> str:
    return f"{first:{pattern}}" + ("" if first == last else f" to {last:{pattern}}")


def changes_of_clocks(now: dt.datetime) -> Iterator[str]:
    """The changes of clocks of the week before and the week to come, in the zone of `now`."""
    zone, moment = now.tzinfo, now.astimezone(dt.UTC)
    first = moment - CLOCKS
    for n in range(2 * CLOCKS.days):
        begin, end = first + dt.timedelta(days=n), first + dt.timedelta(days=n + 1)
        if (before := _offset(begin, zone)) == (after := _offset(end, zone)):
            continue
        while end - begin > _MINUTE:
            middle = begin + (end - begin) / 2
            begin, end = (middle, end) if _offset(middle, zone) == before else (begin, middle)
        at = end.replace(second=0, microsecond=0)
        way = "forward" if after > before else "back"
        tense = "went" if at <= moment else "go"
        minutes = round(abs(after - before) / _MINUTE)
        wall = (at + before).replace(tzinfo=None)
        yield (
            f"The clocks {tense} {way} by {minutes} minutes on {wall:%A %d %B %Y} at {wall:%H:%M}, "
            f"to {wall + (after - before):%H:%M}."
        )


def _offset(at: dt.datetime, zone: dt.tzinfo | None) -> dt.timedelta:
    return at.astimezone(zone).utcoffset() or dt.timedelta(0)
