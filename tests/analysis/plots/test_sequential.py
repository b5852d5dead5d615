"""Figures of watched studies, beliefs, calibration and long times: what they show and write."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from matplotlib.figure import Figure

import analysis as ta
from analysis.outcomes.clocks import Clock
from analysis.plots.incidence import NAMES
from analysis.plots.span import HAIRS, Span, log_start

DAY = 86_400_000
RNG = np.random.default_rng(2)
VERDICTS = (RNG.random(120) < 0.7).astype(int)
TIME, GROUP = RNG.exponential(1, 90), RNG.integers(0, 2, 90)
LONG = np.exp(RNG.normal(np.log(DAY), 3, 300)).astype(np.int64)
CONFIDENCE = np.linspace(0.5, 1, 6)


def beliefs(length_ms: int) -> dict[str, list[object]]:
    rooms = [f"r{k}" for k in range(12) for _ in range(3)]
    times = [t for _ in range(12) for t in (0, min(length_ms // 2, 200_000), length_ms)]
    values = [p for k in range(12) for p in (0.5, 0.4 + k / 20, 0.4 + k / 20)]
    return {"room": rooms, "time": times, "belief": values}


ROOMS = {
    "time": TIME,
    "cause": np.arange(90) % 3,
    "end_reason": np.where(np.arange(90) % 2 == 0, "dropped_out", "time_up"),
}
SHARES = ta.Whiskers(name="right", value=[0.5, 0.7], low=[0.4, np.nan], high=[0.6, np.nan])
RATIOS = ta.Whiskers(name="wrong", value=[0.5, 40], low=[0, 5], high=[2, np.inf])


def groups(width: str, **more: object) -> Figure:
    curve = ta.cumulative_incidence(TIME * 1e6, np.arange(90) % 3)
    return ta.plot_groups({"plain": curve, "persona": curve}, width=width, **more)  # type: ignore[arg-type]


FIGURES: dict[str, Callable[[str], Figure]] = {
    "groups": lambda width: groups(width, mark="SIMULATED"),
    "groups for months": lambda width: groups(width, log_from=10_000, horizon=9 * DAY),
    "net": lambda width: ta.plot_net(
        ta.cumulative_incidence([1, 4, 40, 900], [1, 2, 1, 0]).net(), clock="messages", width=width
    ),
    "net for months": lambda width: ta.plot_net(
        ta.cumulative_incidence(LONG, np.arange(300) % 3).net(), log_from=10_000, width=width
    ),
    "drop-out": lambda width: ta.plot_dropout(
        [ta.dropout_sensitivity(ROOMS, of=of, cluster=None) for of in (1, 2)], width=width
    ),
    "forest": lambda width: ta.plot_forest(
        ["a strategy with a long name", "b"], SHARES, scale="share", null=0.5, width=width
    ),
    "forest of ratios": lambda width: ta.plot_forest(
        ["a", "b"], SHARES, RATIOS, scale="ratio", null=1.0, width=width, mark="SIMULATED"
    ),
    "rate": lambda width: ta.plot_sequential(
        ta.mixture_win_rate(VERDICTS), width=width, mark="SIMULATED"
    ),
    "hazard": lambda width: ta.plot_sequential(
        ta.logrank_mixture(TIME, TIME < 2, GROUP, planned_events=80), width=width
    ),
    "drawn": lambda width: ta.plot_sequential(
        ta.randomisation_e_process(TIME, TIME < 2, GROUP), width=width
    ),
    "one look": lambda width: ta.plot_sequential(ta.mixture_win_rate([1]), width=width),
    "no events": lambda width: ta.plot_sequential(
        ta.logrank_mixture([1, 2], [0, 0], [0, 1], planned_events=8), width=width
    ),
    "beliefs": lambda width: ta.plot_beliefs(**beliefs(300_000), width=width),
    "long beliefs": lambda width: ta.plot_beliefs(
        **beliefs(3_600_000), decided={"r1": 1, "r2": 2}, width=width, mark="SIMULATED"
    ),
    "calibration": lambda width: ta.plot_calibration(
        CONFIDENCE, CONFIDENCE**2, n=[3, 9, 8, 2, 0, 5], width=width
    ),
    "months": lambda width: ta.plot_incidence(
        ta.cumulative_incidence(LONG, np.arange(300) % 3), log_from=10_000, width=width
    ),
    "many messages": lambda width: ta.plot_incidence(
        ta.cumulative_incidence([1, 4, 40, 900], [1, 2, 1, 0]),
        clock="messages",
        log_from=1,
        width=width,
    ),
}


@pytest.mark.parametrize("width", ["wide", "narrow"])
@pytest.mark.parametrize("name", list(FIGURES))
def test_figure_is_written_as_png_and_svg(tmp_path: Path, name: str, width: str) -> None:
    figure = FIGURES[name](width)
    ta.save_figure(figure, tmp_path / "f.png")
    ta.save_figure(figure, tmp_path / "f.svg")
    assert (tmp_path / "f.png").read_bytes().startswith(b"\x89PNG")
    assert "</text>" in (tmp_path / "f.svg").read_text(encoding="utf-8")


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


def test_ratios_beyond_the_axis_end_in_an_arrow() -> None:
    (axes,) = FIGURES["forest of ratios"]("wide").axes
    assert {line.get_marker() for line in axes.lines} >= {"<", ">"}
    low, high = axes.get_xlim()
    assert 0.04 < low < high < 25


def test_compared_curves_have_their_rooms_at_risk_below() -> None:
    detected, wrong, below = groups("wide").axes
    assert [detected.get_title("left"), wrong.get_title("left")] == list(NAMES)
    assert [text.get_text() for text in below.texts].count("90") == 2


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
