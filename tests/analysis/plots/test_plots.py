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
        (lambda: ta.plot_sequential(ta.mixture_win_rate([])), r"at least 1 observation \(got none"),
        (lambda: ta.plot_beliefs([], [], []), "got 0 and 0"),
        (lambda: ta.plot_beliefs(["a"], [1], [0.5, 0.6]), "got 1 and 2"),
        (lambda: ta.plot_beliefs(["a"], [1], [1.5]), "1.5 in row 0"),
        (lambda: ta.plot_beliefs(["a", "a"], [5, 1], [0, 1]), "row 1, counted from 0"),
        (
            lambda: ta.plot_beliefs(["a", "b", "a"], [1, 1, 2], [0, 1, 0]),
            "must be in order of room",
        ),
        (lambda: ta.plot_calibration([], [], n=[]), "`confidence` must have at least 1"),
        (
            lambda: ta.plot_calibration([0.5], [0.5, 0.6], n=[1]),
            r"`calibrated` must have 1 values \(got 2",
        ),
        (lambda: Span(start=5, end=5), r"between 0 and its end \(logarithmic\) \(got 5 to 5"),
    ],
)
def test_what_cannot_be_drawn_is_refused(call: Callable[[], object], words: str) -> None:
    with pytest.raises(ta.ArgumentError, match=words):
        call()
