"""The days on which a persona is ill or travels, drawn from the seed and the date alone."""

import datetime as dt
import functools
import random
from enum import StrEnum

_DAY = dt.timedelta(days=1)
#: How many days each takes; every third time away is a journey. Judgements.
_ILLNESS, _TRAVEL, _TRAVEL_SHARE = (1, 3), (3, 10), 1 / 3


class AwayReason(StrEnum):
    ILL = "ill"
    TRAVELLING = "travelling"


class AwayDays:
    """The days away of one life, `share` of all days on average."""

    def __init__(self, *, share: float, seed: int) -> None:
        self._starts = away_starts_per_day(share)
        self._seed = seed
        # The same days are asked for again and again.
        self._away_from = functools.lru_cache(maxsize=64)(self._draw)

    def why(self, day: dt.date) -> AwayReason | None:
        """Why the persona is away on a day, if it is; of several reasons the latest."""
        for n_days in range(_TRAVEL[1]):
            begun = self._away_from(day - n_days * _DAY)
            if begun is not None and begun[1] > n_days:
                return begun[0]
        return None

    def _draw(self, day: dt.date) -> tuple[AwayReason, int] | None:
        """The time away that begins on a day, and its length in days."""
        rng = random.Random(f"{self._seed}:away:{day.isoformat()}")
        if rng.random() >= self._starts:
            return None
        if rng.random() < _TRAVEL_SHARE:
            return AwayReason.TRAVELLING, rng.randint(*_TRAVEL)
        return AwayReason.ILL, rng.randint(*_ILLNESS)


def away_starts_per_day(share: float) -> float:
    """The probability that time away begins on a day, so that `share` of all days is spent away.

    Times away may overlap, so it is found by bisection.
    """
    low, high = 0.0, 1.0
    for _ in range(50):
        middle = (low + high) / 2
        low, high = (middle, high) if _away_share(middle) < share else (low, middle)
    return low


def _away_share(starts: float) -> float:
    present = 1.0
    for n_days in range(_TRAVEL[1]):
        lasts = _TRAVEL_SHARE * _chance_above(n_days, _TRAVEL)
        lasts += (1 - _TRAVEL_SHARE) * _chance_above(n_days, _ILLNESS)
        present *= 1 - starts * lasts
    return 1 - present


def _chance_above(n_days: int, between: tuple[int, int]) -> float:
    low, high = between
    return min(max(high - n_days, 0) / (high - low + 1), 1.0)
