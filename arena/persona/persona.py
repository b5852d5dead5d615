"""The imagined person behind a machine's seat: its clock and its days."""

import datetime as dt
from dataclasses import dataclass

from arena.persona import present
from arena.persona.calendar import Calendar, Day
from arena.persona.day_notes import N_KNOWN_DAYS, DayNote, known_notes
from arena.persona.life import Life

#: How many days a model is shown: as many back as of which it knows notes, and these to come.
N_AHEAD = 2


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

    def days(self, now: dt.datetime, since: dt.datetime) -> tuple[str, ...]:
        """The persona's days as a model is shown them, one line each; `now` is in its own zone.

        What it is doing now, and what it did since the moment `since`, are the last of them.
        """
        clocks = tuple(present.changes_of_clocks(now))
        if self.calendar is None:
            return clocks
        today = now.date()
        first = today - dt.timedelta(days=N_KNOWN_DAYS - 1)
        shown = self.calendar.days(first, N_KNOWN_DAYS + N_AHEAD)
        return (
            "Your days:",
            *(_line(day, today) for day in shown),
            *present.holidays(self.calendar, today),
            *clocks,
            *present.account(self.calendar, now, since=since),
        )

    def known(self, now: dt.datetime) -> tuple[str, ...]:
        """What the persona knows of this day and those before, one line each."""
        return known_notes(self.notes, now)


def _line(day: Day, today: dt.date) -> str:
    parts = [_night(day)]
    if day.away is not None:
        parts.append(f"{day.away} all day")
    elif day.works_from is not None and day.works_until is not None:
        parts.append(f"at work {day.works_from:%H:%M}-{day.works_until:%H:%M}")
    elif not day.holiday:
        parts.append("off work")
    if day.holiday:
        parts.append("a holiday")
    name = {-1: "Yesterday, ", 0: "Today, ", 1: "Tomorrow, "}.get((day.date - today).days, "")
    return f"{name}{day.date:%A %d %B}: {', '.join(part for part in parts if part)}."


def _night(day: Day) -> str:
    if day.wakes_at is None or day.sleeps_at is None:
        return ""
    return f"awake {day.wakes_at:%H:%M}-{day.sleeps_at:%H:%M}"
