"""Curves of several groups over each other, net detection, and what drop-out may hide."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import PercentFormatter

from analysis.errors import ArgumentError
from analysis.numerics.arrays import Floats, choice
from analysis.outcomes.clocks import Clock
from analysis.plots import style
from analysis.plots.incidence import NAMES
from analysis.plots.span import Span
from analysis.plots.step_curve import (
    Look,
    RiskRow,
    at_risk,
    corners,
    draw_incidence,
    draw_levels,
    risk_table,
    share_axis,
)
from analysis.plots.style import Width
from analysis.survival.cumulative_incidence import DECIDED, CumulativeIncidence, Net
from analysis.survival.informative_censoring import DropoutSensitivity

#: Curves that a reader can distinguish in one figure.
MAX_CURVES = len(style.SERIES)


def plot_groups(
    curves: Mapping[str, CumulativeIncidence],
    *,
    clock: str = "wall",
    horizon: float | None = None,
    log_from: float | None = None,
    names: Sequence[str] = NAMES,
    width: str = "wide",
    mark: str = "",
) -> Figure:
    """Draw the incidence of groups over each other: detection, false accusation, rooms at risk.

    Curves fade from where fewer than 10 rooms or 5 interrogators of the group are at risk.

    Parameters
    ----------
    curves : mapping of names to CumulativeIncidence
        At most six.
    clock, horizon, log_from, names, width, mark
        As in `plot_incidence`.

    Examples
    --------
    >>> import analysis as ta
    >>> one = ta.cumulative_incidence([1, 2, 3], [1, 2, 0])
    >>> len(ta.plot_groups({"a": one, "b": one}, clock="messages").axes)
    3
    """
    if not 0 < len(curves) <= MAX_CURVES:
        raise ArgumentError(f"`curves` must hold 1 to {MAX_CURVES} curves (got {len(curves)}).")
    on, size = choice(Clock, clock, "clock"), choice(Width, width, "width")
    last = max(float(curve.times[-1]) for curve in curves.values() if curve.n)
    span = Span(start=float(log_from or 0), end=float(horizon or last or 1))
    rows = len(curves)
    figure = style.new_figure(size, (5.6 if size is Width.WIDE else 5.4) + 0.17 * rows)
    axes = figure.subplots(3, 1, sharex=True, height_ratios=[3, 3, 0.35 + 0.32 * rows])
    for k in (0, 1):
        for (colour, dashes), curve in zip(style.SERIES, curves.values(), strict=False):
            if curve.n:
                look = Look(colour=colour, dashes=dashes)
                draw_incidence(axes[k], curve, k, span=span, look=look)
        share_axis(axes[k], span, size)
        axes[k].set_title(names[k], loc="left", fontsize=style.points(size), color=style.INK)
        style.stamp(axes[k], mark, size)
    places, labels = span.ticks(on, 6 if size is Width.WIDE else 5)
    axes[2].set_xticks(places, labels)
    axes[2].set_xlabel(span.label(on))
    rows_at_risk = [
        RiskRow(name=shortened(name, size), numbers=at_risk(curve, places), colour=colour)
        for (colour, _), (name, curve) in zip(style.SERIES, curves.items(), strict=False)
    ]
    risk_table(axes[2], rows_at_risk, places, size=size)
    axes[2].set_title("Rooms at risk", loc="left", fontsize=style.points(size), color=style.INK)
    _legend(figure, list(curves), size)
    return figure


def plot_net(
    net: Net,
    *,
    clock: str = "wall",
    horizon: float | None = None,
    log_from: float | None = None,
    solid: float = np.inf,
    width: str = "wide",
    mark: str = "",
) -> Figure:
    """Draw detection less false accusation, which is 0 under guessing.

    Parameters
    ----------
    net : Net
        From ``cumulative_incidence(...).net()``.
    solid : float
        The time from which too few are at risk for the curve to be drawn in full.
    clock, horizon, log_from, width, mark
        As in `plot_incidence`.

    Examples
    --------
    >>> import analysis as ta
    >>> len(ta.plot_net(ta.cumulative_incidence([1, 2, 3], [1, 2, 0]).net(), clock="messages").axes)
    1
    """
    if not net.n:
        raise ArgumentError("`net` must be of at least 1 room (got none).")
    on, size = choice(Clock, clock, "clock"), choice(Width, width, "width")
    span = Span(start=float(log_from or 0), end=float(horizon or net.times[-1] or 1))
    figure = style.new_figure(size, 2.5)
    axes = figure.subplots()
    last = span.end if net.undecided < DECIDED else min(span.end, float(net.times[-1]))
    drawn = [corners(net.times, c, span, last=last) for c in (net.value, net.low, net.high)]
    x, levels = drawn[0][0], [level for _, level in drawn]
    draw_levels(axes, x, levels, solid=solid, end=span.end, look=Look(colour=style.INK))
    axes.axhline(0, color=style.MUTED, linewidth=0.8, linestyle=(0, (2, 2)))
    span.apply(axes)
    places, labels = span.ticks(on, 6 if size is Width.WIDE else 5)
    axes.set_xticks(places, labels)
    axes.set_xlabel(span.label(on))
    ends = np.concatenate([part[np.isfinite(part)] for part in levels]) * 1.08
    axes.set_ylim(float(ends.min(initial=-0.25)), float(ends.max(initial=0.5)))
    axes.yaxis.set_major_formatter(PercentFormatter(1.0, symbol=" %", decimals=0))
    axes.yaxis.get_major_locator().set_params(nbins=5)  # type: ignore[call-arg]
    axes.set_ylabel("Net detection")
    axes.grid(axis="y", color=style.HAIRLINE, linewidth=0.6)
    axes.set_axisbelow(True)
    style.dress(axes, size)
    style.stamp(axes, mark, size)
    return figure


def plot_dropout(
    versions: Sequence[DropoutSensitivity],
    *,
    clock: str = "wall",
    horizon: float | None = None,
    log_from: float | None = None,
    names: Sequence[str] = NAMES,
    width: str = "wide",
    mark: str = "",
) -> Figure:
    """Draw, for each cause, its bounds under informative censoring, and two estimates.

    Parameters
    ----------
    versions : DropoutSensitivity for cause 1 and for cause 2
    clock, horizon, log_from, names, width, mark
        As in `plot_incidence`.
    """
    on, size = choice(Clock, clock, "clock"), choice(Width, width, "width")
    last = max(float(found.never.times[-1]) for found in versions if found.n)
    span = Span(start=float(log_from or 0), end=float(horizon or last or 1))
    beside = size is Width.WIDE
    figure = style.new_figure(size, 2.9 if beside else 4.6)
    all_axes = figure.subplots(*((1, 2) if beside else (2, 1)), sharey=beside, sharex=not beside)
    colours = (style.RIGHT, style.WRONG)
    for axes, found, colour, name in zip(all_axes, versions, colours, names, strict=True):
        _bounds(axes, found, span=span, colour=colour)
        share_axis(axes, span, size)
        axes.set_title(name, loc="left", fontsize=style.points(size), color=style.INK)
        places, labels = span.ticks(on, 4 if beside else 5)
        axes.set_xticks(places, labels)
        if beside or axes is all_axes[-1]:
            axes.tick_params(axis="x", labelbottom=True)
            axes.set_xlabel(span.label(on))
        style.stamp(axes, mark, Width.NARROW)
    if beside:
        all_axes[1].set_ylabel("")
    return figure


def _bounds(axes: Axes, found: DropoutSensitivity, *, span: Span, colour: str) -> None:
    k = found.of - 1
    grid = _grid(span)
    low, high = (_read(curve, k, grid) for curve in (found.never, found.at_drop))
    axes.fill_between(grid, low, high, color=colour, alpha=0.22, linewidth=0)
    for curve, dashes in ((found.as_censoring, "-"), (found.as_cause, (0, (4, 1.8)))):
        axes.plot(grid, _read(curve, k, grid), color=colour, linestyle=dashes, linewidth=1.5)


def _grid(span: Span) -> Floats:
    if span.is_log:
        return np.asarray(np.geomspace(span.start, span.end, 400))
    return np.linspace(0, span.end, 400)


def _read(curve: CumulativeIncidence, k: int, grid: Floats) -> Floats:
    before = np.concatenate([[0.0], curve.incidence[k]])
    value = before[np.searchsorted(curve.times, grid, side="right")]
    ended = curve.undecided[-1] >= DECIDED
    return np.where(ended & (grid > curve.times[-1]), np.nan, value)


def shortened(name: str, size: Width) -> str:
    """A name that leaves room for the figure."""
    longest = 22 if size is Width.WIDE else 11
    return name if len(name) <= longest else name[: longest - 1] + "…"


def _legend(figure: Figure, names: Sequence[str], size: Width) -> None:
    handles = [
        Line2D([], [], color=colour, linestyle=dashes, linewidth=1.7, label=name)
        for (colour, dashes), name in zip(style.SERIES, names, strict=False)
    ]
    figure.legend(
        handles=handles, loc="outside upper left", frameon=False, labelcolor=style.INK,
        ncols=3 if size is Width.WIDE else 1, fontsize=style.points(size), borderaxespad=0.2,
        columnspacing=1.4, handletextpad=0.5, handlelength=2.6,
    )  # fmt: skip
