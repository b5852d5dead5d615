"""The committed figures are those of largest likelihood, and people's waits are the model's."""

import dataclasses

import pytest

from arena.pacing.figures import MEETUP, MEETUP_BURSTS
from bench.pacing.fit import FREE, bursts, fit_bursts, log_likelihood
from bench.pacing.people import halves, is_fitted
from bench.pacing.quantiles import LENGTHS, quantiles

FITTED, LEFT_OUT = halves()


def test_no_dialogue_is_both_fitted_and_left_out() -> None:
    assert not set(FITTED.dialogue) & set(LEFT_OUT.dialogue)
    assert FITTED.dialogue.map(is_fitted).all() and not LEFT_OUT.dialogue.map(is_fitted).any()
    assert (FITTED.dialogue.nunique(), LEFT_OUT.dialogue.nunique()) == (98, 95)


def test_likelihood_is_the_one_reported() -> None:
    assert log_likelihood(FITTED, MEETUP) == pytest.approx(-2998.4, abs=0.1)
    assert log_likelihood(LEFT_OUT, MEETUP) == pytest.approx(-2843.5, abs=0.1)


@pytest.mark.parametrize("name", FREE)
@pytest.mark.parametrize("factor", [0.8, 1.25])
def test_no_other_figure_is_likelier(name: str, factor: float) -> None:
    other = dataclasses.replace(MEETUP, **{name: getattr(MEETUP, name) * factor})
    assert log_likelihood(FITTED, other) < log_likelihood(FITTED, MEETUP)


def test_burst_figures_are_those_of_the_fit() -> None:
    fitted = fit_bursts(FITTED)
    assert MEETUP_BURSTS.two_or_more == pytest.approx(fitted.two_or_more, abs=0.002)
    assert MEETUP_BURSTS.another == pytest.approx(fitted.another, abs=0.002)
    habits = (fitted.habit_spread, fitted.habit_in_more)
    assert (MEETUP_BURSTS.habit_spread, MEETUP_BURSTS.habit_in_more) == pytest.approx(
        habits, abs=0.002
    )
    n = bursts(FITTED).n.clip(upper=3)
    assert [round((n == each).mean(), 2) for each in (1, 2, 3)] == [0.73, 0.19, 0.08]


@pytest.mark.parametrize("length", LENGTHS)
def test_people_left_out_have_the_model_s_waits(length: str) -> None:
    people = quantiles(LEFT_OUT, model=False)[length]
    model = quantiles(LEFT_OUT, model=True)[length]
    assert model == pytest.approx(people, rel=0.3, abs=1.1)  # a clock of whole seconds
