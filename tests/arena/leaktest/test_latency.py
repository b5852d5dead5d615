"""The latency of the stand-in model is read as it is written, and drawn as it says."""

import random
import statistics

import pytest

from arena.leaktest.latency import Latency, LatencyUnreadable


def draws(text: str) -> list[float]:
    rng = random.Random(1)
    return [Latency.read(text).draw_s(rng) for _ in range(2000)]


def test_seconds_are_always_the_same() -> None:
    assert set(draws("3s")) == {3.0} and set(draws("0 s")) == {0.0}


def test_a_range_is_drawn_from_evenly() -> None:
    found = draws("0.5s-8s")
    assert 0.5 <= min(found) < 0.6 and 7.9 < max(found) <= 8
    assert abs(statistics.fmean(found) - 4.25) < 0.2


def test_lognormal_is_around_its_median() -> None:
    found = draws("lognormal(3s, 0.5)")
    assert abs(statistics.median(found) - 3) < 0.15
    assert min(found) < 1.5 and max(found) > 6


@pytest.mark.parametrize("text", ["", "3", "fast", "8s-0.5s", "500s", "lognormal(3s)", "-1s"])
def test_anything_else_is_refused_with_what_was_expected(text: str) -> None:
    with pytest.raises(LatencyUnreadable, match=r"0\.5s-8s"):
        Latency.read(text)
