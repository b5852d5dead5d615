"""How long somebody has been silent, and which reminder that earns: told without a database."""

import datetime as dt
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from arena.silence import ExcludedTime, Reminder, excluded_until, next_reminder, reached_at

START = dt.datetime(2027, 3, 1, 12, tzinfo=dt.UTC)
HOUR_S = 3600
AFTER_S = (24 * HOUR_S, 48 * HOUR_S, 72 * HOUR_S)
HOURS = st.integers(-100, 400)


def at(hours: float) -> dt.datetime:
    return START + dt.timedelta(hours=hours)


def gap(begins: float, ends: float) -> ExcludedTime:
    return ExcludedTime(at(begins), at(ends))


def test_silence_without_gaps_is_time() -> None:
    assert reached_at(START, 24 * HOUR_S, ()) == at(24)


def test_gaps_do_not_count_and_overlapping_ones_count_once() -> None:
    excluded = (gap(30, 60), gap(2, 5), gap(4, 6), gap(-9, -3))
    assert reached_at(START, 2 * HOUR_S, excluded) == at(2)
    assert reached_at(START, 3 * HOUR_S, excluded) == at(7)
    assert reached_at(START, 26 * HOUR_S, excluded) == at(30)
    assert reached_at(START, 27 * HOUR_S, excluded) == at(61)


def test_silence_that_begins_in_a_gap_begins_after_it() -> None:
    assert reached_at(START, HOUR_S, (gap(-5, 5),)) == at(6)


def test_gap_that_it_is_now_ends_with_those_that_touch_it() -> None:
    excluded = (gap(0, 5), gap(4, 9), gap(9, 10), gap(20, 30))
    assert excluded_until(at(1), excluded) == at(10)
    assert excluded_until(at(10), excluded) is None
    assert excluded_until(at(-1), excluded) is None


@given(st.lists(st.tuples(HOURS, HOURS).map(sorted), max_size=5), st.integers(0, 200))
def test_silence_counts_the_hours_outside_gaps(spans: list[list[int]], hours: int) -> None:
    excluded = [gap(begins, ends) for begins, ends in spans]
    counted, hour = 0, 0
    while counted < hours:
        counted += not any(begins <= hour < ends for begins, ends in spans)
        hour += 1
    assert reached_at(START, hours * HOUR_S, excluded) == at(hour) or hours == 0


def after(now: float, *, sent: int, excluded: tuple[ExcludedTime, ...] = ()) -> Reminder:
    return next_reminder(at(now), START, after_s=AFTER_S, sent=sent, excluded=excluded)


def test_reminders_come_one_after_the_other() -> None:
    assert after(1, sent=0) == Reminder(which=0, due_at=at(24))
    assert after(24, sent=0) == Reminder(which=1, due_at=at(24))
    assert after(24, sent=1) == Reminder(which=0, due_at=at(48))
    assert after(48, sent=1) == Reminder(which=2, due_at=at(48))
    assert after(72, sent=2) == Reminder(which=3, due_at=at(72))


def test_after_the_last_reminder_one_looks_again_when_a_new_silence_could_earn_one() -> None:
    assert after(80, sent=3) == Reminder(which=0, due_at=at(104))


def test_after_an_outage_only_the_last_overdue_reminder_is_left() -> None:
    assert after(60, sent=0) == Reminder(which=2, due_at=at(60))
    assert after(60, sent=2) == Reminder(which=0, due_at=at(72))


def test_nobody_is_reminded_while_away() -> None:
    holiday = (gap(30, 100),)
    assert after(35, sent=0, excluded=holiday) == Reminder(which=1, due_at=at(100))
    assert after(100, sent=1, excluded=holiday) == Reminder(which=0, due_at=at(118))


@given(st.lists(st.integers(0, 30), min_size=1, max_size=30))
def test_each_reminder_is_sent_once_however_often_one_looks(steps: list[int]) -> None:
    hour, sent, moments = 0, 0, []
    for step in steps:
        hour += step
        found = after(hour, sent=sent)
        if found.which:
            assert found.due_at == at(hour) and found.which > sent
            sent, moments = found.which, [*moments, hour]
        else:
            assert found.due_at > at(hour)
    assert len(moments) <= len(AFTER_S)
    assert all(b > a for a, b in pairwise(moments))
