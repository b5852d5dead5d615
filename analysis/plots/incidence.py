"""Figures: incidence with numbers at risk, and accuracy by group. Each returns its own Figure."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from analysis.classification.proportions import Accuracy
from analysis.errors import ArgumentError
from analysis.numerics.arrays import Floats, Ints, choice
from analysis.numerics.limits import FEW_INTERROGATORS, FEW_ROOMS
from analysis.outcomes.clocks import Clock
from analysis.plots import style
from analysis.plots.span import Span
from analysis.plots.style import Width
from analysis.survival.cumulative_incidence import DECIDED, CumulativeIncidence

#: Names of the two causes in a room with a human and a machine.
NAMES = ("Machine detected", "Human falsely accused")

_LINES = ((style.RIGHT, "-"), (style.WRONG, (0, (5, 1.6))))


def plot_incidence(
    result: CumulativeIncidence,
    *,
    clock: str = "wall",
    horizon: float | None = None,
    log_from: float | None = None,
    names: Sequence[str] = NAMES,
    width: str = "wide",
    mark: str = "",
) -> Figure:
    """Draw both incidence curves with bands, censor ticks and the numbers at risk below.

    Curves and bands are faint from where fewer than 10 rooms or 5 interrogators are at risk.

    Parameters
    ----------
    result : CumulativeIncidence
        With clusters, if the fading is to count interrogators.
    clock : {"wall", "active", "messages"}
        What the times are.
    horizon : float, optional
        Where the axis ends, in the unit of the times; the last time by default.
    log_from : float, optional
        Where a logarithmic axis begins, for studies from minutes to months; linear by default.
    names : two strings
        What causes 1 and 2 are called.
    width : {"wide", "narrow"}
    mark : str
        Written across the figure, as "SIMULATED".

    Examples
    --------
    >>> import analysis as ta
    >>> figure = ta.plot_incidence(ta.cumulative_incidence([1, 2, 3], [1, 2, 0]), clock="messages")
    >>> len(figure.axes)
    2
    """
    if result.n == 0:
        raise ArgumentError("`result` must be of at least 1 room (got none).")
    on, size = choice(Clock, clock, "clock"), choice(Width, width, "width")
    span = Span(start=float(log_from or 0), end=float(horizon or result.times[-1] or 1))
    figure = style.new_figure(size, 4.5 if size is Width.WIDE else 4.2)
    curve, table = figure.subplots(2, 1, sharex=True, height_ratios=[3.6, 1])
    _curves(curve, result, span, size)
    places, labels = span.ticks(on, 6 if size is Width.WIDE else 5)
    table.set_xticks(places, labels)
    table.set_xlabel(span.label(on))
    _legend(curve, names, size)
    _risk_table(table, result, places, size)
    style.stamp(curve, mark, size)
    return figure


def plot_accuracy(
    result: Accuracy,
    *,
    chance: float | None = 0.5,
    label: str = "Verdicts right",
    width: str = "wide",
    mark: str = "",
) -> Figure:
    """Draw the share of right verdicts by group: the interval of choice thick, Wilson's thin.

    The interval of choice is the clustered one where there is one. `label` is what the axis says.
    """
    if not result.n.sum():
        raise ArgumentError("`result` must be of at least 1 verdict (got none).")
    size = choice(Width, width, "width")
    order = np.argsort(-result.proportion, kind="stable")
    figure = style.new_figure(size, 0.85 + 0.36 * len(order))
    axes = figure.subplots()
    for row, k in enumerate(order):
        _whisker(axes, result, int(k), row)
    if chance is not None:
        axes.axvline(chance, color=style.MUTED, linewidth=0.8, linestyle=(0, (2, 2)))
    labels = [f"{result.groups[k]}  ({result.n_correct[k]}/{result.n[k]})" for k in order]
    axes.set_yticks(range(len(order)), labels)
    axes.set_ylim(len(order) - 0.4, -0.6)
    axes.set_xlim(0, 1)
    axes.set_xticks([0, 0.25, 0.5, 0.75, 1])
    axes.xaxis.set_major_formatter(PercentFormatter(1.0, symbol=" %"))
    axes.set_xlabel(label)
    style.dress(axes, size)
    axes.spines["left"].set_visible(False)
    axes.tick_params(axis="y", length=0)
    style.stamp(axes, mark, size)
    return figure


def save_figure(figure: Figure, path: str | Path) -> None:
    """Write a figure as .svg (text as text) or .png."""
    target = Path(path)
    match target.suffix:
        case ".svg":
            target.write_text(style.svg(figure), encoding="utf-8")
        case ".png":
            target.write_bytes(style.png(figure))
        case suffix:
            raise ArgumentError(f"`path` must end in .svg or .png (got {suffix!r}).")


def solid_until(result: CumulativeIncidence) -> float:
    """The time from which too few are at risk for the curve to be drawn in full."""
    few = result.n_at_risk < FEW_ROOMS
    if result.clusters is not None:
        few |= result.n_clusters_at_risk < FEW_INTERROGATORS
    first = np.flatnonzero(few)
    if not first.size:
        return float("inf")
    # So many are at risk from just after the time before.
    return float(result.times[first[0] - 1]) if first[0] else 0.0


def _curves(axes: Axes, result: CumulativeIncidence, span: Span, size: Width) -> None:
    solid, end = solid_until(result), span.end
    for k, (colour, dashes) in enumerate(_LINES):
        x, y = steps(result, result.incidence[k], span)
        _, low = steps(result, result.low[k], span)
        _, high = steps(result, result.high[k], span)
        for faint, (start, stop) in ((False, (0.0, solid)), (True, (solid, end))):
            part = between(x, start, stop)
            if part.sum() < 2:
                continue
            axes.plot(
                x[part], y[part], color=colour, linestyle=dashes, linewidth=1.7,
                alpha=0.45 if faint else 1.0,
            )  # fmt: skip
            axes.fill_between(
                x[part], low[part], high[part], color=colour, linewidth=0,
                alpha=0.06 if faint else 0.16,
            )  # fmt: skip
        lost = np.flatnonzero((result.n_censored > 0) & (result.times < end))
        lost = lost[span.visible(result.times[lost])]
        axes.plot(
            result.times[lost], result.incidence[k][lost], linestyle="", marker="|",
            markersize=4.5, markeredgewidth=0.7, color=colour, alpha=0.7,
        )  # fmt: skip
    span.apply(axes)
    # A little room above, or a curve at 100 % would be cut in half.
    axes.set_ylim(0, 1.02)
    axes.set_yticks(np.linspace(0, 1, 5))
    axes.yaxis.set_major_formatter(PercentFormatter(1.0, symbol=" %"))
    axes.set_ylabel("Share of rooms by then")
    axes.grid(axis="y", color=style.HAIRLINE, linewidth=0.6)
    axes.set_axisbelow(True)
    style.dress(axes, size)
    axes.tick_params(axis="x", labelbottom=False)


def steps(result: CumulativeIncidence, curve: Floats, span: Span) -> tuple[Floats, Floats]:
    """Corners of a step curve of a result over the span; NaN levels stay NaN."""
    open_end = result.undecided[-1] >= DECIDED
    last = min(span.end, float(result.times[-1])) if open_end else span.end
    return corners(result.times, curve, span, last=last)


def corners(times: Floats, curve: Floats, span: Span, *, last: float) -> tuple[Floats, Floats]:
    """Corners of a curve that steps at `times` and is drawn up to `last`."""
    known = span.visible(times)
    before = int(np.searchsorted(times, span.start, side="left"))
    start = float(curve[before - 1]) if before else 0.0
    x = np.concatenate([[span.start], np.repeat(times[known], 2), [max(last, span.start)]])
    return x, np.repeat(np.concatenate([[start], curve[known]]), 2)


def between(x: Floats, start: float, stop: float) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Which corners lie in a stretch."""
    return np.asarray((x >= start) & (x <= stop))


def _legend(axes: Axes, names: Sequence[str], size: Width) -> None:
    handles = [
        axes.plot([], [], color=colour, linestyle=dashes, linewidth=1.7, label=name)[0]
        for (colour, dashes), name in zip(_LINES, names, strict=True)
    ]
    axes.legend(
        handles=handles, loc="lower left", bbox_to_anchor=(0, 1.0),
        ncols=2 if size is Width.WIDE else 1, frameon=False,
        fontsize=style.points(size), labelcolor=style.INK, borderaxespad=0.2, columnspacing=1.4,
        handlelength=1.9 if size is Width.WIDE else 1.5, handletextpad=0.5, borderpad=0.2,
    )  # fmt: skip


def _risk_table(
    axes: Axes, result: CumulativeIncidence, places: Sequence[float], size: Width
) -> None:
    rows: list[tuple[str, Ints]] = [
        ("At risk", at_risk(result, places)),
        ("Right", _so_far(result, result.n_events[0], places)),
        ("Wrong", _so_far(result, result.n_events[1], places)),
        ("Censored", _so_far(result, result.n_censored, places)),
    ]
    colours = (style.INK, style.RIGHT, style.WRONG, style.MUTED)
    for y, ((_, numbers), colour) in enumerate(zip(rows, colours, strict=True)):
        for place, number in zip(places, numbers, strict=True):
            axes.text(
                place, y, f"{number}", ha="center", va="center", color=colour,
                fontsize=style.points(size) - 0.5,
            )  # fmt: skip
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.set_yticks(range(len(rows)), [name for name, _ in rows])
    style.dress(axes, size)
    axes.spines["left"].set_visible(False)
    axes.tick_params(axis="y", length=0, pad=17)


def at_risk(result: CumulativeIncidence, places: Sequence[float]) -> Ints:
    """Rooms whose time is at or after each place."""
    after = np.append(result.n_at_risk, 0)
    return np.asarray(after[np.searchsorted(result.times, places, side="left")])


def _so_far(result: CumulativeIncidence, counts: Ints, places: Sequence[float]) -> Ints:
    total = np.concatenate([[0], np.cumsum(counts)])
    return np.asarray(total[np.searchsorted(result.times, places, side="right")])


def _whisker(axes: Axes, result: Accuracy, k: int, row: int) -> None:
    few = result.n[k] < FEW_ROOMS or (0 < result.n_clusters[k] < FEW_INTERROGATORS)
    fade = 0.45 if few else 1.0
    low, high = result.cluster_low[k], result.cluster_high[k]
    if not np.isfinite(low):
        low, high = result.wilson_low[k], result.wilson_high[k]
    wilson = [result.wilson_low[k], result.wilson_high[k]]
    axes.plot(wilson, [row, row], color=style.RIGHT, linewidth=0.9, alpha=fade)
    for end in wilson:
        axes.plot([end], [row], color=style.RIGHT, marker="|", markersize=5, alpha=fade)
    axes.plot(
        [low, high], [row, row], color=style.RIGHT, linewidth=4, alpha=0.35 * fade,
        solid_capstyle="butt",
    )  # fmt: skip
    axes.plot(
        [result.proportion[k]], [row], color=style.RIGHT, marker="s", markersize=5, alpha=fade
    )
