"""Beliefs over the time of their rooms."""

import numpy as np
import pytest

import analysis as ta
from tests.analysis.plots.figures import FIGURES, beliefs


def test_first_five_minutes_get_a_panel_where_they_would_vanish() -> None:
    assert len(FIGURES["beliefs"]("wide").axes) == 1
    zoom, whole = FIGURES["long beliefs"]("wide").axes
    assert zoom.get_xlim()[1] == pytest.approx(306_000)
    assert whole.get_xlim()[1] == pytest.approx(3_600_000 * 1.02)
    rooms = beliefs(3_600_000)
    assert len(ta.plot_beliefs(**rooms, clock="messages").axes) == 1
    rooms["time"] = [min(1, int(time)) * 3_600_000 for time in rooms["time"]]  # nothing early
    assert len(ta.plot_beliefs(**rooms).axes) == 1


def test_ends_are_marked_by_cause() -> None:
    whole = FIGURES["long beliefs"]("wide").axes[1]
    assert [line.get_marker() for line in whole.lines if line.get_marker() != "None"] == ["o", "X"]


def test_belief_ribbon_is_the_middle_half_of_open_rooms() -> None:
    axes = ta.plot_beliefs(**beliefs(300_000)).axes[0]
    middle = max(axes.lines, key=lambda line: len(line.get_xdata()))
    assert middle.get_ydata()[-1] == pytest.approx(np.median([0.4 + k / 20 for k in range(12)]))
    assert middle.get_ydata()[0] == 0.5
