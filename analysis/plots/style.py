"""The one look of all figures: sizes, colours and the way they become SVG and PNG.

Figures are objects of their own; nothing here touches pyplot or leaves a setting behind.
"""

import html
import io
import re
import threading
from contextlib import AbstractContextManager
from enum import StrEnum

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.typing import LineStyleType

INK = "#1d2a29"
MUTED = "#5a6866"
HAIRLINE = "#cfd6d2"
RIGHT = "#00618f"
WRONG = "#b3470a"

#: Lines for several groups: their dashes differ too, for readers who cannot see the colours.
SERIES: tuple[tuple[str, LineStyleType], ...] = (
    ("#7b3f8c", "-"),
    ("#00786a", (0, (6, 1.8))),
    ("#8f6100", (0, (6, 1.6, 1.4, 1.6))),
    (INK, (0, (1.4, 1.4))),
    ("#a8326b", (0, (3, 1.2))),
    (MUTED, (0, (9, 2.2, 1.4, 2.2, 1.4, 2.2))),
)


class Width(StrEnum):
    """For a page, or for a column or a telephone held upright."""

    WIDE = "wide"
    NARROW = "narrow"


_INCHES = {Width.WIDE: 7.2, Width.NARROW: 3.55}
_POINTS = {Width.WIDE: 9.0, Width.NARROW: 8.0}

# Text is drawn with matplotlib's settings at that moment, which are shared by all threads.
_DRAWING = threading.Lock()


def _settings() -> AbstractContextManager[None]:
    return mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": "turing-arena"})


def new_figure(width: Width, height: float) -> Figure:
    """Make an empty figure, `height` inches high."""
    figure = Figure(figsize=(_INCHES[width], height), layout="constrained")
    FigureCanvasAgg(figure)
    figure.patch.set_alpha(0.0)
    return figure


def points(width: Width) -> float:
    """Size of ordinary text."""
    return _POINTS[width]


def stamp(axes: Axes, mark: str, width: Width) -> None:
    """Write a mark such as SIMULATED across axes, faintly but unmistakably."""
    figure, place = axes.get_figure(root=True), axes.get_subplotspec()
    rows = place.get_gridspec().nrows if place else 1
    inches = figure.get_figheight() / rows if figure else 1.0
    size = min(36 if width is Width.WIDE else 22, 9 * inches)
    axes.text(
        0.5,
        0.5,
        mark,
        transform=axes.transAxes,
        ha="center",
        va="center",
        fontsize=size,
        fontweight="bold",
        color=MUTED,
        alpha=0.16,
        in_layout=False,
        zorder=0,
    )


def dress(axes: Axes, width: Width) -> None:
    """Give axes the common look: two quiet spines, outward ticks, no box."""
    size = points(width)
    axes.patch.set_alpha(0.0)
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color(MUTED)
    axes.tick_params(labelsize=size, color=MUTED, labelcolor=INK, width=0.8, length=3)
    axes.xaxis.label.set(size=size, color=INK)
    axes.yaxis.label.set(size=size, color=INK)


def png(figure: Figure, *, dpi: int = 200) -> bytes:
    """Draw a figure as PNG on white."""
    buffer = io.BytesIO()
    with _DRAWING, _settings():
        figure.patch.set_alpha(1.0)
        figure.savefig(buffer, format="png", dpi=dpi, facecolor="white")
        figure.patch.set_alpha(0.0)
    return buffer.getvalue()


def svg(figure: Figure) -> str:
    """Draw a figure as an SVG file: text as text, the same bytes every time."""
    buffer = io.StringIO()
    with _DRAWING, _settings():
        figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    return buffer.getvalue()


def inline_svg(text: str, *, name: str, description: str) -> str:
    """Prepare an SVG file for a page that holds several.

    Styles become attributes, because a strict content security policy refuses the former and a
    stylesheet can then give the colours of a dark theme; `name` makes its ids its own.
    """
    text = text[text.index("<svg") :]
    text = re.sub(r"<metadata>.*?</metadata>", "", text, flags=re.DOTALL)
    text = re.sub(r"<style[^>]*>.*?</style>", "", text, flags=re.DOTALL)
    text = re.sub(r'\sstyle="([^"]*)"', _attributes, text)
    text = re.sub(r'\bid="', f'id="{name}-', text)
    text = re.sub(r'href="#', f'href="#{name}-', text)
    text = text.replace("url(#", f"url(#{name}-")
    label = html.escape(description, quote=True)
    opening = f'<svg role="img" aria-label="{label}" stroke-linejoin="round" font-family="inherit"'
    return text.replace("<svg", opening, 1)


def _attributes(match: re.Match[str]) -> str:
    pairs = [part.split(":", 1) for part in match[1].split(";") if ":" in part]
    made = []
    for name, value in ((name.strip(), value.strip()) for name, value in pairs):
        if name == "font":
            size = re.search(r"[\d.]+px", value)
            made.append(f'font-size="{size[0] if size else "10px"}"')
            if "bold" in value or re.search(r"\b[67]00\b", value):
                made.append('font-weight="600"')
        elif name != "font-family":
            made.append(f'{name}="{value}"')
    return " " + " ".join(made)
