"""Rooms drawn all at once: the same truth as whole studies, with drop-out and switching."""

from pathlib import Path

import numpy as np
import pytest

import analysis as ta

SWITCHING = ta.Design(
    strategies=(
        ta.StrategyEffect(name="chat", share=3, speed=0.4),
        ta.StrategyEffect(name="trap", speed=4.0),
    ),
    switches_per_min=0.8,
    message_gap_s=60,
)


def drawn(design: ta.Design, n: int = 12_000) -> ta.Drawn:
    rng = np.random.default_rng(1)
    return ta.draw_times(design, n_rooms=n, n_interrogators=n // 6, rng=rng)


@pytest.mark.parametrize(
    "design",
    [ta.Design(), SWITCHING, ta.Design(pace_shape=0.7, skill_concentration=2, loss_per_min=0)],
    ids=["default", "switching", "different people"],
)
def test_drawn_rooms_have_the_truth_they_claim(design: ta.Design) -> None:
    rooms, truth = drawn(design), ta.Truth(design=design)
    curve = ta.cumulative_incidence(rooms.time, rooms.cause, cluster=rooms.interrogator)
    for minutes in (1, 3, 5):
        for cause in (1, 2):
            found = curve.at(minutes * 60_000, cause)
            wanted = truth.incidence(minutes * 60_000, cause)
            assert abs(found.value - wanted) < 3.5 * found.std_error


def test_strategies_without_effect_change_no_truth() -> None:
    idle = (ta.StrategyEffect(name="a"), ta.StrategyEffect(name="b", share=2))
    with_idle = ta.Truth(design=ta.Design(strategies=idle))
    plain = ta.Truth(design=ta.Design())
    assert with_idle.incidence(200_000) == pytest.approx(plain.incidence(200_000), rel=1e-9)


def test_whole_studies_switch_strategies_too(tmp_path: Path) -> None:
    truth = ta.simulate(tmp_path, n_rooms=400, n_interrogators=80, seed=5, design=SWITCHING)
    study = ta.load(tmp_path)
    assert set(study.strategies["strategy"]) == {"chat", "trap"}
    rooms = ta.detections(study)
    curve = ta.cumulative_incidence(rooms["time"], rooms["cause"], cluster=rooms["interrogator"])
    for cause in (1, 2):
        found = curve.at(240_000, cause)
        assert abs(found.value - truth.incidence(240_000, cause)) < 3.5 * found.std_error
    assert ta.verify(tmp_path).ok


def test_drop_out_can_tell_about_what_it_hides() -> None:
    blind = drawn(ta.Design(loss_per_min=0.3))
    telling_design = ta.Design(loss_per_min=0.3, loss_by_pace=2.0)
    telling, truth = drawn(telling_design), ta.Truth(design=telling_design).incidence(240_000)

    def error(rooms: ta.Drawn) -> float:
        curve = ta.cumulative_incidence(rooms.time, rooms.cause, cluster=rooms.interrogator)
        found = curve.at(240_000)
        return abs(found.value - truth) / found.std_error

    assert error(blind) < 3.5 < error(telling)


def test_same_generator_draws_the_same_rooms() -> None:
    one, two = drawn(SWITCHING, 60), drawn(SWITCHING, 60)
    np.testing.assert_array_equal(one.time, two.time)
    np.testing.assert_array_equal(one.cause, two.cause)


def test_nothing_to_draw() -> None:
    rng = np.random.default_rng(1)
    assert len(ta.draw_times(ta.Design(), n_rooms=0, n_interrogators=1, rng=rng).time) == 0
    with pytest.raises(ta.ArgumentError, match="got 5 and 0"):
        ta.draw_times(ta.Design(), n_rooms=5, n_interrogators=0, rng=rng)
    with pytest.raises(ta.ArgumentError, match=r"'rude' must be above 0 \(got 0 and 1"):
        ta.StrategyEffect(name="rude", share=0)
