"""Every figure is written, wide and narrow, and none is drawn of too little."""

from collections.abc import Callable
from pathlib import Path

import pytest

import analysis as ta
from analysis.plots.span import Span
from tests.analysis.plots.figures import FIGURES


@pytest.mark.parametrize("width", ["wide", "narrow"])
@pytest.mark.parametrize("name", list(FIGURES))
def test_figure_is_written_as_png_and_svg(tmp_path: Path, name: str, width: str) -> None:
    figure = FIGURES[name](width)
    ta.save_figure(figure, tmp_path / "f.png")
    ta.save_figure(figure, tmp_path / "f.svg")
    assert (tmp_path / "f.png").read_bytes().startswith(b"\x89PNG")
    assert "</text>" in (tmp_path / "f.svg").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: ta.plot_sequential(ta.mixture_win_rate([])), "0 observations cannot be drawn"),
        (lambda: ta.plot_beliefs([], [], []), "0 times and 0 beliefs"),
        (lambda: ta.plot_beliefs(["a"], [1], [0.5, 0.6]), "1 times and 2 beliefs"),
        (lambda: ta.plot_beliefs(["a"], [1], [1.5]), "1.5 in row 0"),
        (lambda: ta.plot_beliefs(["a", "a"], [5, 1], [0, 1]), "row 1, counted from 0"),
        (lambda: ta.plot_beliefs(["a", "b", "a"], [1, 1, 2], [0, 1, 0]), "must stand together"),
        (lambda: ta.plot_calibration([], [], n=[]), "0 verdicts cannot be drawn"),
        (lambda: ta.plot_calibration([0.5], [0.5, 0.6], n=[1]), "2 values, but 1 were expected"),
        (lambda: Span(start=5, end=5), "No axis goes from 5 to 5"),
    ],
)
def test_what_cannot_be_drawn_is_refused(call: Callable[[], object], words: str) -> None:
    with pytest.raises(ta.ArgumentError, match=words):
        call()
