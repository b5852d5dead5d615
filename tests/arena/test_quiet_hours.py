"""Nobody is written to at night: in five zones, through every change of clocks."""

import datetime as dt
import zoneinfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arena.quiet_hours import next_allowed

NIGHT = "22:00-08:00"
ZONES = (
    "Europe/Berlin",  # changes its clocks in March and October
    "America/New_York",  # on other days than Europe
    "Asia/Kolkata",  # half an hour off, never changes
    "Australia/Lord_Howe",  # changes by half an hour, the other way round
    "Pacific/Auckland",
)
MINUTES = st.integers(0, 24 * 60 - 1)


def zone(name: str) -> zoneinfo.ZoneInfo:
    return zoneinfo.ZoneInfo(name)


def utc(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)


def span(begins: int, ends: int) -> str:
    return f"{begins // 60:02}:{begins % 60:02}-{ends // 60:02}:{ends % 60:02}"


def is_night(at: dt.datetime, quiet_hours: str, where: zoneinfo.ZoneInfo) -> bool:
    """Told the long way: by the wall clock's minute."""
    begins, ends = (dt.time.fromisoformat(part) for part in quiet_hours.split("-"))
    wall, minutes = at.astimezone(where).time(), []
    minute = begins
    while minute != ends:
        minutes.append(minute)
        minute = (dt.datetime.combine(dt.date.min, minute) + dt.timedelta(minutes=1)).time()
    return wall.replace(second=0, microsecond=0) in minutes


@pytest.mark.parametrize(
    ("where", "at", "allowed"),
    [
        ("Europe/Berlin", "2027-01-10 12:00", "2027-01-10 12:00"),  # one in the afternoon
        ("Europe/Berlin", "2027-01-10 21:00", "2027-01-11 07:00"),  # ten in the evening
        ("Europe/Berlin", "2027-01-11 06:59", "2027-01-11 07:00"),
        ("Europe/Berlin", "2027-01-11 07:00", "2027-01-11 07:00"),  # eight in the morning
        ("Asia/Kolkata", "2027-01-10 17:00", "2027-01-11 02:30"),
        ("America/New_York", "2027-01-11 03:00", "2027-01-11 13:00"),
        # The night in which clocks go forward is an hour shorter, the other an hour longer.
        ("Europe/Berlin", "2027-03-27 21:00", "2027-03-28 06:00"),
        ("Europe/Berlin", "2027-10-30 20:00", "2027-10-31 07:00"),
        ("America/New_York", "2027-03-14 03:00", "2027-03-14 12:00"),
        ("America/New_York", "2027-11-07 02:00", "2027-11-07 13:00"),
        ("Australia/Lord_Howe", "2027-04-03 11:00", "2027-04-03 21:30"),
        ("Pacific/Auckland", "2027-09-25 10:00", "2027-09-25 19:00"),
    ],
)
def test_night_ends_by_the_wall_clock(where: str, at: str, allowed: str) -> None:
    assert next_allowed(utc(at), NIGHT, zone(where)) == utc(allowed)


def test_night_that_ends_in_the_hour_that_comes_twice_is_quiet_both_times() -> None:
    berlin, quiet = zone("Europe/Berlin"), "22:00-02:30"
    # 02:30 summer time, then again 02:30 winter time: both are ends, and 02:10 is quiet both times.
    assert next_allowed(utc("2027-10-31 00:10"), quiet, berlin) == utc("2027-10-31 00:30")
    assert next_allowed(utc("2027-10-31 00:40"), quiet, berlin) == utc("2027-10-31 00:40")
    assert next_allowed(utc("2027-10-31 01:10"), quiet, berlin) == utc("2027-10-31 01:30")


def test_night_that_ends_in_the_hour_that_is_left_out_ends_after_it() -> None:
    berlin, quiet = zone("Europe/Berlin"), "01:00-02:30"
    allowed = next_allowed(utc("2027-03-28 00:30"), quiet, berlin)
    assert utc("2027-03-28 01:00") <= allowed < utc("2027-03-28 02:00")
    assert not is_night(allowed, quiet, berlin)


def test_span_that_ends_where_it_begins_is_no_span() -> None:
    at = utc("2027-05-01 00:00")
    assert next_allowed(at, "00:00-00:00", zone("UTC")) == at


@given(
    days=st.floats(0, 3 * 366),
    begins=MINUTES,
    ends=MINUTES,
    where=st.sampled_from(ZONES),
)
def test_nobody_is_written_to_in_quiet_hours(
    days: float, begins: int, ends: int, where: str
) -> None:
    at, quiet = utc("2026-01-01") + dt.timedelta(days=days), span(begins, ends)
    allowed = next_allowed(at, quiet, zone(where))
    assert at <= allowed <= at + dt.timedelta(hours=50)
    assert not is_night(allowed, quiet, zone(where))
    assert is_night(at, quiet, zone(where)) or allowed == at
