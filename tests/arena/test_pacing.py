"""The waits before a machine's reply is released."""

import random
import statistics

import pytest

from arena.pacing import (
    PacingUnknown,
    Rule,
    calibrated_s,
    delay_s,
    published_s,
    writer,
)

N = 20_000


def percentiles(n_out: int, *, overlap: float) -> tuple[float, float, float]:
    rng = random.Random(20261122)
    waits = [
        calibrated_s(writer(n), n_in=25, n_out=n_out, first=False, rng=rng, overlap=overlap)
        for n in range(N)
    ]
    cuts = statistics.quantiles(waits, n=10)
    return cuts[0], cuts[4], cuts[8]


def test_calibrated_has_the_waits_of_free_chat() -> None:
    assert percentiles(20, overlap=0.67) == pytest.approx((1.8, 5.4, 15), rel=0.04)


def test_calibrated_has_the_waits_of_longer_replies() -> None:
    assert percentiles(60, overlap=0.2) == pytest.approx((5.6, 14, 26), rel=0.04)


@pytest.mark.parametrize(
    ("n_in", "n_out", "mean", "low", "high"),
    [(30, 10, 5.5, 4.8, 6.4), (30, 30, 11.5, 9.9, 13.2), (50, 60, 21.1, 18.1, 24.2),
     (60, 100, 33.4, 28.4, 38.4)],
)  # fmt: skip
def test_published_has_the_waits_of_the_paper(
    n_in: int, n_out: int, mean: float, low: float, high: float
) -> None:
    rng = random.Random(1)
    waits = [published_s(n_in=n_in, n_out=n_out, rng=rng) for _ in range(N)]
    cuts = statistics.quantiles(waits, n=20)
    assert (statistics.mean(waits), cuts[0], cuts[-1]) == pytest.approx((mean, low, high), rel=0.01)


def test_published_thinks_with_shape_and_scale() -> None:
    rng = random.Random(2)
    thoughts = [published_s(n_in=0, n_out=0, rng=rng) - 1 for _ in range(N)]
    assert statistics.mean(thoughts) == pytest.approx(2.5 * 0.25, rel=0.02)
    assert statistics.variance(thoughts) == pytest.approx(2.5 * 0.25**2, rel=0.05)


def test_first_reply_takes_longer() -> None:
    def mean(first: bool) -> float:
        rng = random.Random(3)
        return statistics.mean(
            delay_s("calibrated", n_in=25, n_out=30, first=first, persona_seed=1, rng=rng)
            for _ in range(N)
        )

    assert mean(True) - mean(False) == pytest.approx(4 * 2.718281828 ** (0.6**2 / 2), rel=0.05)


def test_long_messages_are_read_first() -> None:
    def wait(n_in: int) -> float:
        rng = random.Random(4)
        return delay_s("calibrated", n_in=n_in, n_out=30, first=False, persona_seed=1, rng=rng)

    assert wait(200) == wait(0)
    assert wait(2380) - wait(0) == pytest.approx(50)


def test_a_person_types_at_one_speed_and_people_differ() -> None:
    assert writer(7) == writer(7)
    speeds = [writer(seed).chars_per_s for seed in range(500)]
    assert min(speeds) >= 1
    assert max(speeds) <= 10
    assert statistics.median(speeds) == pytest.approx(64 * 5 / 60, rel=0.05)
    assert statistics.stdev(speeds) > 0.5


@pytest.mark.parametrize("rule", Rule)
def test_same_seeds_give_the_same_wait(rule: Rule) -> None:
    first, second = (
        delay_s(rule, n_in=9, n_out=9, first=True, persona_seed=1, rng=random.Random(5))
        for _ in range(2)
    )
    assert first == second
    assert first >= 0


def test_no_pacing_is_no_wait() -> None:
    wait = delay_s("none", n_in=9, n_out=9, first=True, persona_seed=1, rng=random.Random(0))
    assert wait == 0.0


def test_unknown_rule_is_refused() -> None:
    with pytest.raises(PacingUnknown) as caught:
        delay_s("psychic", n_in=1, n_out=1, first=True, persona_seed=1, rng=random.Random(0))
    assert str(caught.value) == (
        "There is no pacing rule 'psychic'. Expected one of calibrated, matched, rounds, published, none. "
        "Correct it in the machine profile."
    )
