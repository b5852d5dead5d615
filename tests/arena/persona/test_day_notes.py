import datetime as dt
from zoneinfo import ZoneInfo

from arena.persona.day_notes import DayNote, known_notes

NOTES = (
    DayNote(date="2026-12-02", text="Sleet."),
    DayNote(date="2026-12-01", text="A strike."),
    DayNote(date="2026-11-25", text="Long ago."),
    DayNote(date="2026-12-03", text="Not yet."),
)


def test_a_persona_knows_today_and_the_week_before_and_nothing_to_come() -> None:
    now = dt.datetime(2026, 12, 2, 23, 30, tzinfo=ZoneInfo("Europe/London"))
    assert known_notes(NOTES, now) == (
        "Yesterday, Tuesday 01 December: A strike.",
        "Today, Wednesday 02 December: Sleet.",
    )
    assert "Long ago." in known_notes(NOTES, now - dt.timedelta(days=1))[0]


def test_the_day_is_that_of_the_personas_clock() -> None:
    late = dt.datetime(2026, 12, 2, 23, 30, tzinfo=ZoneInfo("Europe/London"))
    assert known_notes(NOTES, late.astimezone(ZoneInfo("Asia/Tokyo")))[-1].endswith("Not yet.")
