"""The days of a machine's persona: when it sleeps, works and is away, in its local time.

Every day is drawn from the seed and its date alone, so any process, at any time and in any order,
finds the same life. A night belongs to the morning on which it ends.
"""

import datetime as dt
import functools
import random
import zoneinfo
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from arena.persona.away_days import AwayDays, AwayReason
from arena.persona.life import Life

#: The standard deviation of a night's begin and end, and how much later they are before a day
#: off.
NIGHT_SPREAD_MIN, DAY_OFF_MIN = 45.0, 60.0
WORK_SPREAD_MIN = 10.0
#: A night never begins or ends further from its usual hours than this.
_FURTHEST_MIN = 120.0
_DAY_MIN = 1440
#: Bounds the search for a persona that works whenever it is awake: some months.
_MOST_STEPS = 500
_WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY = dt.timedelta(days=1)


class State(StrEnum):
    ASLEEP = "asleep"
    AT_WORK = "at_work"
    FREE = "free"
    AWAY = "away"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """A stretch of time, in UTC, its end not included."""

    begins_at: dt.datetime
    ends_at: dt.datetime

    def holds(self, at: dt.datetime) -> bool:
        return self.begins_at <= at < self.ends_at


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """One day as the persona lives it; times are those of its zone."""

    date: dt.date
    wakes_at: dt.datetime | None  # None for a persona that never sleeps
    sleeps_at: dt.datetime | None  # perhaps after midnight
    works_from: dt.datetime | None
    works_until: dt.datetime | None
    holiday: bool
    away: AwayReason | None


class Calendar:
    """A life as dates and moments."""

    def __init__(self, life: Life, seed: int) -> None:
        self.zone = zoneinfo.ZoneInfo(life.time_zone)
        self._seed = seed
        self._sleep = _Span.read(life.sleep)
        self._work = None if life.work == "none" else _Span.read(life.work)
        self._work_days = frozenset(_WEEK.index(day) for day in life.work_days)
        self._holidays = [_days(text) for text in life.holidays]
        self._away = AwayDays(share=life.away_days / 365, seed=seed)
        # The same days are asked for again and again.
        self._night = functools.lru_cache(maxsize=64)(self._draw_night)
        self._shift = functools.lru_cache(maxsize=64)(self._draw_shift)

    def state(self, at: dt.datetime) -> State:
        """What the persona is doing at a moment."""
        today = self._local(at).date()
        if self._away.why(today):
            return State.AWAY
        if any(_holds(self._night(day), at) for day in _around(today)):
            return State.ASLEEP
        if any(_holds(self._shift(day), at) for day in _around(today)):
            return State.AT_WORK
        return State.FREE

    def is_awake(self, at: dt.datetime) -> bool:
        """Whether the persona could look at its messages."""
        return self.state(at) in (State.FREE, State.AT_WORK)

    def next_free(self, at: dt.datetime) -> dt.datetime:
        """`at` where the persona is free, else the first moment at which it is again; in UTC."""
        return self._first(at, frozenset({State.FREE}))

    def next_awake(self, at: dt.datetime) -> dt.datetime:
        """`at` where the persona is awake, else the first moment at which it is again; in UTC."""
        return self._first(at, frozenset({State.FREE, State.AT_WORK}))

    def _first(self, at: dt.datetime, wanted: frozenset[State]) -> dt.datetime:
        at = at.astimezone(dt.UTC)
        for _ in range(_MOST_STEPS):
            if self.state(at) in wanted:
                break
            at = min(end for end in self._ends(at) if end > at)
        return at

    def _changes(self, at: dt.datetime) -> Iterator[dt.datetime]:
        """The moments around another at which a state may begin or end."""
        for day in _around(self._local(at).date()):
            for each in (self._night(day), self._shift(day)):
                if each is not None:
                    yield each.begins_at
            yield self._moment(day, 0)
        yield from self._ends(at)

    def _ends(self, at: dt.datetime) -> Iterator[dt.datetime]:
        """The ends of nights, shifts and days around a moment."""
        today = self._local(at).date()
        for day in _around(today):
            yield from (each.ends_at for each in (self._night(day), self._shift(day)) if each)
        yield self._moment(today + _DAY, 0)

    def stretches(
        self, begins_at: dt.datetime, ends_at: dt.datetime
    ) -> Iterator[tuple[State, Stretch]]:
        """What the persona does from one moment to another, one state after the other."""
        began, at = begins_at.astimezone(dt.UTC), begins_at.astimezone(dt.UTC)
        until = ends_at.astimezone(dt.UTC)
        while at < until:
            state = self.state(at)
            at = min(until, *(each for each in self._changes(at) if each > at))
            if at == until or self.state(at) != state:
                yield state, Stretch(begins_at=began, ends_at=at)
                began = at

    def away_on(self, day: dt.date) -> AwayReason | None:
        """Why the persona is away on a day, if it is."""
        return self._away.why(day)

    def holidays(self, first: dt.date, last: dt.date) -> Iterator[tuple[dt.date, dt.date]]:
        """The stretches of holidays, by first and last day, that touch those between two days."""
        yield from sorted(each for each in self._holidays if each[0] <= last and each[1] >= first)

    def days(self, first: dt.date, n: int) -> tuple[Day, ...]:
        """Some days of the life, as the model is shown them."""
        return tuple(self._day(first + number * _DAY) for number in range(n))

    def _day(self, day: dt.date) -> Day:
        away = self._away.why(day)
        woken, asleep = self._night(day), self._night(day + _DAY)
        shift = None if away else self._shift(day)
        return Day(
            date=day,
            wakes_at=self._local(woken.ends_at) if woken else None,
            sleeps_at=self._local(asleep.begins_at) if asleep else None,
            works_from=self._local(shift.begins_at) if shift else None,
            works_until=self._local(shift.ends_at) if shift else None,
            holiday=self.is_holiday(day),
            away=away,
        )

    def _local(self, at: dt.datetime) -> dt.datetime:
        return at.astimezone(self.zone)

    def is_holiday(self, day: dt.date) -> bool:
        return any(first <= day <= last for first, last in self._holidays)

    @property
    def free_share(self) -> float:
        """The approximate share of all time in which the persona is free."""
        busy_min = float(self._sleep.minutes)
        if self._work is not None:
            busy_min += self._work.minutes * len(self._work_days) / 7
        return max(1 - busy_min / _DAY_MIN, 0.05)

    def _draw_night(self, morning: dt.date) -> Stretch | None:
        """The night that ends on a morning."""
        asleep, awake = self._sleep.minutes, _DAY_MIN - self._sleep.minutes
        if not asleep:
            return None
        rng = self._rng("night", morning)
        later = min(DAY_OFF_MIN, awake / 4) if self._is_day_off(morning) else 0.0
        # Personas that sleep little, or nearly always, sleep more regularly.
        furthest = min(_FURTHEST_MIN, asleep / 4, awake / 8)
        begin, end = (_near(rng, NIGHT_SPREAD_MIN, furthest) + later for _ in range(2))
        evening = morning - _DAY if self._sleep.overnight else morning
        return Stretch(
            begins_at=self._moment(evening, self._sleep.begins_min + begin),
            ends_at=self._moment(morning, self._sleep.ends_min + end),
        )

    def _draw_shift(self, day: dt.date) -> Stretch | None:
        """The work that begins on a day."""
        work = self._work
        if work is None or day.weekday() not in self._work_days or self.is_holiday(day):
            return None
        rng = self._rng("work", day)
        begin, end = (_near(rng, WORK_SPREAD_MIN, work.minutes / 4) for _ in range(2))
        last = day + _DAY if work.overnight else day
        return Stretch(
            begins_at=self._moment(day, work.begins_min + begin),
            ends_at=self._moment(last, work.ends_min + end),
        )

    def _is_day_off(self, day: dt.date) -> bool:
        works = self._work_days if self._work and self._work_days else frozenset(range(5))
        return day.weekday() not in works or self.is_holiday(day)

    def _moment(self, day: dt.date, minutes: float) -> dt.datetime:
        """When the local time is so many minutes past a day's midnight, in UTC.

        A time that a change of clocks skips is read by the old clock; of one that comes twice, the
        first counts. To the millisecond: nobody wakes up on the minute.
        """
        wall = dt.datetime.combine(day, dt.time()) + dt.timedelta(minutes=minutes)
        wall = wall.replace(microsecond=wall.microsecond // 1000 * 1000)
        return wall.replace(tzinfo=self.zone).astimezone(dt.UTC)

    def _rng(self, what: str, day: dt.date) -> random.Random:
        return random.Random(f"{self._seed}:{what}:{day.isoformat()}")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Span:
    """A span of the day in minutes past midnight, such as "23:30-07:30"."""

    begins_min: int
    ends_min: int

    @classmethod
    def read(cls, text: str) -> "_Span":
        begins, ends = (dt.time.fromisoformat(each) for each in text.split("-"))
        return cls(
            begins_min=begins.hour * 60 + begins.minute, ends_min=ends.hour * 60 + ends.minute
        )

    @property
    def overnight(self) -> bool:
        return self.begins_min > self.ends_min

    @property
    def minutes(self) -> int:
        return (self.ends_min - self.begins_min) % _DAY_MIN


def _near(rng: random.Random, spread: float, furthest: float) -> float:
    drawn = rng.gauss(0, spread)
    return drawn if abs(drawn) <= furthest else rng.uniform(-furthest, furthest)


def _around(day: dt.date) -> tuple[dt.date, dt.date, dt.date]:
    return day - _DAY, day, day + _DAY


def _holds(stretch: Stretch | None, at: dt.datetime) -> bool:
    return stretch is not None and stretch.holds(at)


def _days(text: str) -> tuple[dt.date, dt.date]:
    first, _, last = text.partition("..")
    return dt.date.fromisoformat(first), dt.date.fromisoformat(last or first)
