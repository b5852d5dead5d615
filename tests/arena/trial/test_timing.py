"""Which delay a model needs: found by drawing waits, and kept by the share of late replies."""

from dataclasses import replace

import pytest

from arena.pacing import PacingRule
from arena.studies.design import Pacing
from arena.trial import TrialSetting
from arena.trial.imagined_room import ImaginedRoom
from arena.trial.timing import MOST_LATE, Timing, timing
from tests.arena.trial.test_trying import PROFILE

TEXT = "Not much, and you?"


def timed(*answers_ms: int, delay_s: int = 0, rule: PacingRule = PacingRule.CALIBRATED) -> Timing:
    profile = replace(PROFILE, pacing=Pacing(rule=rule))
    room = ImaginedRoom(profile, TrialSetting(delay_s=delay_s))
    room.talk = replace(room.talk, room_seed="5" * 64)  # the same draws in each of them
    room.hear("how are you?")
    return timing(answers_ms, answers_ms=answers_ms, scene=room.scene(), text=TEXT)


@pytest.mark.parametrize("answers_ms", [(3000,), (8000, 200), (500, 700, 900)])
def test_stated_delay_is_the_least_that_hides_the_model(answers_ms: tuple[int, ...]) -> None:
    needs_s = timed(*answers_ms).needs_delay_s
    assert needs_s is not None
    late = [timed(*answers_ms, delay_s=s).share_late for s in (needs_s - 1, needs_s)]
    assert late[1] is not None and late[1] <= MOST_LATE < (late[0] or 0.0)


def test_a_slower_model_needs_as_much_more() -> None:
    fast, slow = timed(1000), timed(4000)
    assert fast.needs_delay_s is not None and slow.needs_delay_s == fast.needs_delay_s + 3


def test_what_draws_no_wait_needs_no_delay() -> None:
    found = timed(8000, rule=PacingRule.NONE)
    assert (found.share_late, found.needs_delay_s) == (None, None)
