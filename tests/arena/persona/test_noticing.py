"""When a persona looks at a message: never asleep or away, at once only while it is in the chat."""

import datetime as dt
import random
import statistics
from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arena.persona.calendar import Calendar, State
from arena.persona.noticing import SPELL, notice_at, when_awake, writes_first_at
from tests.arena.persona.test_calendar import LIFE, LIVES, MOMENTS, SEEDS, ZONES

DAY, HOUR, MINUTE = dt.timedelta(days=1), dt.timedelta(hours=1), dt.timedelta(minutes=1)
NIGHT_HOURS = {1, 2, 3, 4}


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("first", [dt.date(2027, 3, 10), dt.date(2027, 10, 20)])
def test_thirty_days_through_a_change_of_clocks(zone: str, first: dt.date) -> None:
    """Messages at every hour: what is noticed has the rhythm of a day, and none of it at night."""
    calendar = Calendar(replace(LIFE, time_zone=zone, away_days=30), seed=5)
    begins = dt.datetime.combine(first, dt.time(), dt.UTC)
    rng = random.Random(f"{zone}{first}")
    noticed = []
    for number in range(30 * 48):
        heard = begins + number * HOUR / 2
        at = notice_at(calendar, heard_at=heard, last_said_at=None, rng=rng)
        assert at >= heard
        assert calendar.state(at) in (State.FREE, State.AT_WORK)
        noticed.append(at)
    hours = Counter(at.astimezone(calendar.zone).hour for at in noticed)
    assert sum(hours[hour] for hour in NIGHT_HOURS) <= 0.02 * len(noticed)
    assert sum(hours[hour] for hour in range(6, 23)) > 0.85 * len(noticed)
    # The morning catches up with the night.
    assert max(hours, key=hours.__getitem__) in range(6, 11)


@settings(deadline=None)
@given(LIVES, SEEDS, MOMENTS, st.integers(0, 60))
def test_nothing_is_noticed_before_it_is_said_asleep_or_away(
    life: object, seed: int, heard: dt.datetime, said_min_ago: int
) -> None:
    calendar = Calendar(life, seed)  # type: ignore[arg-type]
    said = heard - said_min_ago * MINUTE
    at = notice_at(calendar, heard_at=heard, last_said_at=said, rng=random.Random(seed))
    assert at >= heard
    assert calendar.is_awake(at)
    if said_min_ago < 10 and calendar.is_awake(heard):
        assert at == heard


def test_somebody_in_the_chat_or_without_a_life_looks_at_once() -> None:
    calendar = Calendar(LIFE, seed=1)
    heard = dt.datetime(2027, 6, 5, 12, tzinfo=dt.UTC)
    rng = random.Random(1)
    assert notice_at(None, heard_at=heard, last_said_at=None, rng=rng) == heard
    said = heard - SPELL + MINUTE / 60
    assert notice_at(calendar, heard_at=heard, last_said_at=said, rng=rng) == heard


def _minutes(heard: dt.datetime) -> list[float]:
    calendar = Calendar(LIFE, seed=1)
    rng = random.Random(2)
    return [
        (notice_at(calendar, heard_at=heard, last_said_at=None, rng=rng) - heard) / MINUTE
        for _ in range(4000)
    ]


def test_free_people_look_within_minutes_busy_ones_later_and_some_much_later() -> None:
    free = _minutes(dt.datetime(2027, 6, 5, 12, tzinfo=dt.UTC))  # a Saturday
    busy = _minutes(dt.datetime(2027, 6, 7, 9, tzinfo=dt.UTC))  # a Monday
    assert 6 < statistics.median(free) < 14
    assert 2 < statistics.median(busy) / statistics.median(free) < 3.5
    assert 0.05 < statistics.mean(each > 90 for each in free) < 0.18


@pytest.mark.parametrize("per_day", [0.3, 2.0])
def test_writes_unasked_as_often_as_asked_and_only_when_free(per_day: float) -> None:
    calendar, rng, n = Calendar(LIFE, seed=1), random.Random(3), 1500
    begins = at = dt.datetime(2027, 3, 1, tzinfo=dt.UTC)
    for _ in range(n):
        found = writes_first_at(calendar, since=at, per_day=per_day, rng=rng)
        assert found is not None and found > at
        assert calendar.state(found) == State.FREE
        at = found
    assert n / ((at - begins) / DAY) == pytest.approx(per_day, rel=0.1)


def test_whoever_never_writes_unasked_has_no_time_for_it() -> None:
    at = dt.datetime(2027, 3, 1, tzinfo=dt.UTC)
    assert writes_first_at(None, since=at, per_day=0, rng=random.Random(1)) is None
    later = writes_first_at(None, since=at, per_day=1, rng=random.Random(1))
    assert later is not None and later > at


@settings(deadline=None)
@given(LIVES, SEEDS, MOMENTS)
def test_what_waits_for_the_morning_comes_in_it_and_not_before(
    life: object, seed: int, at: dt.datetime
) -> None:
    calendar = Calendar(life, seed)  # type: ignore[arg-type]
    then = when_awake(calendar, at, rng=random.Random(seed))
    assert calendar.is_awake(then)
    assert then == at if calendar.is_awake(at) else then >= calendar.next_awake(at)


@pytest.mark.parametrize("changes", [{}, {"sleep": "09:00-16:30", "away_days": 200}])
def test_nobody_writes_on_the_minute_or_in_the_instant_of_waking(
    changes: dict[str, object],
) -> None:
    """Nights end at any second, days away at midnight, and what waited comes some time later."""
    n_waited = 0
    for seed in range(200):
        calendar = Calendar(replace(LIFE, work="none", **changes), seed)  # type: ignore[arg-type]
        at = dt.datetime(2027, 6, 5, 2, tzinfo=dt.UTC) + seed * HOUR
        if calendar.is_awake(at):
            continue
        n_waited += 1
        woken = calendar.next_awake(at)
        then = when_awake(calendar, at, rng=random.Random(seed))
        assert then - woken > dt.timedelta(seconds=1)
        assert then.second or then.microsecond
        if woken.astimezone(calendar.zone).time() != dt.time():
            assert woken.second or woken.microsecond
    assert n_waited > 40
