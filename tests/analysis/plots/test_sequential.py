"""Evidence over a watched study."""

import pytest

import analysis as ta
from tests.analysis.plots.figures import FIGURES


def test_evidence_has_its_line_on_a_log_axis() -> None:
    above, below = FIGURES["rate"]("wide").axes
    assert below.get_yscale() == "log"
    line = next(line for line in below.lines if len(set(line.get_ydata())) == 1)
    assert line.get_ydata()[0] == pytest.approx(20)
    assert [text.get_text() for text in below.texts] == ["20"]
    assert above.get_ylim() == (0, 1)


def test_huge_evidence_does_not_break_the_axis() -> None:
    figure = ta.plot_sequential(ta.mixture_win_rate([1] * 4000))
    assert figure.axes[1].get_ylim()[1] < 1e14
