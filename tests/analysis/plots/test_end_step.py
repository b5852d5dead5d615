"""The step beside a curve: its heights, its counts, and when there is none."""

import matplotlib.patches
import pytest

import analysis as ta

ROOMS = {
    "time": [100, 200, *[600] * 8],
    "cause": [1, 2, *[0] * 8],
    "at_end": ["", "", *["right"] * 4, *["wrong"] * 3, "nothing"],
}


@pytest.mark.parametrize("width", ["wide", "narrow"])
def test_the_step_has_the_shares_and_the_counts(width: str) -> None:
    curve = ta.cumulative_incidence(ROOMS["time"], ROOMS["cause"])
    figure = ta.plot_incidence(curve, ends=ta.end_states(ROOMS, cluster=None), width=width)
    main, step, _, counts = figure.axes
    bars = [p for p in step.patches if isinstance(p, matplotlib.patches.Rectangle)]
    assert [bar.get_height() for bar in bars] == pytest.approx([0.4, 0.3, 0.1])
    assert [text.get_text() for text in counts.texts] == ["8", "4", "3", "1"]
    assert step.get_ylim() == main.get_ylim()
    # The curve itself ends where time was up, as high as it was.
    assert max(main.lines[0].get_ydata()) == pytest.approx(0.1)


@pytest.mark.parametrize("said", ["nothing", ""])
def test_without_anything_said_there_is_no_step(said: str) -> None:
    silent = {**ROOMS, "at_end": ["", "", *[said] * 8]}
    curve = ta.cumulative_incidence(ROOMS["time"], ROOMS["cause"])
    figure = ta.plot_incidence(curve, ends=ta.end_states(silent, cluster=None))
    assert len(figure.axes) == 2
    assert len(ta.plot_incidence(curve).axes) == 2
