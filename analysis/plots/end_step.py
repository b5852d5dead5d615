"""The step beside a curve: what rooms said that were undecided when their time was up."""

import numpy as np
from matplotlib.axes import Axes

from analysis.outcomes.time_up import AtEnd
from analysis.plots import style
from analysis.plots.style import Width
from analysis.survival.end_states import EndStates

#: The steps from left to right, with their colours; what is right and wrong looks as in the curve.
_STEPS = (
    (AtEnd.RIGHT, style.RIGHT),
    (AtEnd.WRONG, style.WRONG),
    (AtEnd.NOTHING, style.MUTED),
)
_NAME = "Time\nup"


def has_step(ends: EndStates | None) -> bool:
    """Whether anybody said anything once time was up."""
    return ends is not None and bool(ends.n_rooms[2:4].any())


def draw_end_step(axes: Axes, ends: EndStates, *, size: Width) -> None:
    """Draw the share of all rooms that said each thing, with its interval, on the curve's scale."""
    for x, (said, colour) in enumerate(_STEPS):
        found = ends.at(f"{said}_at_end")
        axes.bar([x], [found.value], width=0.7, color=colour, alpha=0.3, linewidth=0)
        axes.plot([x - 0.35, x + 0.35], [found.value] * 2, color=colour, linewidth=1.7)
        if np.isfinite([found.low, found.high]).all():
            axes.plot([x, x], [found.low, found.high], color=colour, linewidth=0.9)
    axes.set_xlim(-0.6, len(_STEPS) - 0.4)
    axes.grid(axis="y", color=style.HAIRLINE, linewidth=0.6)
    axes.set_axisbelow(True)
    style.dress(axes, size)
    axes.spines["left"].set_visible(False)
    axes.tick_params(axis="both", length=0, labelbottom=False, labelleft=False)


def end_step_counts(axes: Axes, ends: EndStates, *, size: Width) -> None:
    """Write how many rooms got to the end undecided, and what they said, below the step."""
    right, wrong, nothing = ends.n_rooms[2:].tolist()
    lines = (
        (right + wrong + nothing, style.INK),
        *zip((right, wrong, nothing), (colour for _, colour in _STEPS), strict=True),
    )
    for y, (n, colour) in enumerate(lines):
        axes.text(
            1, y, f"{n}", ha="center", va="center", color=colour,
            fontsize=style.points(size) - 0.5,
        )  # fmt: skip
    axes.set_xlabel(_NAME)
    style.dress(axes, size)
    axes.spines["left"].set_visible(False)
    axes.tick_params(axis="both", length=0, labelleft=False)
    axes.set_xticks([])
