"""A figure of every kind, each from data of its own."""

from collections.abc import Callable

import numpy as np
from matplotlib.figure import Figure

import analysis as ta

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
ASKED = {
    "time": np.where(np.arange(90) % 3 == 0, 600_000, np.arange(90) * 6000),
    "cause": np.arange(90) % 3,
    "at_end": np.where(np.arange(90) % 3 > 0, "", np.where(np.arange(90) % 2, "right", "wrong")),
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
    "asked at the end": lambda width: ta.plot_incidence(
        ta.cumulative_incidence(ASKED["time"], ASKED["cause"]),
        ends=ta.end_states(ASKED, cluster=None),
        width=width,
        mark="SIMULATED",
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
