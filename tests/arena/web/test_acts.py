"""What a form asks for is done once, however often it is sent; another form is another act."""

from collections.abc import Callable

import pytest

from tests.kit.doors import DOORS, Door, said


@pytest.mark.parametrize("door", DOORS.values(), ids=DOORS)
def test_form_that_is_sent_twice_is_done_once_and_answered_alike(door: Callable[[], Door]) -> None:
    here = door()
    form = here.filled_in()
    first, second = here.send(form), here.send(form)
    assert (first.status_code, first.redirect_chain) == (200, second.redirect_chain)
    assert said(first) == said(second)
    assert here.n_done() == 1


@pytest.mark.parametrize(
    ("act", "phase"), [("pause", "paused"), ("resume", "live"), ("end", "ended")]
)
def test_act_of_another_page_that_comes_too_late_is_refused(act: str, phase: str) -> None:
    here = DOORS[act]()
    first, second = here.filled_in(), here.filled_in()
    here.send(first)
    answer = said(here.send(second))
    assert f"The room is {phase} by now, so nothing was changed." in answer
    assert here.n_done() == 1


def test_same_words_from_another_page_are_another_act() -> None:
    here = DOORS["help"]()
    here.send(here.filled_in())
    here.send(here.filled_in())
    assert here.n_done() == 2


def test_other_words_in_the_same_form_are_another_act() -> None:
    here = DOORS["help"]()
    form = here.filled_in()
    here.send(form)
    here.send(form | {"text": "It is worse now."})
    assert here.n_done() == 2


def test_form_without_an_id_is_always_another_act() -> None:
    here = DOORS["help"]()
    here.send(here.words)
    here.send(here.words)
    assert here.n_done() == 2
