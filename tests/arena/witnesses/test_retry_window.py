"""Until when a question is tried again, and with what waits."""

import datetime as dt
import itertools
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arena.studies.file import parse
from arena.witnesses.retry_window import LONGEST_S, RetryWindow
from tests.kit.factories import study_text

SEEN = dt.datetime(2026, 11, 22, 22, 42, 10, tzinfo=dt.UTC)
SECOND = dt.timedelta(seconds=1)


def _window(
    *, duration: str, after: str, rounds: str = "none", **known: dt.datetime
) -> RetryWindow:
    text = study_text(
        duration=duration, machine_down=f"{{after: {after}, then: end}}", rounds=rounds
    )
    if rounds != "none":
        text = text.replace("{rule: none}", "{rule: rounds}")
    return RetryWindow.of(parse(text), seen_at=SEEN, **known)


@pytest.mark.parametrize(
    ("duration", "after", "tries_s", "down_s"),
    [
        ("1 min", "50 s", 20, 50),  # a third of the room
        ("5 min", "90 s", 90, 90),  # no longer than the study says
        ("5 min", "4 min", 100, 240),
        ("10 min", "9 min", 120, 540),  # as long as people in a chat think at most
        ("60 min", "10 min", 360, 600),  # a tenth of the room
        ("90 days", "10 days", 43_200, 864_000),  # half a day
    ],
)
def test_how_long_a_question_may_wait(duration: str, after: str, tries_s: int, down_s: int) -> None:
    window = _window(duration=duration, after=after)
    assert window.tries_until == SEEN + tries_s * SECOND
    assert window.down_at == SEEN + down_s * SECOND


def test_rule_counts_from_the_first_question_that_is_owed_an_answer() -> None:
    window = _window(duration="60 min", after="10 min", failing_since=SEEN - 300 * SECOND)
    assert window.tries_until == SEEN + 360 * SECOND
    assert window.down_at == SEEN + 300 * SECOND


def test_round_bounds_the_tries_and_not_the_rule() -> None:
    open_round = _window(
        duration="60 min", after="10 min", rounds="60 s", round_ends_at=SEEN + 20 * SECOND
    )
    assert open_round.tries_until == SEEN + 20 * SECOND
    over = _window(duration="60 min", after="10 min", rounds="60 s")
    assert over.tries_until == SEEN
    assert over.down_at == open_round.down_at == SEEN + 600 * SECOND


def _tries(window: RetryWindow, *, hopeless: bool = False) -> list[float]:
    """When it tries again, in seconds, if every try fails at once."""
    now, times = SEEN, []
    rng = random.Random(1)
    while (
        at := window.next_try(now, n_failed=len(times) + 1, hopeless=hopeless, rng=rng)
    ) is not None:
        times.append((at - SEEN).total_seconds())
        now = at
    return times


def test_waits_grow_and_the_last_try_is_at_the_last_moment() -> None:
    short, long = (
        _tries(_window(duration=d, after=a)) for d, a in (("5 min", "90 s"), ("90 days", "1 day"))
    )
    assert short[0] <= 1 and short[-1] == 90 and 9 <= len(short) <= 25
    assert long[0] <= 1 and long[-1] == 43_200 and len(long) < 43_200 / (LONGEST_S / 2) + 12
    assert max(b - a for a, b in itertools.pairwise(long)) <= LONGEST_S


def test_hopeless_failures_are_tried_seldom() -> None:
    assert 3 <= len(_tries(_window(duration="5 min", after="90 s"), hopeless=True)) <= 8
    times = _tries(_window(duration="60 min", after="10 min"), hopeless=True)
    assert times[0] >= 15 and len(times) <= 12


@given(
    now_s=st.floats(0, 1000),
    rest_s=st.floats(0, 2000),
    n_failed=st.integers(1, 500),
    hopeless=st.booleans(),
    seed=st.integers(0, 100),
)
def test_next_try_is_in_time_and_not_before_the_provider_wishes(
    now_s: float, rest_s: float, n_failed: int, hopeless: bool, seed: int
) -> None:
    window = _HOUR
    now = SEEN + dt.timedelta(seconds=now_s)
    left_s = (window.tries_until - now).total_seconds()
    at = window.next_try(
        now, n_failed=n_failed, hopeless=hopeless, rest_s=rest_s, rng=random.Random(seed)
    )
    look_at = window.next_look(now, rest_s=rest_s, rng=random.Random(seed))
    rested_at = now + dt.timedelta(seconds=rest_s) - dt.timedelta.resolution
    if at is None:
        assert left_s <= 0 or rest_s > left_s
    else:
        assert rested_at <= at <= window.tries_until
    if look_at is None:
        assert left_s <= 0
    else:
        assert min(rested_at, window.tries_until) <= look_at <= window.tries_until


_HOUR = _window(duration="60 min", after="10 min")
