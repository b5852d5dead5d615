"""The span of a time axis: linear or logarithmic, its ticks, and what can be seen on it."""

import numpy as np
import pytest

import analysis as ta
from analysis.outcomes.clocks import Clock
from analysis.plots.span import HAIRS, Span, log_start
from tests.analysis.plots.figures import DAY, LONG


def test_log_axis_is_labelled_from_seconds_to_months() -> None:
    found = ta.cumulative_incidence(LONG, np.arange(300) % 3)
    table = ta.plot_incidence(found, log_from=10_000, horizon=90 * DAY).axes[1]
    assert table.get_xscale() == "log"
    labels = [label.get_text().replace("\u00a0", " ") for label in table.get_xticklabels()]
    assert labels == ["10 s", "1 min", "10 min", "1 h", "1 d", "7 d", "30 d"]
    assert table.get_xlabel() == "Live time (logarithmic)"


def test_log_curve_starts_at_what_happened_before_it() -> None:
    found = ta.cumulative_incidence([1_000, 50_000, 900_000], [1, 1, 0])
    line = ta.plot_incidence(found, log_from=10_000).axes[0].lines[0]
    assert (line.get_xdata()[0], line.get_ydata()[0]) == (10_000, pytest.approx(1 / 3))


def test_no_two_shown_times_share_a_hair_of_a_log_axis() -> None:
    times = np.unique(LONG).astype(float)
    span = Span(start=1_000, end=365 * DAY)
    shown = times[span.visible(times)]
    assert 100 < len(shown) <= HAIRS + 1
    assert shown.min() >= 1_000
    # Early seconds are still told apart, which no linear axis could.
    assert len(span.visible(np.arange(1_000.0, 60_000, 1_000))) > 50


def test_log_ticks_of_messages_are_round_counts() -> None:
    assert Span(start=1, end=200).ticks(Clock.MESSAGES, 6)[1] == [
        "1",
        "3",
        "10",
        "30",
        "100",
        "200",
    ]


@pytest.mark.parametrize(
    ("decided", "end", "clock", "start"),
    [
        ([5_000, 200_000], 300_000, Clock.WALL, None),  # five minutes
        ([40 * DAY, 80 * DAY], 90 * DAY, Clock.WALL, None),  # months, but none of it early
        ([90_000, DAY, 30 * DAY], 90 * DAY, Clock.WALL, 60_000),
        ([3, 20, 400], 900, Clock.MESSAGES, 3),
        ([], 90 * DAY, Clock.WALL, None),
    ],
)
def test_log_axis_is_chosen_where_the_times_ask_for_it(
    decided: list[float], end: float, clock: Clock, start: float | None
) -> None:
    assert log_start(np.array(decided, dtype=float), end, clock) == start
