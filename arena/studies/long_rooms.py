"""The parts of a study file for rooms of days and months: people's and machines' days.

Each is `none` or a whole mapping; like everything in a study file, nothing in them has a default.
"""

import datetime as dt
import re
import zoneinfo

from arena.persona.life import Life
from arena.studies.design import Attendance, MemorySettings
from arena.studies.fields import DAY_S, FieldReader

_SPAN = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)")
_WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_SPAN_EXPECTED = 'a span of the day such as "22:00-08:00"'


def rounds_s(file: FieldReader) -> int | None:
    """How long after a round's first message its replies are shown, together."""
    return file.duration_s_or("rounds", "none", low_s=10, high_s=30 * DAY_S)


def attendance(file: FieldReader, *, duration_s: int | None) -> Attendance | None:
    part = file.section_or("attendance", "none")
    if part is None:
        return None
    asked = Attendance(
        cadence_s=part.duration_s("cadence", low_s=60, high_s=60 * DAY_S),
        reminders_s=part.durations_s("reminders", low_s=60, high_s=60 * DAY_S),
        drop_out_s=part.duration_s("drop_out_after", low_s=60, high_s=365 * DAY_S),
        pause_s=part.duration_s("pause_allowance", low_s=0, high_s=365 * DAY_S),
        quiet_hours=part.matching("quiet_hours", _SPAN, expected=_SPAN_EXPECTED),
    )
    if part.valid("cadence", "drop_out_after") and asked.drop_out_s <= asked.cadence_s:
        part.refuse("drop_out_after", "a longer time than the cadence")
    if part.valid("reminders", "drop_out_after") and any(
        after_s >= asked.drop_out_s for after_s in asked.reminders_s
    ):
        part.refuse("reminders", "times before drop_out_after, in growing order")
    if duration_s and part.valid("drop_out_after") and asked.drop_out_s >= duration_s:
        part.refuse("drop_out_after", "less than the duration")
    part.close()
    return asked


def life(profile: FieldReader) -> Life | None:
    part = profile.section_or("life", "none")
    if part is None:
        return None
    lived = Life(
        time_zone=part.text("time_zone", max_length=64),
        sleep=part.matching("sleep", _SPAN, expected=_SPAN_EXPECTED),
        work=part.matching("work", _SPAN, expected=f'"none" or {_SPAN_EXPECTED}', word="none"),
        work_days=part.choices("work_days", among=_WEEK, min_length=0),
        holidays=part.texts("holidays", min_length=0, max_length=100, chars=22),
        away_days=part.number("away_days", low=0, high=200),
        writes_first_per_day=part.number("writes_first_per_day", low=0, high=20),
    )
    if part.valid("time_zone") and lived.time_zone not in zoneinfo.available_timezones():
        part.refuse("time_zone", 'a name of the IANA time zone database, such as "Europe/Berlin"')
    if part.valid("holidays") and not all(map(_are_days, lived.holidays)):
        part.refuse("holidays", 'days or stretches of days, such as "2027-12-24..2028-01-02"')
    part.close()
    return lived


def memory(profile: FieldReader) -> MemorySettings | None:
    part = profile.section_or("memory", "none")
    if part is None:
        return None
    kept = MemorySettings(
        window_tokens=part.integer("window_tokens", low=2_000, high=10_000_000),
        extractor=part.text("extractor", max_length=200),
    )
    part.close()
    return kept


def _are_days(text: str) -> bool:
    try:
        days = [dt.date.fromisoformat(day) for day in text.split("..")]
    except ValueError:
        return False
    return len(days) == 1 or (len(days) == 2 and days[0] <= days[1])
