"""The imagined person behind a machine's seat: its clock and its days."""

import datetime as dt
from dataclasses import dataclass

from arena.persona.calendar import Calendar, Day
from arena.persona.day_notes import DayNote, known_notes
from arena.persona.life import Life

#: How many days a model is shown: yesterday, today and the days to come.
N_DAYS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Persona:
    """A persona with a life, or without one: then it is always there, in the server's zone."""

    life: Life | None
    calendar: Calendar | None
    notes: tuple[DayNote, ...] = ()
    server_zone: dt.tzinfo

    def local(self, now: dt.datetime) -> dt.datetime:
        """A moment in the persona's time zone."""
        return now.astimezone(self.server_zone if self.calendar is None else self.calendar.zone)

    def days(self, now: dt.datetime) -> tuple[str, ...]:
        """The persona's days as a model is shown them, one line each."""
        if self.calendar is None:
            return ()
        today = now.date()
        shown = self.calendar.days(today - dt.timedelta(days=1), N_DAYS)
        return ("Your days:", *(_line(day, today) for day in shown))

    def known(self, now: dt.datetime) -> tuple[str, ...]:
        """What the persona knows of this day and those before, one line each."""
        return known_notes(self.notes, now)


def _line(day: Day, today: dt.date) -> str:
    parts = [_night(day)]
    if day.away is not None:
        parts.append(f"{day.away} all day")
    elif day.works_from is not None and day.works_until is not None:
        parts.append(f"at work {day.works_from:%H:%M}-{day.works_until:%H:%M}")
    else:
        parts.append("a holiday" if day.holiday else "off work")
    name = {-1: "Yesterday, ", 0: "Today, ", 1: "Tomorrow, "}.get((day.date - today).days, "")
    return f"{name}{day.date:%A %d %B}: {', '.join(part for part in parts if part)}."


def _night(day: Day) -> str:
    if day.wakes_at is None or day.sleeps_at is None:
        return ""
    return f"awake {day.wakes_at:%H:%M}-{day.sleeps_at:%H:%M}"
