"""Where a step curve begins to fade."""

import numpy as np

import analysis as ta
from analysis.plots.step_curve import known_until, solid_until
from tests.analysis.plots.test_incidence import curve


def test_curve_fades_where_few_are_at_risk() -> None:
    many = curve(200, 20)
    people = (many.n_clusters_at_risk < 5) | (many.n_effective_at_risk < 4)
    few = np.flatnonzero((many.n_at_risk < 10) | people)[0]
    # The first time with too few at risk: too few were so since the time before.
    assert solid_until(many) == many.times[few - 1]
    assert solid_until(curve(200, 4)) == 0
    assert solid_until(curve(9, 9)) == 0


def unequal_end(n_late: int) -> ta.CumulativeIncidence:
    """Six people with two early rooms each; one of them has some late ones besides."""
    early = np.tile([1, 2], 6)
    time = np.concatenate([early, 10 + np.arange(n_late)])
    who = np.concatenate([np.repeat(np.arange(6), 2), np.zeros(n_late, int)])
    return ta.cumulative_incidence(time, np.ones(len(time), int), cluster=who)


def test_no_number_is_known_once_one_person_is_left_with_many_rooms() -> None:
    assert known_until(unequal_end(5)) < 10


def test_a_rest_that_cannot_move_the_curve_hides_no_number() -> None:
    many = np.concatenate([np.tile([1, 2], 100), [10]])
    who = np.concatenate([np.arange(200) % 8, [0]])
    curve = ta.cumulative_incidence(many, np.ones(201, int), cluster=who)
    assert known_until(curve) == float("inf")
    assert solid_until(curve) == 2
