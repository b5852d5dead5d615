"""The coverage of clustered intervals where people come unequally often."""

import math

import numpy as np
import pytest

import analysis as ta
from bench import coverage_grid as grid
from bench.coverage import Cell

#: A coverage of 95 % has an error of 0.8 points in 800 studies.
STUDIES = 800
BAND = (0.935, 0.965)
SLACK = 2.5 * math.sqrt(0.95 * 0.05 / STUDIES)

#: With so few decisions an interval on the log-log scale holds too often, in equal studies too.
RARE = {"F1 2", "F2 2", "net 2"}


def rooms(studies: grid.Studies, number: int) -> tuple[np.ndarray, ...]:
    """The rooms of one study: who, machine, cause, step."""
    counts = studies.rooms[number].astype(int)
    return tuple(np.repeat(index, counts[counts > 0]) for index in np.nonzero(counts))


@pytest.mark.parametrize("cell", [Cell(6, unequal=True, loss_by_pace=True), Cell(9)])
def test_the_formulas_are_those_of_the_estimators(cell: Cell) -> None:
    drawn = grid.draw(cell, 5, np.random.default_rng(4))
    found = grid.estimates(drawn)
    for k in range(5):
        who, machine, cause, step = rooms(drawn, k)
        # A time at the end of its step: the area up to the horizon is then a sum of steps.
        curve = ta.cumulative_incidence(step, cause, cluster=who)
        net = curve.net()
        wanted = {f"net {t}": net.at(t) for t in grid.AT}
        wanted |= {f"F{of} {t}": curve.at(t, of) for of in (1, 2) for t in grid.AT}
        wanted |= {f"lost {of}": curve.time_lost(grid.TAU, of) for of in (1, 2)}
        for name, each in wanted.items():
            ours = found[name]
            np.testing.assert_allclose(
                [ours.value[k], ours.error[k], ours.low[k], ours.high[k]],
                [each.value, each.std_error, each.low, each.high],
                rtol=1e-8,
                err_msg=name,
            )
            assert ours.df[k] == pytest.approx(curve.df)
        for of in (1, 2):
            pair = ta.time_lost_differences(step, cause, machine, tau=grid.TAU, of=of, cluster=who)
            sign = 1 if pair.first[0] == 0 else -1
            ours = found[f"difference {of}"]
            assert sign * pair.value[0] == pytest.approx(ours.value[k])
            assert pair.std_error[0] == pytest.approx(ours.error[k])
            # Ends may be cut at the horizon.
            assert pair.high[0] - pair.low[0] == pytest.approx(ours.high[k] - ours.low[k], rel=1e-6)
        given = cause > 0
        share = ta.accuracy(cause[given] == 1, cluster=who[given])
        assert share.cluster_low[0] == pytest.approx(found["share"].low[k])
        assert share.cluster_df[0] == pytest.approx(found["share"].df[k])


@pytest.mark.monte_carlo
@pytest.mark.parametrize("loss_by_pace", [False, True])
@pytest.mark.parametrize("people", [8, 15, 30, 60])
def test_intervals_cover_where_people_come_unequally_often(people: int, loss_by_pace: bool) -> None:
    cell = Cell(people, unequal=True, loss_by_pace=loss_by_pace)
    found = grid.coverage(cell, STUDIES)
    outside = {
        name: share
        for name, (share, n) in found.items()
        if n < STUDIES // 2 or share < BAND[0] - SLACK or share > BAND[1] + SLACK
        if name not in RARE or share < BAND[0] - SLACK
    }
    assert not outside


@pytest.mark.monte_carlo
def test_five_people_hold_as_much_or_more() -> None:
    for loss_by_pace in (False, True):
        found = grid.coverage(Cell(5, unequal=True, loss_by_pace=loss_by_pace), 2 * STUDIES)
        assert {name for name, (share, n) in found.items() if share < 0.92 or n < 100} == set()


@pytest.mark.monte_carlo
def test_equal_sizes_had_enough_before_and_unequal_ones_had_not() -> None:
    before = grid.coverage(Cell(8, unequal=True), STUDIES, before=True)
    assert sum(share < BAND[0] - SLACK for share, _ in before.values()) >= 10
    equal = grid.coverage(Cell(15), STUDIES)
    assert {name for name, (share, _) in equal.items() if share < BAND[0] - SLACK} == set()
