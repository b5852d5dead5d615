"""Forest plots: an estimate and its interval per row, for shares, ratios and abilities alike."""

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator, PercentFormatter
from numpy.typing import ArrayLike

from analysis.errors import ArgumentError
from analysis.numerics.arrays import Floats, choice
from analysis.plots import style
from analysis.plots.style import Width

#: Ratios outside 1 / WIDEST to WIDEST are cut off with an arrow.
WIDEST = 20.0

_RATIOS = (0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20)
_LOOKS = ((style.RIGHT, "s"), (style.WRONG, "D"), *((c, "o") for c, _ in style.SERIES))

#: Letters of a label before it is broken into lines.
_LETTERS = {Width.WIDE: 34, Width.NARROW: 17}


class ForestScale(StrEnum):
    """What the horizontal axis of a forest plot shows."""

    PLAIN = "plain"
    SHARE = "share"  # from 0 to 1
    RATIO = "ratio"  # logarithmic


@dataclass(frozen=True, slots=True, kw_only=True)
class Whiskers:
    """One estimate and interval per row; NaN where a row has none."""

    name: str
    value: ArrayLike
    low: ArrayLike
    high: ArrayLike


def plot_forest(
    labels: Sequence[str],
    *series: Whiskers,
    axis: str = "",
    null: float | None = None,
    scale: str = "plain",
    width: str = "wide",
    mark: str = "",
) -> Figure:
    """Draw estimates with their intervals, one row per label.

    Parameters
    ----------
    labels : strings
        The rows, from the top.
    *series : Whiskers
        One or more sets of estimates; several are drawn below each other in each row.
    axis : str
        What the horizontal axis says.
    null : float, optional
        Where a dashed line marks "no difference".
    scale : {"plain", "share", "ratio"}
        Plain numbers; shares from 0 to 1; or ratios on a logarithmic axis.
    width : {"wide", "narrow"}
    mark : str
        Written across the figure, as "SIMULATED".

    Examples
    --------
    >>> import analysis as ta
    >>> shares = ta.Whiskers(name="right", value=[0.5, 0.7], low=[0.4, 0.5], high=[0.6, 0.8])
    >>> figure = ta.plot_forest(["opinions", "humour"], shares, scale="share", null=0.5)
    >>> len(figure.axes)
    1
    """
    size, kind = choice(Width, width, "width"), choice(ForestScale, scale, "scale")
    if not labels or not series:
        raise ArgumentError(
            "`labels` and `series` must each hold at least one "
            f"(got {len(labels)} and {len(series)})."
        )
    per_row = 0.3 + 0.14 * (len(series) - 1)
    figure = style.new_figure(size, 0.8 + per_row * len(labels) + 0.2 * (len(series) > 1))
    axes = figure.subplots()
    for k, part in enumerate(series):
        offset = (k - (len(series) - 1) / 2) * 0.3
        look = _LOOKS[k % len(_LOOKS)]
        _whiskers(axes, part, offset, look=look, ratio=kind is ForestScale.RATIO)
    if null is not None:
        axes.axvline(null, color=style.MUTED, linewidth=0.8, linestyle=(0, (2, 2)), zorder=0)
    _scale(axes, kind, series)
    wrapped = ["\n".join(textwrap.wrap(label, _LETTERS[size])) for label in labels]
    axes.set_yticks(range(len(labels)), wrapped)
    axes.set_ylim(len(labels) - 0.4, -0.6)
    axes.set_xlabel(axis)
    style.dress(axes, size)
    axes.spines["left"].set_visible(False)
    axes.tick_params(axis="y", length=0)
    if len(series) > 1:
        _legend(axes, size)
    style.stamp(axes, mark, size)
    return figure


def _whiskers(
    axes: Axes, part: Whiskers, offset: float, *, look: tuple[str, str], ratio: bool
) -> None:
    colour, shape = look
    value, low, high = (_numbers(x) for x in (part.value, part.low, part.high))
    ends = (1 / WIDEST, WIDEST) if ratio else (-np.inf, np.inf)
    for row in np.flatnonzero(np.isfinite(value)):
        y = row + offset
        cut = np.clip([low[row], high[row]], *ends)
        if np.isfinite(cut).all():
            axes.plot(cut, [y, y], color=colour, linewidth=3.4, alpha=0.4, solid_capstyle="butt")
        for end, limit, arrow in ((low[row], ends[0], "<"), (high[row], ends[1], ">")):
            beyond = end < limit if arrow == "<" else end > limit
            if beyond:
                axes.plot([limit], [y], color=colour, marker=arrow, markersize=4, alpha=0.6)
    shown = np.clip(value, *ends)
    axes.plot(
        shown, np.arange(len(value)) + offset, color=colour, marker=shape, markersize=4.6,
        linestyle="", label=part.name,
    )  # fmt: skip


def _scale(axes: Axes, scale: ForestScale, series: Sequence[Whiskers]) -> None:
    match scale:
        case ForestScale.SHARE:
            axes.set_xlim(0, 1)
            axes.set_xticks([0, 0.25, 0.5, 0.75, 1])
            axes.xaxis.set_major_formatter(PercentFormatter(1.0, symbol=" %"))
        case ForestScale.RATIO:
            axes.set_xscale("log")
            axes.xaxis.set_minor_locator(NullLocator())
            low, high = _reach(series)
            places = [place for place in _RATIOS if low <= place <= high]
            axes.set_xticks(places, [f"{place:g}" for place in places])
            axes.set_xlim(low / 1.05, high * 1.05)
        case ForestScale.PLAIN:
            axes.margins(x=0.04)


def _reach(series: Sequence[Whiskers]) -> tuple[float, float]:
    """The smallest and largest labelled ratio around all intervals."""
    ends = np.concatenate([_numbers(x) for part in series for x in (part.low, part.high)])
    ends = np.clip(ends[~np.isnan(ends)], 1 / WIDEST, WIDEST)
    low = max((r for r in _RATIOS if r <= ends.min(initial=0.5) * 1.0001), default=_RATIOS[0])
    high = min((r for r in _RATIOS if r >= ends.max(initial=2.0) * 0.9999), default=_RATIOS[-1])
    return low, high


def _legend(axes: Axes, size: Width) -> None:
    axes.legend(
        loc="lower left", bbox_to_anchor=(0, 1.0), frameon=False, fontsize=style.points(size),
        ncols=2 if size is Width.WIDE else 1, labelcolor=style.INK, borderaxespad=0.2,
        handletextpad=0.3, columnspacing=1.4,
    )  # fmt: skip


def _numbers(values: ArrayLike) -> Floats:
    return np.asarray(values, dtype=np.float64)
