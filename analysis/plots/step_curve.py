"""Step curves with bands that fade where few are at risk, their axis, and the table below them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import PercentFormatter
from matplotlib.typing import LineStyleType
from numpy.typing import NDArray

from analysis.numerics.arrays import Floats, Ints
from analysis.numerics.limits import FEW_EFFECTIVE, FEW_INTERROGATORS, FEW_ROOMS, SETTLED_SHARE
from analysis.plots import style
from analysis.plots.span import Span
from analysis.plots.style import Width
from analysis.survival.cumulative_incidence import DECIDED, CumulativeIncidence


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """How a curve is drawn; `band` and `faint_band` are the opacities of its interval."""

    colour: str
    dashes: LineStyleType = "-"
    width: float = 1.6
    band: float = 0.12
    faint_band: float = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskRow:
    """One row of the numbers below a figure."""

    name: str
    numbers: Ints
    colour: str


def draw_incidence(
    axes: Axes, result: CumulativeIncidence, k: int, *, span: Span, look: Look
) -> None:
    """Draw the incidence of cause number `k`, from 0, with its interval."""
    parts = (result.incidence[k], result.low[k], result.high[k])
    open_end = result.undecided[-1] >= DECIDED
    last = min(span.end, float(result.times[-1])) if open_end else span.end
    drawn = [corners(result.times, part, span, last=last) for part in parts]
    levels = [level for _, level in drawn]
    draw_levels(axes, drawn[0][0], levels, solid=solid_until(result), end=span.end, look=look)


def draw_levels(
    axes: Axes, x: Floats, levels: Sequence[Floats], *, solid: float, end: float, look: Look
) -> None:
    """Draw value, low and high at the corners `x`: in full up to `solid`, then faintly to `end`."""
    value, low, high = levels
    for faint, (start, stop) in ((False, (0.0, solid)), (True, (solid, end))):
        part = (x >= start) & (x <= stop)
        if part.sum() < 2:
            continue
        axes.plot(
            x[part], value[part], color=look.colour, linestyle=look.dashes, linewidth=look.width,
            alpha=0.45 if faint else 1.0,
        )  # fmt: skip
        axes.fill_between(
            x[part], low[part], high[part], color=look.colour, linewidth=0,
            alpha=look.faint_band if faint else look.band,
        )  # fmt: skip


def corners(times: Floats, curve: Floats, span: Span, *, last: float) -> tuple[Floats, Floats]:
    """Corners of a curve that steps at `times` and is drawn up to `last`; NaN levels stay NaN."""
    known = span.visible(times)
    before = int(np.searchsorted(times, span.start, side="left"))
    start = float(curve[before - 1]) if before else 0.0
    x = np.concatenate([[span.start], np.repeat(times[known], 2), [max(last, span.start)]])
    return x, np.repeat(np.concatenate([[start], curve[known]]), 2)


def solid_until(result: CumulativeIncidence) -> float:
    """The time from which too few are at risk for the curve to be drawn in full."""
    return _enough_until(result, (result.n_at_risk < FEW_ROOMS) | _few_people(result))


def known_until(result: CumulativeIncidence) -> float:
    """The time from which no number is printed.

    The interrogators who are still at risk are too few, or worth too few of equally many rooms, and
    what they will do may still move the curve.
    """
    share = np.concatenate([[1.0], result.undecided])[: len(result.times)]
    return _enough_until(result, _few_people(result) & (share > SETTLED_SHARE))


def _few_people(result: CumulativeIncidence) -> NDArray[np.bool_]:
    if result.clusters is None:
        return np.zeros(len(result.times), dtype=bool)
    few = result.n_clusters_at_risk < FEW_INTERROGATORS
    return np.asarray(few | (result.n_effective_at_risk < FEW_EFFECTIVE))


def _enough_until(result: CumulativeIncidence, few: NDArray[np.bool_]) -> float:
    first = np.flatnonzero(few)
    if not first.size:
        return float("inf")
    # So many are at risk from just after the time before.
    return float(result.times[first[0] - 1]) if first[0] else 0.0


def share_axis(axes: Axes, span: Span, size: Width) -> None:
    """Dress axes for shares of rooms over time, without labels of time: a table follows below."""
    span.apply(axes)
    # A little room above, or a curve at 100 % would be cut in half.
    axes.set_ylim(0, 1.02)
    axes.set_yticks(np.linspace(0, 1, 5))
    axes.yaxis.set_major_formatter(PercentFormatter(1.0, symbol=" %"))
    axes.set_ylabel("Share of rooms")
    axes.grid(axis="y", color=style.HAIRLINE, linewidth=0.6)
    axes.set_axisbelow(True)
    style.dress(axes, size)
    axes.tick_params(axis="x", labelbottom=False)


def risk_table(
    axes: Axes, rows: Sequence[RiskRow], places: Sequence[float], *, size: Width
) -> None:
    """Write numbers below a figure, at the places of its time axis."""
    for y, row in enumerate(rows):
        for place, number in zip(places, row.numbers, strict=True):
            axes.text(
                place, y, f"{number}", ha="center", va="center", color=row.colour,
                fontsize=style.points(size) - 0.5,
            )  # fmt: skip
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.set_yticks(range(len(rows)), [row.name for row in rows])
    style.dress(axes, size)
    axes.spines["left"].set_visible(False)
    axes.tick_params(axis="y", length=0, pad=17)


def at_risk(result: CumulativeIncidence, places: Sequence[float]) -> Ints:
    """Rooms whose time is at or after each place."""
    after = np.append(result.n_at_risk, 0)
    return np.asarray(after[np.searchsorted(result.times, places, side="left")])


def so_far(result: CumulativeIncidence, counts: Ints, places: Sequence[float]) -> Ints:
    """How many of `counts` came up to each place."""
    total = np.concatenate([[0], np.cumsum(counts)])
    return np.asarray(total[np.searchsorted(result.times, places, side="right")])
