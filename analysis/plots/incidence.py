"""Figures: incidence with numbers at risk, and accuracy by group. Each returns its own Figure."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from analysis.classification.proportions import Accuracy
from analysis.errors import ArgumentError
from analysis.numerics.arrays import choice
from analysis.numerics.limits import FEW_INTERROGATORS, lacking
from analysis.outcomes.clocks import Clock
from analysis.plots import style
from analysis.plots.end_step import draw_end_step, end_step_counts, has_step
from analysis.plots.span import Span
from analysis.plots.step_curve import (
    Look,
    RiskRow,
    at_risk,
    corners,
    draw_incidence,
    risk_table,
    share_axis,
    so_far,
)
from analysis.plots.style import Width
from analysis.survival.cumulative_incidence import CumulativeIncidence
from analysis.survival.end_states import EndStates
from analysis.survival.simultaneous import Band

#: Names of the two causes in a room with a human and a machine.
NAMES = ("Machine detected", "Human falsely accused")

_LOOKS = (
    Look(colour=style.RIGHT, width=1.7, band=0.16, faint_band=0.06),
    Look(colour=style.WRONG, dashes=(0, (5, 1.6)), width=1.7, band=0.16, faint_band=0.06),
)


def plot_incidence(
    result: CumulativeIncidence,
    *,
    clock: str = "wall",
    horizon: float | None = None,
    log_from: float | None = None,
    ends: EndStates | None = None,
    names: Sequence[str] = NAMES,
    whole: Sequence[Band] = (),
    width: str = "wide",
    mark: str = "",
) -> Figure:
    """Draw both incidence curves with bands, censor ticks and the numbers at risk below.

    Curves and bands are faint from where fewer than 10 rooms or 5 interrogators, or interrogators
    worth fewer than 4 of equally many rooms, are at risk.

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
    ends : EndStates, optional
        What the undecided said once time was up, drawn as steps of their own beside the curve if
        anybody said anything: shares of all rooms, and no part of the curve.
    names : two strings
        What causes 1 and 2 are called.
    whole : Bands of causes 1 and 2, optional
        From `simultaneous_band`: drawn as thin lines beside the pointwise bands.
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
    curve, table = _axes(figure, ends, size=size)
    _curves(curve, result, span, size=size)
    for band, look in zip(whole, _LOOKS, strict=False):
        for end in (band.low, band.high):
            x, y = corners(band.times, end, span, last=float(np.max(band.times, initial=0.0)))
            curve.plot(x[2:], y[2:], color=look.colour, linewidth=0.7, linestyle=(0, (1, 1.5)))
    places, labels = span.ticks(on, 6 if size is Width.WIDE else 5)
    table.set_xticks(places, labels)
    table.set_xlabel(span.label(on))
    _legend(curve, names, size)
    risk_table(table, _counts(result, places), places, size=size)
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
        _whisker(axes, result, int(k), row=row)
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


def _axes(figure: Figure, ends: EndStates | None, *, size: Width) -> tuple[Axes, Axes]:
    """The axes of the curve and of the table below; with the step beside them if there is one."""
    if ends is None or not has_step(ends):
        curve, table = figure.subplots(2, 1, sharex=True, height_ratios=[3.6, 1])
        return curve, table
    wide = 11 if size is Width.WIDE else 6
    (curve, step), (table, counts) = figure.subplots(
        2, 2, sharex="col", sharey="row", height_ratios=[3.6, 1], width_ratios=[wide, 1]
    )
    draw_end_step(step, ends, size=size)
    end_step_counts(counts, ends, size=size)
    return curve, table


def _curves(axes: Axes, result: CumulativeIncidence, span: Span, *, size: Width) -> None:
    for k, look in enumerate(_LOOKS):
        draw_incidence(axes, result, k, span=span, look=look)
        lost = np.flatnonzero((result.n_censored > 0) & (result.times < span.end))
        lost = lost[span.visible(result.times[lost])]
        axes.plot(
            result.times[lost], result.incidence[k][lost], linestyle="", marker="|",
            markersize=4.5, markeredgewidth=0.7, color=look.colour, alpha=0.7,
        )  # fmt: skip
    share_axis(axes, span, size)
    axes.set_ylabel("Share of rooms by then")


def _legend(axes: Axes, names: Sequence[str], size: Width) -> None:
    handles = [
        axes.plot([], [], color=look.colour, linestyle=look.dashes, linewidth=1.7, label=name)[0]
        for look, name in zip(_LOOKS, names, strict=True)
    ]
    axes.legend(
        handles=handles, loc="lower left", bbox_to_anchor=(0, 1.0),
        ncols=2 if size is Width.WIDE else 1, frameon=False,
        fontsize=style.points(size), labelcolor=style.INK, borderaxespad=0.2, columnspacing=1.4,
        handlelength=1.9 if size is Width.WIDE else 1.5, handletextpad=0.5, borderpad=0.2,
    )  # fmt: skip


def _counts(result: CumulativeIncidence, places: Sequence[float]) -> tuple[RiskRow, ...]:
    """Rooms at risk at each place, and what had happened by then."""
    happened = (
        ("Right", result.n_events[0], style.RIGHT),
        ("Wrong", result.n_events[1], style.WRONG),
        ("Censored", result.n_censored, style.MUTED),
    )
    return (
        RiskRow(name="At risk", numbers=at_risk(result, places), colour=style.INK),
        *(
            RiskRow(name=name, numbers=so_far(result, counts, places), colour=colour)
            for name, counts, colour in happened
        ),
    )


def _whisker(axes: Axes, result: Accuracy, k: int, *, row: int) -> None:
    people, worth = int(result.n_clusters[k]), float(result.n_effective[k])
    few = lacking(int(result.n[k]), *((people, worth) if people else (FEW_INTERROGATORS, np.inf)))
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
