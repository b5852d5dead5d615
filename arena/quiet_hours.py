"""Quiet hours: the hours of the day, in a person's own time zone, in which no mail is sent."""

import datetime as dt
import zoneinfo


def next_allowed(at: dt.datetime, quiet_hours: str, zone: zoneinfo.ZoneInfo) -> dt.datetime:
    """`at`, or the end of the quiet hours it falls into, in UTC.

    `quiet_hours` is a span such as "22:00-08:00"; one that ends where it begins is empty. Local
    time decides: an hour that a change of clocks repeats is quiet both times, and a span that ends
    in an hour which the change skips ends within an hour of the change.
    """
    at = at.astimezone(dt.UTC)
    if not _is_quiet(at, quiet_hours, zone):
        return at
    _, ends = _span(quiet_hours)
    today = at.astimezone(zone).date()
    ways_out = (
        dt.datetime.combine(today + dt.timedelta(days=n), ends, zone).replace(fold=fold)
        for n in range(3)
        for fold in (0, 1)
    )
    found = (way.astimezone(dt.UTC) for way in ways_out)
    return min(each for each in found if each > at and not _is_quiet(each, quiet_hours, zone))


def _is_quiet(at: dt.datetime, quiet_hours: str, zone: zoneinfo.ZoneInfo) -> bool:
    begins, ends = _span(quiet_hours)
    wall = at.astimezone(zone).time()
    if begins <= ends:
        return begins <= wall < ends
    return wall >= begins or wall < ends


def _span(quiet_hours: str) -> tuple[dt.time, dt.time]:
    begins, _, ends = quiet_hours.partition("-")
    return dt.time.fromisoformat(begins), dt.time.fromisoformat(ends)
