"""The days of a persona: drawn from the seed alone, by the clock on its wall, DST and all."""

import datetime as dt
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arena.persona.away_days import AwayDays
from arena.persona.calendar import Calendar, State
from arena.persona.life import Life

LIFE = Life(
    time_zone="Europe/Berlin",
    sleep="23:30-07:30",
    work="09:00-17:00",
    work_days=("mon", "tue", "wed", "thu", "fri"),
    holidays=("2027-05-06", "2027-12-24..2028-01-02"),
    away_days=0,
    writes_first_per_day=1,
)
ZONES = (
    "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/Santiago", "Asia/Kolkata",
)  # fmt: skip
BEDS = ("23:30-07:30", "01:00-09:00", "09:00-16:30", "02:00-03:00", "00:00-00:00", "20:00-19:00")
MINUTE, DAY = dt.timedelta(minutes=1), dt.timedelta(days=1)
START = dt.datetime(2027, 1, 1, tzinfo=dt.UTC)
MOMENTS = st.integers(0, 800 * 1440).map(lambda minutes: START + minutes * MINUTE)
LIVES = st.builds(
    lambda zone, sleep, work, away: replace(
        LIFE, time_zone=zone, sleep=sleep, work=work, away_days=away
    ),
    st.sampled_from(ZONES),
    st.sampled_from(BEDS),
    st.sampled_from(["09:00-17:00", "22:00-06:00", "none"]),
    st.sampled_from([0, 20, 200]),
)
SEEDS = st.integers(0, 2**32)


def calendar(seed: int = 1, **changes: object) -> Calendar:
    return Calendar(replace(LIFE, **changes), seed)  # type: ignore[arg-type]


@settings(deadline=None)
@given(LIVES, SEEDS, MOMENTS)
def test_life_is_the_same_in_every_process_and_order(
    life: Life, seed: int, at: dt.datetime
) -> None:
    one, other = Calendar(life, seed), Calendar(life, seed)
    other.days(dt.date(2027, 3, 1), 9)
    assert one.state(at) == other.state(at)
    assert one.next_free(at) == other.next_free(at)


@settings(deadline=None)
@given(LIVES, SEEDS, MOMENTS)
def test_next_free_moment_is_free_and_the_first(life: Life, seed: int, at: dt.datetime) -> None:
    lived = Calendar(life, seed)
    found = lived.next_free(at)
    assert lived.state(found) == State.FREE
    if lived.state(at) == State.FREE:
        assert found == at
        return
    assert found > at
    assert lived.state(found - MINUTE / 2) != State.FREE
    steps = min(int((found - at) / MINUTE), 3000)
    assert all(lived.state(at + n * MINUTE) != State.FREE for n in range(0, steps, 7))


@settings(deadline=None)
@given(LIVES, SEEDS, MOMENTS)
def test_nobody_sleeps_for_a_day(life: Life, seed: int, at: dt.datetime) -> None:
    lived = Calendar(replace(life, away_days=0), seed)
    assert lived.next_awake(at) - at <= dt.timedelta(hours=24)


@settings(deadline=None, max_examples=10)
@given(st.sampled_from(ZONES), SEEDS)
def test_nights_are_nights_on_the_wall_all_year(zone: str, seed: int) -> None:
    lived = calendar(seed, time_zone=zone)
    for day in lived.days(dt.date(2027, 1, 1), 366):
        assert day.wakes_at is not None and day.sleeps_at is not None
        assert day.wakes_at.date() == day.date
        assert dt.time(5, 30) <= day.wakes_at.time() <= dt.time(10, 30)
        evening = dt.datetime.combine(day.date, dt.time(21, 30), lived.zone)
        assert evening <= day.sleeps_at <= evening + dt.timedelta(hours=6)
        for at, state in ((day.wakes_at, State.ASLEEP), (day.sleeps_at, State.FREE)):
            at_utc = at.astimezone(dt.UTC)
            assert lived.state(at_utc - MINUTE) in (state, State.AT_WORK)
        assert lived.state(day.sleeps_at.astimezone(dt.UTC)) == State.ASLEEP
        assert lived.is_awake(day.wakes_at.astimezone(dt.UTC))


@pytest.mark.parametrize(
    ("day", "hours"), [("2027-03-28", 23), ("2027-10-31", 25), ("2027-07-07", 24)]
)
def test_night_of_a_change_of_clocks_is_an_hour_shorter_or_longer(day: str, hours: int) -> None:
    date = dt.date.fromisoformat(day)
    lengths = []
    for seed in range(300):
        lived = calendar(seed, work="none")
        [last, today] = lived.days(date - DAY, 2)
        assert last.sleeps_at is not None and today.wakes_at is not None
        lengths.append(today.wakes_at.astimezone(dt.UTC) - last.sleeps_at.astimezone(dt.UTC))
    mean_h = sum(length / dt.timedelta(hours=1) for length in lengths) / len(lengths)
    assert mean_h == pytest.approx(8 + hours - 24, abs=0.25)


def test_works_on_work_days_and_not_on_holidays() -> None:
    lived = calendar()
    days = lived.days(dt.date(2027, 5, 3), 7)  # a Monday; Thursday is a holiday
    assert [day.works_from is not None for day in days] == [
        True, True, True, False, True, False, False,
    ]  # fmt: skip
    assert [day.holiday for day in days] == [False] * 3 + [True] + [False] * 3
    noon = dt.datetime(2027, 5, 3, 10, tzinfo=dt.UTC)
    assert [lived.state(noon + n * DAY) for n in range(7)] == [
        State.AT_WORK, State.AT_WORK, State.AT_WORK, State.FREE, State.AT_WORK, State.FREE,
        State.FREE,
    ]  # fmt: skip


def test_sleeps_in_before_a_day_off() -> None:
    def wakes(day: dt.date) -> float:
        lived = [calendar(seed).days(day, 1)[0].wakes_at for seed in range(300)]
        return sum(at.hour * 60 + at.minute for at in lived if at) / len(lived)

    friday, saturday, holiday = dt.date(2027, 5, 7), dt.date(2027, 5, 8), dt.date(2027, 5, 6)
    assert wakes(friday) == pytest.approx(450, abs=10)
    assert wakes(saturday) == pytest.approx(510, abs=10)
    assert wakes(holiday) == pytest.approx(510, abs=10)


@pytest.mark.parametrize("days", [0, 10, 40, 200])
def test_away_as_many_days_a_year_as_asked(days: int) -> None:
    first, n = dt.date(2027, 1, 1), 365
    away = [AwayDays(share=days / 365, seed=seed) for seed in range(60)]
    mean = sum(
        each.why(first + number * DAY) is not None for each in away for number in range(n)
    ) / len(away)
    assert mean == pytest.approx(days, rel=0.12, abs=0.01)


def test_away_is_away_day_and_night_and_somebody_is_ill_and_somebody_travels() -> None:
    lived = calendar(3, away_days=60)
    days = lived.days(dt.date(2027, 1, 1), 365)
    away = [day for day in days if day.away]
    assert {day.away for day in away} == {"ill", "travelling"}
    assert all(day.works_from is None for day in away)
    for day in away:
        noon = dt.datetime.combine(day.date, dt.time(12), lived.zone)
        assert all(
            lived.state(noon + hour * dt.timedelta(hours=1)) == State.AWAY for hour in (-11, 0, 11)
        )


def test_whoever_is_never_free_is_not_looked_for_forever() -> None:
    week = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    lived = calendar(work="00:00-23:59", work_days=week, holidays=())
    assert lived.next_free(START) >= START
