"""Sizes of studies: by formula, and by drawing studies whose truth is known."""

import numpy as np
import pytest

import analysis as ta


def test_power_of_independent_rooms_is_the_textbook_number() -> None:
    # 0.6 against 0.5, 90 % power: (1.96 + 1.28)^2 * 0.24 / 0.01 = 252 rooms by the normal formula.
    plan = ta.power(0.6, target=0.9)
    # Intervals on the logit scale and t quantiles take a few more.
    assert 252 <= plan.n <= 275
    assert ta.power(0.6, n_interrogators=plan.n_interrogators - 1).power < 0.9 <= plan.power


def test_repetition_costs_rooms() -> None:
    plan = ta.power(0.6, rooms_each=16, icc=0.1, target=0.9)
    assert plan.design_effect == pytest.approx(2.5)
    assert plan.n > 2.5 * 250
    assert ta.power(0.6, rooms_each=16, icc=0.0, target=0.9).n < 320


def test_width_is_reached_by_the_smallest_study() -> None:
    plan = ta.power(0.7, rooms_each=4, icc=0.2, width=0.1)
    smaller = ta.power(0.7, rooms_each=4, icc=0.2, n_interrogators=plan.n_interrogators - 1)
    assert plan.width <= 0.1 < smaller.width
    assert list(plan.table)[:3] == ["n_interrogators", "rooms_each", "n_rooms"]
    assert plan.table["n_rooms"].tolist() == [plan.n]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"target": 0.9, "width": 0.1}, "exactly one"),
        ({}, "exactly one"),
        ({"n_interrogators": 1}, r"`n_interrogators` must be at least 2 \(got 1"),
        ({"target": 0.9, "rooms_each": 0}, r"`rooms_each` must be at least 1 \(got 0"),
        ({"target": 0.9, "icc": 1.5}, r"`icc` must be from 0 to 1 \(got 1.5"),
        ({"target": 1.5}, r"`target` must be between 0 and 1 \(got 1.5"),
        ({"target": 0.9, "p0": 0.6}, r"`win_rate` must differ from `p0` \(got 0.6"),
        ({"width": 1e-6}, "More than 1000000"),
    ],
)
def test_impossible_plans_are_refused(given: dict[str, float], words: str) -> None:
    with pytest.raises(ta.ArgumentError, match=words):
        ta.power(0.6, **given)  # type: ignore[arg-type]


def test_promised_power_is_met_by_simulated_verdicts() -> None:
    plan = ta.power(0.6, rooms_each=10, icc=1 / 9, n_interrogators=40)
    rng, told, n = np.random.default_rng(5), 0, 1000
    who = np.repeat(np.arange(40), 10)
    for _ in range(n):
        # Beta skills of concentration 8 correlate two verdicts of a person by 1 / 9.
        right = rng.random(400) < rng.beta(0.6 * 8, 0.4 * 8, 40)[who]
        found = ta.accuracy(right, cluster=who)
        told += bool(found.cluster_low[0] > 0.5 or found.cluster_high[0] < 0.5)
    assert abs(told / n - plan.power) < 0.03 + 3 * np.sqrt(0.25 / n)  # a formula


def test_curves_are_as_wide_and_as_true_as_drawn() -> None:
    plan = ta.power_of_curves(
        ta.Design(),
        times_ms=[60_000, 300_000],
        n_interrogators=12,
        rooms_each=6,
        replications=60,
        seed=2,
    )
    assert plan.n == 72
    np.testing.assert_allclose(plan.estimate, plan.truth, atol=0.03)
    assert ((plan.width > 0) & (plan.width < 0.5)).all()
    assert (plan.coverage > 0.85).all()
    assert plan.table.columns.tolist() == [
        "cause", "time", "truth", "estimate", "width", "coverage", "naive_coverage", "net_power",
        "mc_error",
    ]  # fmt: skip


@pytest.mark.parametrize("times_ms", [[], [0], [301_000]])
def test_times_outside_a_room_are_refused(times_ms: list[float]) -> None:
    with pytest.raises(ta.ArgumentError, match=r"`times_ms` must be .* the 300000 ms of a room"):
        ta.power_of_curves(ta.Design(), times_ms=times_ms, n_interrogators=3, rooms_each=2, seed=1)
