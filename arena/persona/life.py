"""The days of a machine's persona as its study file states them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """The days of a machine's persona: when it sleeps, works and is away, in its own zone."""

    time_zone: str
    sleep: str
    work: str
    work_days: tuple[str, ...]
    holidays: tuple[str, ...]
    away_days: float
    writes_first_per_day: float

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Self:
        days, off = tuple(config["work_days"]), tuple(config["holidays"])
        return cls(**{**config, "work_days": days, "holidays": off})
