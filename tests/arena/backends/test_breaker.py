"""The circuit breaker: when it lets calls through, whatever the order in which they end."""

import itertools
import random

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from arena.backends.breaker import (
    FIRST_S,
    LONGEST_S,
    MOST_S,
    N_FAILURES,
    N_RECOVERED,
    Breaker,
)
from arena.backends.failure import ErrorKind

LATER = 10 * LONGEST_S
DOWN = ErrorKind.UNAVAILABLE


def _fail(breaker: Breaker, now: float, *, n: int = 1, rest_s: float | None = None) -> None:
    for _ in range(n):
        breaker.fail(breaker.enter(), now, cause=DOWN, rest_s=rest_s)


def test_failures_in_a_row_open_it_and_a_success_between_does_not() -> None:
    breaker = Breaker()
    _fail(breaker, 0.0, n=N_FAILURES - 1)
    breaker.succeed(breaker.enter())
    _fail(breaker, 0.0, n=N_FAILURES - 1)
    assert breaker.wait_s(0.0) == 0
    _fail(breaker, 0.0)
    assert breaker.wait_s(0.0) > 0


def test_request_not_to_be_asked_opens_it_at_once_for_that_long() -> None:
    breaker = Breaker()
    _fail(breaker, 100.0, rest_s=600.0)
    assert breaker.wait_s(699.0) >= 1
    assert breaker.wait_s(700.0) == 0


def test_longer_request_of_a_call_that_was_under_way_counts_too() -> None:
    breaker = Breaker()
    slow = breaker.enter()
    _fail(breaker, 0.0, rest_s=10.0)
    breaker.fail(slow, 5.0, cause=DOWN, rest_s=90.0)
    assert breaker.wait_s(94.0) >= 1
    assert breaker.wait_s(95.0) == 0


def test_request_to_stay_away_for_ever_is_not_believed() -> None:
    breaker = Breaker()
    _fail(breaker, 0.0, rest_s=float("inf"))
    assert breaker.wait_s(MOST_S) == 0


def test_one_probe_at_a_time_and_more_with_each_success() -> None:
    breaker = Breaker()
    _fail(breaker, 0.0, n=N_FAILURES)
    n_at_once = []
    while breaker._places is not None:
        calls = []
        while breaker.wait_s(LATER) == 0:
            calls.append(breaker.enter())
        n_at_once.append(len(calls))
        for call in calls:
            breaker.succeed(call)
    assert n_at_once == [1, 2, 4, 8, 16]
    assert breaker.wait_s(LATER) == 0


def test_failed_probe_opens_it_for_longer() -> None:
    breaker, now, waits = Breaker(), 0.0, []
    _fail(breaker, now, n=N_FAILURES)
    for _ in range(12):
        waits.append(breaker._until - now)
        now = breaker._until
        assert breaker.wait_s(now) == 0
        _fail(breaker, now)
    assert waits[0] <= FIRST_S
    assert all(later > earlier for earlier, later in itertools.pairwise(waits[:4]))
    assert 0.75 * LONGEST_S <= waits[-1] <= LONGEST_S


def test_abandoned_probe_makes_room_for_another() -> None:
    breaker = Breaker()
    _fail(breaker, 0.0, n=N_FAILURES)
    probe = breaker.enter()
    assert breaker.wait_s(LATER) > 0
    breaker.abandon(probe)
    assert breaker.wait_s(LATER) == 0


def test_those_who_wait_come_back_spread_out() -> None:
    breaker = Breaker(rng=random.Random(1))
    _fail(breaker, 0.0, rest_s=90.0)
    waits = sorted(breaker.wait_s(0.0) for _ in range(500))
    assert waits[0] >= 90
    assert waits[-1] - waits[0] > 15
    assert max(b - a for a, b in itertools.pairwise(waits)) < 1


class AnyOrder(RuleBasedStateMachine):
    """Calls that begin when they may and end in any order and any way, while time goes on."""

    def __init__(self) -> None:
        super().__init__()
        self.breaker = Breaker(rng=random.Random(0))
        self.now = 0.0
        self.calls: list[int] = []

    @rule(seconds=st.floats(0.0, 200.0))
    def wait(self, seconds: float) -> None:
        self.now += seconds

    @rule()
    def begin(self) -> None:
        if self.breaker.wait_s(self.now) == 0:
            self.calls.append(self.breaker.enter())

    @precondition(lambda self: self.calls)
    @rule(data=st.data(), how=st.sampled_from(["succeed", "fail", "rest", "abandon"]))
    def end(self, data: st.DataObject, how: str) -> None:
        call = data.draw(st.sampled_from(self.calls))
        self.calls.remove(call)
        match how:
            case "succeed":
                self.breaker.succeed(call)
            case "abandon":
                self.breaker.abandon(call)
            case _:
                self.breaker.fail(
                    call, self.now, cause=DOWN, rest_s=50.0 if how == "rest" else None
                )

    @invariant()
    def recovering_provider_has_few_calls(self) -> None:
        if self.breaker._places is not None:
            assert 1 <= self.breaker._places < N_RECOVERED
            assert len(self.breaker._in_flight) <= self.breaker._places

    @invariant()
    def nobody_waits_for_ever(self) -> None:
        """Once all calls have ended, the next is let through after a bounded time."""
        if not self.calls:
            assert self.breaker.wait_s(self.now + MOST_S) == 0


TestAnyOrder = AnyOrder.TestCase
