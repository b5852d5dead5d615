"""Choices become judgements by one rule, and a blind product is seldom accused."""

import math

import numpy as np
import pytest
from scipy import stats

from arena.leaktest.choosing import Choices
from arena.leaktest.families import ABOUT, Family
from arena.leaktest.judging import (
    ALPHA,
    BOUND,
    Telling,
    enough,
    interval,
    judge_families,
    p_above_half,
)

TIMING = [family for family in Family if ABOUT[family].timing]


def of(n: int, right: int, equal: int = 0) -> Choices:
    return Choices(n=n, n_right=right, n_equal=equal)


def judged(**choices: Choices | str) -> dict[str, Telling]:
    found = judge_families({Family(name): each for name, each in choices.items()})
    return {each.family: each.judgement for each in found}


def test_intervals_are_those_of_clopper_and_pearson() -> None:
    low, high = interval(of(59, 41))
    exact = stats.binomtest(41, 59).proportion_ci(0.95, method="exact")
    assert (low, high) == pytest.approx((exact.low, exact.high))


def test_panes_that_are_equal_leave_nothing_open() -> None:
    assert interval(of(59, 0, equal=59)) == (0.5, 0.5)
    assert p_above_half(of(59, 0, equal=59)) == 1.0


def test_nothing_chosen_is_not_known() -> None:
    assert all(map(math.isnan, interval(of(0, 0))))


def test_traces_tell_when_they_are_above_chance() -> None:
    assert judged(frames=of(20, 20)) == {"frames": Telling.TELLS}
    assert judged(frames=of(20, 11)) == {"frames": Telling.BLIND}
    # A small difference counts as well, with rooms enough.
    assert judged(acks=of(2000, 1060)) == {"acks": Telling.TELLS}


def test_timing_may_differ_a_little() -> None:
    assert judged(waits=of(2000, 1080)) == {"waits": Telling.BLIND}
    assert judged(waits=of(2000, 1180)) == {"waits": Telling.TELLS}


def test_timing_with_few_rooms_is_too_small_to_tell() -> None:
    assert judged(waits=of(20, 11)) == {"waits": Telling.TOO_SMALL}
    assert judged(waits=of(20, 19)) == {"waits": Telling.TELLS}


def test_traces_of_very_few_rooms_are_too_small_to_tell() -> None:
    assert judged(frames=of(4, 4)) == {"frames": Telling.TOO_SMALL}


def test_one_string_of_the_corpus_is_enough() -> None:
    assert judged(echo=of(308, 1, equal=307)) == {"echo": Telling.TELLS}
    assert judged(echo=of(308, 0, equal=308)) == {"echo": Telling.BLIND}


def test_a_family_that_was_not_run_says_why() -> None:
    (only,) = judge_families({Family.HOURS: "no life"})
    assert only.judgement == Telling.NOT_RUN and only.why_not_run == "no life"


def test_more_families_ask_for_more_evidence() -> None:
    alone = judged(frames=of(20, 15))
    assert alone == {"frames": Telling.TELLS}
    others = {name: of(20, 10) for name in ("order", "sizes", "ids", "grain", "acks", "pages")}
    assert judged(frames=of(20, 15), **others)["frames"] == Telling.BLIND


@pytest.mark.parametrize("n_families", [1, 4, 7])
def test_enough_rooms_are_the_fewest_with_which_a_coin_passes(n_families: int) -> None:
    def misses(n: int) -> float:
        most = max(k for k in range(n // 2, n) if interval(of(n, k))[1] <= BOUND)
        return float(stats.binom.sf(most, n, 0.5))

    n = enough(n_families)
    assert misses(n) <= ALPHA / n_families < misses(n - 1)
    # 600 pairs, of which an eighth is for learning, are enough for all families of timing.
    assert n <= 525


@pytest.mark.monte_carlo
@pytest.mark.parametrize("n", [20, 100, 525])
def test_a_blind_product_is_seldom_accused(n: int) -> None:
    """Over all families at once, by both ways together: at most 10 % of runs, mostly far fewer."""
    rng, n_runs = np.random.default_rng(n), 400
    families = [family for family in Family if not ABOUT[family].exact]
    accused = 0
    for _ in range(n_runs):
        right = rng.binomial(n, 0.5, size=len(families))
        run = {f: of(n, int(k)) for f, k in zip(families, right, strict=True)}
        accused += any(each.judgement == Telling.TELLS for each in judge_families(run))
    assert accused / n_runs <= 2 * ALPHA
