"""The parts a report is made of. Knows no HTML and computes nothing."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest

import pandas as pd
from matplotlib.figure import Figure

#: Columns of a table that is narrow enough to be set beside a figure.
MAX_COLUMNS_BESIDE = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """A figure, drawn twice: for a page and for a narrow column."""

    name: str
    caption: str
    wide: Figure
    narrow: Figure


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportTable:
    """A table as it is read, and the same as numbers; `name` is that of its file.

    The first column is text, the others are numbers if `numbers`. Without a frame the cells are
    written as they read. A `spread` one is wide for what its cells hold.
    """

    name: str
    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numbers: bool = True
    frame: pd.DataFrame | None = None
    spread: bool = False

    @property
    def is_wide(self) -> bool:
        """Whether it is too wide to be set beside a figure."""
        return self.spread or len(self.head) > MAX_COLUMNS_BESIDE

    @property
    def values(self) -> pd.DataFrame:
        """What the file of the table holds."""
        if self.frame is not None:
            return self.frame
        return pd.DataFrame(list(self.rows), columns=[name or "name" for name in self.head])


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportSection:
    """One section: its text, what is missing, figures, tables, assumptions and data.

    The first figure is set beside the first table, and so on. `panels` are sections of which one is
    shown at a time. `methods` are sentences for the methods paragraph: of what was
    computed, not of what might have been.
    """

    key: str
    title: str
    intro: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    drawings: tuple[Drawing, ...] = ()
    tables: tuple[ReportTable, ...] = ()
    assumes: str = ""
    data: tuple[tuple[str, pd.DataFrame], ...] = ()
    methods: tuple[str, ...] = ()
    panels: tuple["ReportSection", ...] = ()

    @property
    def pairs(self) -> tuple[tuple[Drawing, ReportTable | None], ...]:
        """Figures, and the tables that go with them."""
        return tuple(zip_longest(self.drawings, self.tables[: len(self.drawings)]))

    @property
    def others(self) -> tuple[ReportTable, ...]:
        """Tables without a figure of their own."""
        return self.tables[len(self.drawings) :]

    def whole(self) -> Iterator["ReportSection"]:
        """The section and its panels."""
        yield self
        for panel in self.panels:
            yield from panel.whole()


@dataclass(frozen=True, slots=True, kw_only=True)
class Headline:
    """One number at the head of a report."""

    value: str
    name: str
    interval: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportPage:
    """A whole report."""

    title: str
    slug: str
    sha256: str
    simulated: bool
    blinded: bool
    facts: tuple[str, ...]
    headlines: tuple[Headline, ...]
    missing: tuple[str, ...]
    sections: tuple[ReportSection, ...]


def sentences(*said: str) -> tuple[str, ...]:
    """Those that say something, each once."""
    return tuple(dict.fromkeys(one for one in said if one))
