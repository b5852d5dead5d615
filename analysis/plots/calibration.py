"""Calibration of stated confidence: how often people were right, and how often they said it."""

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter
from numpy.typing import ArrayLike

from analysis.errors import ArgumentError
from analysis.numerics.arrays import Floats, choice
from analysis.numerics.columns import numbers
from analysis.plots import style
from analysis.plots.style import Width


def plot_calibration(
    confidence: ArrayLike,
    calibrated: ArrayLike,
    *,
    n: ArrayLike,
    low: ArrayLike | None = None,
    high: ArrayLike | None = None,
    width: str = "wide",
    mark: str = "",
) -> Figure:
    """Draw the share of right verdicts at each stated confidence; below, how often it was stated.

    On the diagonal people are exactly as right as they are confident.

    Parameters
    ----------
    confidence, calibrated : arrays of k numbers from 0 to 1
        The curve, rising, as the columns of ``calibration(...).table``.
    n : array of k numbers
        How often each confidence was stated.
    low, high : arrays of k numbers, optional
        The band.
    width : {"wide", "narrow"}
    mark : str
        Written across the figure, as "SIMULATED".

    Examples
    --------
    >>> import analysis as ta
    >>> figure = ta.plot_calibration([0.5, 0.7, 1.0], [0.4, 0.6, 0.6], n=[4, 9, 2])
    >>> len(figure.axes)
    2
    """
    x = numbers(confidence, name="confidence", low=0, high=1)
    columns = [_like(x, calibrated, "calibrated"), _like(x, n, "n", high=np.inf)]
    band = [None if end is None else np.asarray(end, dtype=np.float64) for end in (low, high)]
    if not len(x):
        raise ArgumentError("`confidence` must have at least 1 value (got none).")
    order, size = np.argsort(x, kind="stable"), choice(Width, width, "width")
    x, y, count = x[order], *(column[order] for column in columns)
    figure = style.new_figure(size, 4.6 if size is Width.WIDE else 4.0)
    curve, stated = figure.subplots(2, 1, sharex=True, height_ratios=[3.2, 1])
    curve.plot([0, 1], [0, 1], color=style.MUTED, linewidth=0.8, linestyle=(0, (2, 2)))
    if band[0] is not None and band[1] is not None:
        ends = [_like(x, end, "band")[order] for end in band if end is not None]
        curve.fill_between(x, *ends, step="mid", color=style.RIGHT, alpha=0.16, linewidth=0)
    curve.step(x, y, where="mid", color=style.RIGHT, linewidth=1.7)
    curve.plot(x, y, linestyle="", marker="s", markersize=3.4, color=style.RIGHT)
    stated.bar(x, count, width=_bar(x), color=style.MUTED, linewidth=0)
    _frame(figure, x, size)
    style.stamp(curve, mark, size)
    return figure


def _like(x: Floats, values: ArrayLike, name: str, *, high: float = 1.0) -> Floats:
    given = numbers(values, name=name, low=0, high=high)
    if len(given) != len(x):
        raise ArgumentError(f"`{name}` must have {len(x)} values (got {len(given)}).")
    return given


def _bar(x: Floats) -> float:
    """As wide as the smallest distance between confidences, within reason."""
    gaps = np.diff(np.unique(x))
    return float(np.clip(gaps.min(initial=0.05) * 0.8, 0.004, 0.04))


def _frame(figure: Figure, x: Floats, size: Width) -> None:
    curve, stated = figure.axes
    start = 0.5 if x.min() >= 0.5 else 0.0
    curve.set_xlim(start - 0.02, 1.02)
    curve.set_ylim(0, 1.02)
    curve.yaxis.set_major_formatter(PercentFormatter(1.0, symbol=" %"))
    curve.set_ylabel("Verdicts right")
    stated.xaxis.set_major_formatter(PercentFormatter(1.0, symbol=" %"))
    stated.set_xlabel("Stated confidence")
    stated.set_ylabel("Verdicts")
    stated.yaxis.get_major_locator().set_params(integer=True, nbins=3)  # type: ignore[call-arg]
    for axes in (curve, stated):
        axes.grid(axis="y", color=style.HAIRLINE, linewidth=0.6)
        axes.set_axisbelow(True)
        style.dress(axes, size)
    curve.tick_params(axis="x", labelbottom=False)
