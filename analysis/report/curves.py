"""Decided rooms of a study on one clock, with what is shown of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from analysis.dataset.study import Study
from analysis.numerics.limits import lacking
from analysis.outcomes.clocks import Clock
from analysis.outcomes.clusters import room_clusters
from analysis.outcomes.commitment import Rule
from analysis.outcomes.detection import detections
from analysis.outcomes.inclusion import IncludedStudy, included
from analysis.plots import axis
from analysis.plots.incidence import NAMES
from analysis.plots.span import log_start
from analysis.plots.step_curve import known_until
from analysis.report.page import Drawing
from analysis.survival.cumulative_incidence import CumulativeIncidence, cumulative_incidence
from analysis.survival.simultaneous import Band, simultaneous_band

#: Where a band for a whole curve begins, as a share of the axis.
WHOLE_FROM = 0.1

#: The mark on figures of a simulated study.
MARK = "SIMULATED"

_TWO_PARTY_NAMES = {
    "machine": ("Machine detected", "Machine taken for a human"),
    "human": ("Human recognised", "Human falsely accused"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockCurve:
    """Decided rooms on one clock, and the incidence estimated from them."""

    study: IncludedStudy
    clock: Clock
    witness: str
    rooms: pd.DataFrame
    result: CumulativeIncidence
    end: float

    @property
    def unit(self) -> axis.TimeUnit:
        """What times are shown in."""
        return axis.unit_of(self.clock, self.end)

    @property
    def names(self) -> tuple[str, str]:
        """What causes 1 and 2 are called in this study."""
        return NAMES if self.study.format == "three_party" else _TWO_PARTY_NAMES[self.witness]

    @property
    def has_net(self) -> bool:
        """Whether guessing would give both causes the same share."""
        return self.study.format == "three_party"

    @property
    def missing(self) -> str:
        """What is missing for numbers."""
        return result_missing(self.result)

    @property
    def end_words(self) -> str:
        """The end of the axis, in words."""
        return self.words(self.end)

    @property
    def log_from(self) -> float | None:
        """Where a logarithmic axis begins, if the times call for one."""
        decided = self.rooms.loc[self.rooms["cause"] != 0, "time"].to_numpy(np.float64)
        return log_start(decided, self.end, self.clock)

    @property
    def tau(self) -> float:
        """Horizon of restricted means: the planned length on the wall clock, else the axis' end."""
        return float(self.study.duration_ms) if self.clock is Clock.WALL else self.end

    @property
    def mark(self) -> str:
        """The mark across figures."""
        return mark_of(self.study)

    def whole(self) -> tuple[Band, ...]:
        """Bands for the curves of both causes at once, by a rule that knows no data.

        From a tenth of the axis to its end, or to where too few interrogators remain.
        """
        last = min(self.end, known_until(self.result))
        if self.missing or last <= self.end * WHOLE_FROM:
            return ()
        start = self.end * WHOLE_FROM
        made = (simultaneous_band(self.result, k, start=start, end=last) for k in (1, 2))
        return tuple(band for band in made if len(band.times))

    def words(self, time: float) -> str:
        """A time in the unit of the axis."""
        return axis.words(time, self.clock, unit=self.unit)

    def by_profile(self) -> Mapping[str, CumulativeIncidence]:
        """The incidence of each machine profile, in alphabetical order."""
        return {
            str(name): cumulative_incidence(
                rooms["time"], rooms["cause"], cluster=room_clusters(self.study, rooms["room"])
            )
            for name, rooms in self.rooms.groupby("profile", sort=True)
        }


def estimate(
    study: Study, clock: Clock, *, witness: str = "machine", rule: Rule | None = None
) -> ClockCurve:
    """Date the decisions and estimate the incidence, clustered by who was in the room."""
    study = included(study)
    rooms = detections(study, clock, rule, witness=witness)
    cluster = room_clusters(study, rooms["room"])
    result = cumulative_incidence(rooms["time"], rooms["cause"], cluster=cluster)
    decided = rooms.loc[rooms["cause"] != 0, "time"].max() if len(rooms) else 0
    longest = rooms["time"].max() if len(rooms) else 1
    planned = study.duration_ms if clock is Clock.WALL else longest
    return ClockCurve(
        study=study,
        clock=clock,
        witness=witness,
        rooms=rooms,
        result=result,
        end=float(np.nanmax([planned, decided, 1])),
    )


def result_missing(result: CumulativeIncidence) -> str:
    """What is missing for numbers from a curve."""
    if result.clusters is None:
        return lacking(result.n, 0, 0.0)
    return lacking(result.n, result.clusters.count, result.clusters.effective)


def mark_of(study: Study) -> str:
    """The mark across the figures of a study."""
    return MARK if study.simulated else ""


class Draw(Protocol):
    """Draws one figure at a width."""

    def __call__(self, *, width: str, mark: str) -> Figure:
        """Draw it."""


def drawing(draw: Draw, study: Study, *, name: str, caption: str) -> Drawing:
    """Draw a figure for a page and for a narrow column."""
    mark = mark_of(study)
    said = f"{caption} Simulated data." if mark else caption
    wide, narrow = (draw(width=width, mark=mark) for width in ("wide", "narrow"))
    return Drawing(name=name, caption=said, wide=wide, narrow=narrow)
