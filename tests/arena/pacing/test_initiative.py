"""When people write unasked: the draws have the moments of the fit, the same for a seed."""

import random
import statistics

import pytest

from arena.pacing import opens_after_s, puts_aside_s, reopens_after_s
from arena.pacing.figures import MEETUP_INITIATIVE
from arena.pacing.initiative import REOPENS_AFTER_S, REOPENS_WITHIN_S

N = 20_000


def test_openings_have_the_median_and_spread_of_the_fit() -> None:
    rng = random.Random(1)
    waits = sorted(opens_after_s(rng=rng) for _ in range(N))
    assert waits[N // 2] == pytest.approx(MEETUP_INITIATIVE.opens_s, rel=0.05)
    assert waits[int(0.8413 * N)] / waits[N // 2] == pytest.approx(2.63, rel=0.05)  # e ** 0.967


def test_half_of_all_silences_are_broken_by_the_median_of_the_fit() -> None:
    rng = random.Random(2)
    silences = [reopens_after_s(persona_seed=seed, rng=rng) for seed in range(N)]
    broken = [each for each in silences if each is not None]
    assert min(broken) > REOPENS_AFTER_S and max(broken) <= REOPENS_WITHIN_S
    until = REOPENS_AFTER_S + MEETUP_INITIATIVE.reopens_s
    assert sum(each <= until for each in broken) / N == pytest.approx(0.5, abs=0.015)


def test_few_messages_are_put_aside_and_for_about_as_long_as_in_the_fit() -> None:
    rng = random.Random(3)
    aside = [waited for _ in range(N) if (waited := puts_aside_s(rng=rng))]
    assert len(aside) / N == pytest.approx(MEETUP_INITIATIVE.aside_share, rel=0.2)
    assert statistics.median(aside) == pytest.approx(MEETUP_INITIATIVE.aside_s, rel=0.1)


def test_the_same_seed_gives_the_same_silence() -> None:
    first, second = (reopens_after_s(persona_seed=7, rng=random.Random(5)) for _ in range(2))
    assert first == second
