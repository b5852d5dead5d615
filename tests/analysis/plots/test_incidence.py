"""Figures: what they show, what they fade, and what they write."""

from pathlib import Path

import numpy as np
import pytest

import analysis as ta


def curve(n: int, n_people: int) -> ta.CumulativeIncidence:
    rng = np.random.default_rng(5)
    who = np.arange(n) % n_people
    return ta.cumulative_incidence(rng.integers(1, 60_000, n), rng.integers(0, 3, n), cluster=who)


@pytest.mark.parametrize("width", ["wide", "narrow"])
@pytest.mark.parametrize("clock", ["wall", "active", "messages"])
@pytest.mark.parametrize("n", [1, 200])
def test_figure_is_written_as_png_and_svg(tmp_path: Path, n: int, clock: str, width: str) -> None:
    figure = ta.plot_incidence(curve(n, 20), clock=clock, width=width)
    ta.save_figure(figure, tmp_path / "f.png")
    ta.save_figure(figure, tmp_path / "f.svg")
    assert (tmp_path / "f.png").read_bytes().startswith(b"\x89PNG")
    assert "At risk</text>" in (tmp_path / "f.svg").read_text(encoding="utf-8")


def test_numbers_at_risk_count_the_rooms() -> None:
    found = ta.cumulative_incidence([1, 2, 2, 4], [1, 2, 0, 1])
    figure = ta.plot_incidence(found, clock="messages", horizon=4)
    rows: dict[float, list[str]] = {}
    for text in figure.axes[1].texts:
        rows.setdefault(text.get_position()[1], []).append(text.get_text())
    assert list(rows.values()) == [
        ["4", "4", "3", "1", "1"],
        ["0", "1", "1", "1", "2"],
        ["0", "0", "1", "1", "1"],
        ["0", "0", "1", "1", "1"],
    ]


def test_nothing_global_is_left_behind() -> None:
    import sys

    import matplotlib as mpl

    before = dict(mpl.rcParams)
    ta.plot_incidence(curve(50, 10))
    assert dict(mpl.rcParams) == before
    assert (
        "matplotlib.pyplot" not in sys.modules or not sys.modules["matplotlib.pyplot"].get_fignums()
    )


def test_empty_data_are_not_drawn() -> None:
    with pytest.raises(ta.ArgumentError, match=r"at least 1 room \(got none"):
        ta.plot_incidence(ta.cumulative_incidence([], []))
    with pytest.raises(ta.ArgumentError, match=r"at least 1 verdict \(got none"):
        ta.plot_accuracy(ta.accuracy([]))


def test_unknown_format_is_refused(tmp_path: Path) -> None:
    figure = ta.plot_accuracy(ta.accuracy([1, 0]))
    with pytest.raises(ta.ArgumentError, match=r"`path` must end in \.svg or \.png \(got '\.gif'"):
        ta.save_figure(figure, tmp_path / "f.gif")
