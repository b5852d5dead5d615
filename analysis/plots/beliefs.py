"""Belief in the truth over time: a thin line for each room, and the middle half of them."""

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import PercentFormatter
from numpy.typing import ArrayLike

from analysis.errors import ArgumentError
from analysis.numerics import arrays
from analysis.numerics.arrays import Floats, Groups, Ints
from analysis.numerics.columns import numbers
from analysis.numerics.limits import FEW_ROOMS
from analysis.outcomes.clocks import Clock
from analysis.plots import style
from analysis.plots.span import Span
from analysis.plots.style import Width

#: Lines drawn at most; more would be a grey area and a large file.
LINES = 80

#: The first five minutes get a panel of their own where the axis is this many times longer.
ZOOM_MS, ZOOM_FROM = 300_000.0, 4

#: Points at which the ribbon is computed.
POINTS = 200

_MARKS = {1: (style.RIGHT, "o"), 2: (style.WRONG, "X")}


def plot_beliefs(
    room: ArrayLike,
    time: ArrayLike,
    belief: ArrayLike,
    *,
    decided: Mapping[str, int] | None = None,
    clock: str = "wall",
    horizon: float | None = None,
    width: str = "wide",
    mark: str = "",
) -> Figure:
    """Draw belief in the truth as steps, with the median and the middle half of the open rooms.

    In studies much longer than five minutes these are shown in a panel of their own, if beliefs
    were reported in them.

    Parameters
    ----------
    room : array of n labels
        Rows are in order of room and time, with a last row at each room's end, as from
        ``belief_trajectories(study)``.
    time : array of n numbers
    belief : array of n numbers from 0 to 1
        Belief in the truth from that time on.
    decided : mapping of room to 1 (right), 2 (wrong) or 0 (not), optional
        How each room ended: a mark at the end of its line.
    clock : {"wall", "active", "messages"}
    horizon : float, optional
        Where the axis ends; the last time by default.
    width : {"wide", "narrow"}
    mark : str
        Written across the figure, as "SIMULATED".

    Examples
    --------
    >>> import analysis as ta
    >>> figure = ta.plot_beliefs(["a", "a", "b"], [0, 60_000, 0], [0.5, 0.9, 0.5])
    >>> len(figure.axes)
    1
    """
    on, size = arrays.choice(Clock, clock, "clock"), arrays.choice(Width, width, "width")
    at, value = numbers(time, name="time", low=0), numbers(belief, name="belief", low=0, high=1)
    rooms = arrays.groups(room, name="room", n=len(at))
    if rooms is None or not len(at) or len(at) != len(value):
        raise ArgumentError(
            "`time` and `belief` must have the same number of values, at least 1 "
            f"(got {len(at)} and {len(value)})."
        )
    _check_order(rooms.index, at)
    end = float(horizon or at.max() or 1)
    ends = _ends(list(dict.fromkeys(np.asarray(room).astype(object))), decided or {})
    spans = [Span(end=end)]
    early = ((at > 0) & (at <= ZOOM_MS)).any()
    if on is not Clock.MESSAGES and end >= ZOOM_FROM * ZOOM_MS and early:
        spans.insert(0, Span(end=ZOOM_MS))
    figure = _figure(size, len(spans))
    for axes, span in zip(figure.axes, spans, strict=True):
        _lines(axes, rooms, at, value=value, ends=ends, span=span)
        _ribbon(axes, rooms, at, value=value, span=span)
        _frame(axes, span, on, size=size, first=axes is figure.axes[0])
    _legend(figure, size, marks=bool(decided))
    style.stamp(figure.axes[-1], mark, size)
    return figure


def _figure(size: Width, n: int) -> Figure:
    beside = size is Width.WIDE
    figure = style.new_figure(size, 3.6 if beside or n == 1 else 5.6)
    shape = (1, n) if beside else (n, 1)
    figure.subplots(*shape, sharey=beside)
    return figure


def _check_order(index: Ints, at: Floats) -> None:
    new = np.flatnonzero(np.diff(index, prepend=-1) != 0)
    together = len(new) == len(np.unique(index))
    back = np.flatnonzero((np.diff(at, prepend=0) < 0) & (np.diff(index, prepend=-1) == 0))
    if not together or back.size:
        row = f" (row {back[0]}, counted from 0)" if back.size else ""
        raise ArgumentError(
            f"Rows must be in order of room and, within a room, of time{row}; sort them."
        )


def _ends(names: list[object], decided: Mapping[str, int]) -> Ints:
    return np.array([decided.get(str(name), 0) for name in names], dtype=np.int64)


def _lines(axes: Axes, rooms: Groups, at: Floats, *, value: Floats, ends: Ints, span: Span) -> None:
    first = np.searchsorted(rooms.index, np.arange(rooms.count + 1))
    chosen = np.unique(np.linspace(0, rooms.count - 1, min(LINES, rooms.count)).round())
    paths = []
    for k in chosen.astype(int):
        rows = slice(first[k], first[k + 1])
        x, y = np.repeat(at[rows], 2)[1:], np.repeat(value[rows], 2)[:-1]
        paths.append(np.column_stack([x, y])[x <= span.end])
        if ends[k] in _MARKS and at[rows][-1] <= span.end:
            colour, shape = _MARKS[int(ends[k])]
            axes.plot(
                at[rows][-1:], value[rows][-1:], color=colour, marker=shape, markersize=3.2,
                markeredgewidth=0, alpha=0.75, zorder=3,
            )  # fmt: skip
    axes.add_collection(LineCollection(paths, colors=style.MUTED, linewidths=0.5, alpha=0.35))


def _ribbon(axes: Axes, rooms: Groups, at: Floats, *, value: Floats, span: Span) -> None:
    """Median and quartiles of the rooms still open; faint where fewer than ten are."""
    grid = np.linspace(0, span.end, POINTS)
    open_beliefs = _open_beliefs(rooms, at, value, grid=grid)
    n_open = np.isfinite(open_beliefs).sum(axis=0)
    for faint in (False, True):
        part = (n_open > 0) & ((n_open < FEW_ROOMS) == faint)
        if part.sum() < 2:
            continue
        low, middle, high = np.full((3, POINTS), np.nan)
        low[part], middle[part], high[part] = np.nanquantile(
            open_beliefs[:, part], (0.25, 0.5, 0.75), axis=0
        )
        axes.fill_between(
            grid, low, high, color=style.INK, linewidth=0, alpha=0.06 if faint else 0.15
        )
        axes.plot(grid, middle, color=style.INK, linewidth=1.7, alpha=0.45 if faint else 1.0)


def _open_beliefs(rooms: Groups, at: Floats, value: Floats, *, grid: Floats) -> Floats:
    """Belief of each room at each point; NaN once it has ended."""
    first = np.searchsorted(rooms.index, np.arange(rooms.count + 1))
    open_beliefs = np.full((rooms.count, len(grid)), np.nan)
    for k in range(rooms.count):
        rows = slice(first[k], first[k + 1])
        place = np.searchsorted(at[rows], grid, side="right") - 1
        inside = (place >= 0) & (grid <= at[rows][-1])
        open_beliefs[k, inside] = value[rows][place[inside]]
    return open_beliefs


def _frame(axes: Axes, span: Span, clock: Clock, *, size: Width, first: bool) -> None:
    places, labels = span.ticks(clock, 5)
    axes.set_xticks(places, labels)
    axes.set_xlabel(span.label(clock))
    span.apply(axes)
    axes.set_ylim(0, 1)
    axes.set_yticks(np.linspace(0, 1, 5))
    axes.yaxis.set_major_formatter(PercentFormatter(1.0, symbol=" %"))
    if first or size is Width.NARROW:
        axes.set_ylabel("Belief in the truth")
    axes.axhline(0.5, color=style.MUTED, linewidth=0.8, linestyle=(0, (2, 2)))
    style.dress(axes, size)


def _legend(figure: Figure, size: Width, *, marks: bool) -> None:
    handles = [Line2D([], [], color=style.INK, linewidth=1.7, label="Median, middle half")]
    names = {1: "decided rightly", 2: "decided wrongly"}
    if marks:
        handles += [
            Line2D([], [], color=colour, marker=shape, linestyle="", label=names[cause])
            for cause, (colour, shape) in _MARKS.items()
        ]
    figure.legend(
        handles=handles, loc="outside upper left", frameon=False,
        ncols=len(handles) if size is Width.WIDE else 1, fontsize=style.points(size) - 0.5,
        labelcolor=style.INK, borderaxespad=0.2, columnspacing=1.2, handletextpad=0.4,
    )  # fmt: skip
