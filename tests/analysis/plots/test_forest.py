"""Whiskers in rows."""

from tests.analysis.plots.figures import FIGURES


def test_ratios_beyond_the_axis_end_in_an_arrow() -> None:
    (axes,) = FIGURES["forest of ratios"]("wide").axes
    assert {line.get_marker() for line in axes.lines} >= {"<", ">"}
    low, high = axes.get_xlim()
    assert 0.04 < low < high < 25
