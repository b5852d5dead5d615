"""Curves side by side."""

from analysis.plots.incidence import NAMES
from tests.analysis.plots.figures import groups


def test_compared_curves_have_their_rooms_at_risk_below() -> None:
    detected, wrong, below = groups("wide").axes
    assert [detected.get_title("left"), wrong.get_title("left")] == list(NAMES)
    assert [text.get_text() for text in below.texts].count("90") == 2
