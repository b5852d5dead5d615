"""The panel for a study that is watched while it runs: estimate and interval, evidence below."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator, PercentFormatter

from analysis.errors import ArgumentError
from analysis.numerics.arrays import Floats, Ints, choice
from analysis.plots import style
from analysis.plots.span import HAIRS
from analysis.plots.style import Width
from analysis.sequential.anytime import Sequential

#: The axis of evidence shows at most this many powers of ten on either side.
DECADES = 12


def plot_sequential(
    result: Sequential, *, label: str = "", width: str = "wide", mark: str = ""
) -> Figure:
    """Draw the estimate with its confidence sequence, and the e-value with its threshold.

    The threshold is 1 / (1 - level): from there on the null is rejected. The axis ends at 10¹².

    Parameters
    ----------
    result : Sequential
        From any of the anytime-valid methods.
    label : str
        What the estimate is called; its measure by default.
    width : {"wide", "narrow"}
    mark : str
        Written across the figure, as "SIMULATED".

    Examples
    --------
    >>> import analysis as ta
    >>> figure = ta.plot_sequential(ta.mixture_win_rate([1, 0, 1, 1] * 9))
    >>> len(figure.axes)
    2
    """
    if not result.n:
        raise ArgumentError("`result` must be of at least 1 observation (got none).")
    size = choice(Width, width, "width")
    figure = style.new_figure(size, 4.2 if size is Width.WIDE else 4.0)
    above, below = figure.subplots(2, 1, sharex=True, height_ratios=[1.5, 1])
    seen = _seen(result.looks)
    _estimate(above, result, seen, size=size)
    above.set_ylabel(label or result.measure.capitalize())
    _evidence(below, result, seen, size=size)
    below.set_xlim(min(1, int(result.looks[0])), max(int(result.looks[-1]), 2))
    below.set_xlabel("Observations so far")
    style.stamp(above, mark, size)
    return figure


def _seen(looks: Ints) -> Ints:
    """Looks that the width of a figure can resolve."""
    hair = np.floor(looks / max(int(looks[-1]), 1) * HAIRS)
    return np.flatnonzero(np.diff(hair, append=np.inf) > 0)


def _estimate(axes: Axes, result: Sequential, seen: Ints, *, size: Width) -> None:
    x, ratio = result.looks[seen], result.measure == "hazard ratio"
    low, high, value = (part[seen] for part in (result.low, result.high, result.estimate))
    bottom, top = _limits(result, ratio=ratio)
    if np.isfinite(low).any() or np.isfinite(high).any():
        axes.fill_between(
            x, np.clip(low, bottom, top), np.clip(high, bottom, top), step="post",
            color=style.RIGHT, alpha=0.16, linewidth=0,
        )  # fmt: skip
    axes.step(x, value, where="post", color=style.RIGHT, linewidth=1.7)
    axes.axhline(result.null_value, color=style.MUTED, linewidth=0.8, linestyle=(0, (2, 2)))
    if ratio:
        axes.set_yscale("log")
        axes.yaxis.set_minor_locator(NullLocator())
        places = [p for p in (0.1, 0.2, 0.5, 1, 2, 5, 10) if bottom <= p <= top]
        axes.set_yticks(places, [f"{place:g}" for place in places])
    elif result.measure == "win rate":
        axes.yaxis.set_major_formatter(PercentFormatter(1.0, symbol=" %"))
    axes.set_ylim(bottom, top)
    style.dress(axes, size)
    axes.tick_params(axis="x", labelbottom=False)


def _limits(result: Sequential, *, ratio: bool) -> tuple[float, float]:
    """Where the axis of the estimate ends: open intervals are cut off there."""
    if ratio:
        return 0.1, 10.0
    if result.measure in ("win rate", "mean score"):
        return 0.0, 1.0
    reach = float(np.nanmax(np.abs(result.estimate), initial=0.1)) * 1.1
    return -reach, reach


def _evidence(axes: Axes, result: Sequential, seen: Ints, *, size: Width) -> None:
    log10 = result.log_e_value[seen] / np.log(10)
    shown: Floats = 10.0 ** np.clip(log10, -DECADES, DECADES)
    axes.step(result.looks[seen], shown, where="post", color=style.INK, linewidth=1.3)
    axes.axhline(result.threshold, color=style.WRONG, linewidth=1.0, linestyle=(0, (5, 1.6)))
    axes.text(
        1.01, result.threshold, f"{result.threshold:.3g}", ha="left", va="center",
        transform=axes.get_yaxis_transform(), color=style.WRONG,
        fontsize=style.points(size) - 0.5,
    )  # fmt: skip
    axes.set_yscale("log")
    low, high = min(0.1, float(shown.min())), max(result.threshold * 5, float(shown.max()) * 2)
    axes.set_ylim(low / 1.5, high)
    axes.yaxis.set_major_locator(LogLocator(numticks=6))
    axes.yaxis.set_minor_locator(NullLocator())
    axes.yaxis.set_major_formatter(FuncFormatter(_evidence_label))
    axes.set_ylabel("E-value")
    axes.grid(axis="y", color=style.HAIRLINE, linewidth=0.6)
    axes.set_axisbelow(True)
    style.dress(axes, size)


def _evidence_label(value: float, _: int) -> str:
    if 0.001 <= value < 100_000:
        return f"{value:g}"
    power = str(round(np.log10(value))).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
    return f"10{power}"
