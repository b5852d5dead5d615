"""The committed figures of initiative are those of the fit."""

import dataclasses

import pytest

from arena.pacing.figures import MEETUP_INITIATIVE
from bench.pacing.initiative import first_waits, fit, reopening_share, silences
from bench.pacing.people import halves

FITTED, _ = halves()


@pytest.mark.monte_carlo
def test_figures_are_those_of_the_fit() -> None:
    found = dataclasses.asdict(fit(FITTED, first_waits()))
    assert dataclasses.asdict(MEETUP_INITIATIVE) == pytest.approx(found, rel=0.01, abs=0.002)


def test_what_was_fitted_to_is_as_many_as_reported() -> None:
    long = silences(FITTED)
    long = long[long.silent_s > 15]
    assert (len(long), int(long.own.sum()), long.person.nunique()) == (214, 91, 108)
    assert len(first_waits()) == 98


def test_a_third_of_the_fitted_people_write_again_after_their_own_silence() -> None:
    assert reopening_share(FITTED) == (53, 155)
