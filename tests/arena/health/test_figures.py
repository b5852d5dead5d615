"""Figures are sums: kept as text they are the same, and a latency is right within five percent."""

import datetime as dt

import pytest

from arena.event_kinds import Purpose
from arena.health import MachineFigures
from tests.kit.calls import call, failed

AT = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)


def of(*latencies: int) -> MachineFigures:
    figures = MachineFigures()
    for latency_ms in latencies:
        figures.add_call(call(latency_ms=latency_ms), at=AT, is_retry=False)
    return figures


def test_kept_figures_are_the_same() -> None:
    figures = of(900, 0, 123_456)
    figures.add_call(failed("timeout"), at=AT, is_retry=True)
    figures.add_call(failed("timeout"), at=AT, is_retry=True)
    figures.add_call(call("empty", purpose=Purpose.SUMMARISE), at=AT, is_retry=False)
    assert MachineFigures.from_json(figures.to_json()) == figures
    assert figures.by_kind == [("timeout", 2), ("summarise empty", 1)]
    assert MachineFigures.from_json("{}") == MachineFigures()


@pytest.mark.parametrize("latency_ms", [1, 7, 800, 2_345, 60_000])
def test_latencies_are_right_within_five_percent(latency_ms: int) -> None:
    assert of(latency_ms).median_ms == pytest.approx(latency_ms, rel=0.05)


def test_quantiles_are_of_good_calls() -> None:
    figures = of(*[1_000] * 90, *[20_000] * 10)
    figures.add_call(failed("timeout"), at=AT, is_retry=False)
    assert figures.median_ms == pytest.approx(1_000, rel=0.05)
    assert figures.slow_ms == pytest.approx(20_000, rel=0.05)
    assert MachineFigures().median_ms is None


def test_a_price_that_nobody_knows_is_not_nothing() -> None:
    figures = MachineFigures()
    figures.add_call(call(cost_usd=None), at=AT, is_retry=False)
    assert (figures.n_priced, figures.cost_usd) == (0, 0.0)
