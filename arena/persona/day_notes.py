"""What a persona knows of certain days, because its host wrote it down: weather, news."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

#: Of how many days back, today among them, a persona still knows.
N_KNOWN_DAYS = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class DayNote:
    """What a persona knows of a day, as the host wrote it; it knows nothing before that day."""

    date: str
    text: str


def known_notes(notes: Iterable[DayNote], now: dt.datetime) -> tuple[str, ...]:
    """The notes that a persona knows at a moment of its own clock, oldest first."""
    today = now.date()
    days = ((dt.date.fromisoformat(note.date), note.text) for note in notes)
    known = [(day, text) for day, text in days if 0 <= (today - day).days < N_KNOWN_DAYS]
    return tuple(
        f"{_name(day, today)}: {text}" for day, text in sorted(known, key=lambda each: each[0])
    )


def _name(day: dt.date, today: dt.date) -> str:
    near = {0: "Today, ", 1: "Yesterday, "}.get((today - day).days, "")
    return f"{near}{day:%A %d %B}"
