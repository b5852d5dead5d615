"""On which days a persona is ill or travels: whole days, drawn from the seed and the date alone."""

import datetime as dt
import functools
import random
from enum import StrEnum

_DAY = dt.timedelta(days=1)
#: How many days each takes; every third absence is a journey. Judgements.
_ILLNESS, _TRAVEL, _TRAVEL_SHARE = (1, 3), (3, 10), 1 / 3


class Absence(StrEnum):
    ILL = "ill"
    TRAVELLING = "travelling"


class AwayDays:
    """The absences of one life, which take `share` of all days on average."""

    def __init__(self, *, share: float, seed: int) -> None:
        self._leaves = leaves_a_day(share)
        self._seed = seed
        # Days are asked about again and again around one moment.
        self._begun = functools.lru_cache(maxsize=64)(self._draw)

    def why(self, day: dt.date) -> Absence | None:
        """Why the persona is away on a day, if it is: what began last counts."""
        for n_days in range(_TRAVEL[1]):
            begun = self._begun(day - n_days * _DAY)
            if begun is not None and begun[1] > n_days:
                return begun[0]
        return None

    def _draw(self, day: dt.date) -> tuple[Absence, int] | None:
        """What begins on a day, and how many days it takes."""
        rng = random.Random(f"{self._seed}:away:{day.isoformat()}")
        if rng.random() >= self._leaves:
            return None
        if rng.random() < _TRAVEL_SHARE:
            return Absence.TRAVELLING, rng.randint(*_TRAVEL)
        return Absence.ILL, rng.randint(*_ILLNESS)


def leaves_a_day(share: float) -> float:
    """With which chance an absence begins on a day, so that this share of days is spent away.

    Absences may overlap, hence no plain division: solved by halving.
    """
    low, high = 0.0, 1.0
    for _ in range(50):
        middle = (low + high) / 2
        low, high = (middle, high) if _away_share(middle) < share else (low, middle)
    return low


def _away_share(leaves: float) -> float:
    present = 1.0
    for n_days in range(_TRAVEL[1]):
        lasts = _TRAVEL_SHARE * _chance_above(n_days, _TRAVEL)
        lasts += (1 - _TRAVEL_SHARE) * _chance_above(n_days, _ILLNESS)
        present *= 1 - leaves * lasts
    return 1 - present


def _chance_above(n_days: int, between: tuple[int, int]) -> float:
    low, high = between
    return min(max(high - n_days, 0) / (high - low + 1), 1.0)
