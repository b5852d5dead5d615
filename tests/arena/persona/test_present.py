"""What a persona knows of the present: the clocks, its holidays, what it did meanwhile."""

import dataclasses
import datetime as dt
import itertools
import random
from zoneinfo import ZoneInfo

import pytest

from arena.persona import present
from arena.persona.calendar import Calendar, State
from arena.persona.life import Life
from arena.persona.persona import Persona

LIFE = Life(
    time_zone="Europe/Berlin",
    sleep="23:30-07:00",
    work="09:00-17:00",
    work_days=("mon", "tue", "wed", "thu", "fri"),
    holidays=("2027-05-06", "2027-12-24..2028-01-02"),
    away_days=0,
    writes_first_per_day=0,
)
DAY = dt.timedelta(days=1)


def at(text: str, zone: str = "Europe/Berlin") -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


@pytest.mark.parametrize(
    ("now", "zone", "told"),
    [
        (
            "2027-03-25T12:00",
            "Europe/Berlin",
            "The clocks go forward by 60 minutes on Sunday 28 March 2027 at 02:00, to 03:00.",
        ),
        (
            "2027-11-03T12:00",
            "Europe/Berlin",
            "The clocks went back by 60 minutes on Sunday 31 October 2027 at 03:00, to 02:00.",
        ),
        (
            "2027-11-07T12:00",
            "America/New_York",
            "The clocks went back by 60 minutes on Sunday 07 November 2027 at 02:00, to 01:00.",
        ),
        (
            "2027-10-01T12:00",
            "Australia/Lord_Howe",
            "The clocks go forward by 30 minutes on Sunday 03 October 2027 at 02:00, to 02:30.",
        ),
    ],
)
def test_change_of_clocks_is_known_for_a_week_on_either_side(
    now: str, zone: str, told: str
) -> None:
    assert list(present.changes_of_clocks(at(now, zone))) == [told]


@pytest.mark.parametrize(
    ("now", "zone"),
    [
        ("2027-03-20T12:00", "Europe/Berlin"),
        ("2027-04-05T12:00", "Europe/Berlin"),
        ("2027-03-28T12:00", "Asia/Kolkata"),
        ("2027-03-28T12:00", "UTC"),
    ],
)
def test_otherwise_nothing_is_said_of_clocks(now: str, zone: str) -> None:
    assert list(present.changes_of_clocks(at(now, zone))) == []


def test_holidays_of_these_weeks_are_told_with_their_stretches() -> None:
    calendar = Calendar(LIFE, 1)
    assert list(present.holidays(calendar, dt.date(2027, 5, 1))) == [
        "Your holidays of these weeks: Thu 06 May 2027."
    ]
    assert list(present.holidays(calendar, dt.date(2027, 12, 20))) == [
        "Your holidays of these weeks: Fri 24 Dec 2027 to Sun 02 Jan 2028."
    ]
    assert list(present.holidays(calendar, dt.date(2027, 8, 1))) == []


def test_account_has_each_night_and_shift_since_then_and_the_present() -> None:
    calendar, now = Calendar(LIFE, 1), at("2027-03-04T20:47")
    did, is_doing = present.account(calendar, now, since=at("2027-03-02T20:00"))
    assert did.startswith("What you did since Tue 02 Mar, 20:00: sleep ")
    assert [did.count(word) for word in ("sleep ", "work ", "; else you were free.")] == [2, 2, 1]
    assert is_doing == "Right now you are free."
    evening, _ = present.account(calendar, now, since=at("2027-03-04T20:00"))
    assert evening == "What you did since Thu 04 Mar, 20:00: you were free."


def test_account_goes_back_a_week_and_is_left_out_within_a_spell() -> None:
    calendar, now = Calendar(LIFE, 1), at("2027-03-04T12:00")
    did, _ = present.account(calendar, now, since=at("2027-01-01T20:00"))
    assert did.startswith("What you did since Thu 25 Feb, 12:00: work Thu 25 Feb, 12:00 to 1")
    assert list(present.account(calendar, now, since=now - dt.timedelta(minutes=5))) == [
        "Right now you are at work."
    ]


def test_account_names_the_days_on_which_it_was_ill_or_travelled() -> None:
    calendar = Calendar(dataclasses.replace(LIFE, away_days=120), 3)
    found = set()
    for n in range(120):
        now = at("2027-03-01T12:00") + dt.timedelta(days=n)
        did, _ = present.account(calendar, now, since=now - dt.timedelta(days=4))
        for part in did.split(": ", 1)[1].split("; "):
            if (reason := part.split()[0]) in ("ill", "travelling"):
                found.add(reason)
                day = next(d for m in range(9) if f"{(d := now.date() - m * DAY):%a %d %b}" in part)
                assert calendar.away_on(day) == reason
    assert found == {"ill", "travelling"}


@pytest.mark.parametrize("seed", range(3))
def test_stretches_hold_the_state_of_every_moment_in_them(seed: int) -> None:
    """Over both changes of clocks, with days away."""
    calendar, rng = Calendar(dataclasses.replace(LIFE, away_days=90), seed), random.Random(seed)
    begins, ends = (
        at(text).astimezone(dt.UTC) for text in ("2027-03-20T13:00", "2027-11-05T13:00")
    )
    stretches = list(calendar.stretches(begins, ends))
    assert [s.begins_at for _, s in stretches[1:]] == [s.ends_at for _, s in stretches[:-1]]
    assert (stretches[0][1].begins_at, stretches[-1][1].ends_at) == (begins, ends)
    assert all(a[0] != b[0] for a, b in itertools.pairwise(stretches))
    assert {state for state, _ in stretches} == set(State)
    for state, stretch in stretches:
        length = stretch.ends_at - stretch.begins_at
        for moment in (0.0, rng.random(), rng.random(), 0.999):
            assert calendar.state(stretch.begins_at + moment * length) == state


def test_a_holiday_stays_one_for_who_is_ill() -> None:
    life = dataclasses.replace(LIFE, away_days=200, holidays=("2027-01-01..2027-12-31",))
    persona = Persona(life=life, calendar=Calendar(life, 2), server_zone=dt.UTC)
    now = at("2027-06-01T12:00")
    days = [line for n in range(30) for line in persona.days(now + n * DAY, since=now + n * DAY)]
    ill = [line for line in days if " all day" in line]
    assert ill and all(line.endswith(" all day, a holiday.") for line in ill)


def test_without_a_life_the_clocks_are_all_there_is() -> None:
    persona = Persona(life=None, calendar=None, server_zone=ZoneInfo("Europe/Berlin"))
    now = persona.local(at("2027-03-28T12:00"))
    assert [line[:22] for line in persona.days(now, since=now)] == ["The clocks went forwar"]
    june = persona.local(at("2027-06-01T12:00"))
    assert persona.days(june, since=june) == ()
