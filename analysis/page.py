"""The parts a report is made of, and how numbers are written in it. Knows no HTML."""

import math
from dataclasses import dataclass

import pandas as pd
from matplotlib.figure import Figure

from analysis.axis import NBSP, Unit, words
from analysis.clocks import Clock
from analysis.estimate import Estimate

NOT_KNOWN = "not known"


def count(n: int, one: str) -> str:
    """A number of things, in words."""
    return f"{n} {one}" if n == 1 else f"{n} {one}s"


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """A figure, drawn twice: for a page and for a narrow column."""

    name: str
    description: str
    wide: Figure
    narrow: Figure


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table as it is read; the first column is text, the others are numbers if `numbers`."""

    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numbers: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One section: what it says, shows, lacks and assumes, and the data behind it."""

    key: str
    title: str
    says: tuple[str, ...] = ()
    lacks: str = ""
    drawings: tuple[Drawing, ...] = ()
    tables: tuple[Table, ...] = ()
    assumes: str = ""
    data: tuple[tuple[str, pd.DataFrame], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Headline:
    """One number at the head of a report."""

    value: str
    name: str
    interval: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A whole report."""

    title: str
    slug: str
    sha256: str
    simulated: bool
    facts: tuple[str, ...]
    headlines: tuple[Headline, ...]
    lacks: str
    sections: tuple[Section, ...]


def percent(value: float, *, digits: int = 1) -> str:
    """A proportion in per cent."""
    return NOT_KNOWN if math.isnan(value) else f"{100 * value:.{digits}f}{NBSP}%".replace("-", "−")


def percent_range(low: float, high: float) -> str:
    """An interval of proportions; empty if it is not known."""
    if math.isnan(low) or math.isnan(high):
        return ""
    return f"{100 * low:.1f} to {100 * high:.1f}{NBSP}%".replace("-", "−")


def share(estimate: Estimate) -> str:
    """An estimated proportion with its interval."""
    interval = percent_range(estimate.low, estimate.high)
    return percent(estimate.value) + (f" ({interval})" if interval else "")


def moment(estimate: Estimate, clock: Clock, unit: Unit) -> str:
    """An estimated time with its interval."""
    value = words(estimate.value, clock, unit=unit)
    interval = time_range(estimate, clock, unit)
    return f"{value} ({interval})" if interval else value


def time_range(estimate: Estimate, clock: Clock, unit: Unit) -> str:
    """The interval of an estimated time; empty if it is not known."""
    known = not (math.isnan(estimate.low) or math.isnan(estimate.high))
    if not known or math.isinf(estimate.low):
        return ""
    low, high = (words(end, clock, unit=unit) for end in (estimate.low, estimate.high))
    return f"{low.removesuffix(NBSP + unit.short)} to {high}"
