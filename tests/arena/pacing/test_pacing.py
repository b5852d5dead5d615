"""The waits before a machine's reply is released."""

import math
import random
import statistics

import pytest

from arena.pacing import (
    MIN_WAITS,
    PacingRule,
    PacingUnknown,
    Wait,
    calibrated_s,
    delay_s,
    matched_s,
    published_s,
    typing_habits,
)
from arena.pacing.matched import tempo_of

N = 10_000
#: Waits of imagined people of a study: longer replies take longer, nobody takes less than 20 s.
WAITS = tuple(
    Wait(n_in=10 + n % 40, n_out=5 + n % 90, wait_s=20 + (5 + n % 90) / 5 + n % 7)
    for n in range(MIN_WAITS)
)


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


def calibrated(*, n_in: int = 25, n_out: int = 30, first: bool = False) -> list[float]:
    rng = random.Random(3)
    return [
        calibrated_s(typing_habits(n), n_in=n_in, n_out=n_out, first=first, rng=rng)
        for n in range(N)
    ]


def test_calibrated_first_reply_takes_a_little_longer() -> None:
    assert 1.0 < statistics.mean(calibrated(first=True)) / statistics.mean(calibrated()) < 1.2


def test_calibrated_takes_longer_over_longer_replies_and_messages() -> None:
    medians = [statistics.median(calibrated(n_out=n_out)) for n_out in (5, 50, 150)]
    assert medians == sorted(medians)
    assert statistics.mean(calibrated(n_in=600)) > statistics.mean(calibrated()) + 5


def test_calibrated_waits_are_never_endless() -> None:
    assert max(calibrated(n_out=300)) < 400


def test_a_person_types_at_one_speed_and_people_differ() -> None:
    assert typing_habits(7) == typing_habits(7)
    people = [typing_habits(seed) for seed in range(500)]
    assert all(1 <= person.chars_per_s <= 15 for person in people)
    assert statistics.stdev(person.chars_per_s for person in people) > 0.5
    assert statistics.stdev(person.mood for person in people) > 0.3


@pytest.mark.parametrize("rule", PacingRule)
def test_same_seeds_give_the_same_wait(rule: PacingRule) -> None:
    first, second = (
        delay_s(
            rule, n_in=9, n_out=9, first=True, persona_seed=1, rng=random.Random(5), waits=WAITS
        )
        for _ in range(2)
    )
    assert first == second
    assert first >= 0


def matched(n_waits: int, *, seed: int = 1) -> float:
    return delay_s(
        "matched", n_in=20, n_out=30, first=False, persona_seed=1, rng=random.Random(seed),
        waits=WAITS[:n_waits],
    )  # fmt: skip


def test_matched_is_calibrated_until_there_are_enough_waits() -> None:
    cold = delay_s(
        "calibrated", n_in=20, n_out=30, first=False, persona_seed=1, rng=random.Random(1)
    )
    assert matched(0) == matched(MIN_WAITS - 1) == cold
    assert all(matched(MIN_WAITS, seed=seed) >= 20 > 0 for seed in range(50))


def test_matched_has_the_study_s_waits_for_replies_of_like_lengths() -> None:
    """Those of a study whose people are far more alike than those of the fit, and far slower."""

    def waits(n_out: int) -> list[float]:
        rng = random.Random(6)
        return [
            matched_s(WAITS, n_in=25, n_out=n_out, first=False, persona_seed=seed, rng=rng)
            for seed in range(300)
        ]

    assert statistics.mean(waits(80)) - statistics.mean(waits(10)) > 8
    for n_out in (10, 30, 80):
        like = [wait.wait_s for wait in WAITS if abs(wait.n_out - n_out) <= 5]
        assert statistics.mean(waits(n_out)) == pytest.approx(statistics.mean(like), rel=0.08)
        assert statistics.stdev(waits(n_out)) == pytest.approx(statistics.stdev(like), rel=0.5)


def study_of(*, slower: float = 1.0, power: float = 1.0) -> tuple[Wait, ...]:
    """Waits of people who are like those of the fit, but slower, and more or less alike."""
    rng = random.Random(9)
    waits = []
    for n in range(1000):
        n_out = n % 90 + 1
        person = typing_habits(n)
        wait_s = calibrated_s(person, n_in=20, n_out=n_out, first=False, rng=rng)
        waits.append(Wait(n_in=20, n_out=n_out, wait_s=slower * (wait_s + 0.5) ** power - 0.5))
    return tuple(waits)


def test_matched_to_people_like_those_of_the_fit_changes_nothing() -> None:
    tempo = tempo_of(study_of())
    assert tempo.stretch == pytest.approx(1, abs=0.06)
    for n_out in (1, 10, 40, 80):
        assert tempo.own.at(n_out) == pytest.approx(tempo.usual.at(n_out), abs=0.12)


def test_matched_takes_level_and_spread_from_the_study() -> None:
    like, other = tempo_of(study_of()), tempo_of(study_of(slower=2.0))
    assert other.own.at(40) - like.own.at(40) == pytest.approx(math.log(2), abs=0.01)
    assert tempo_of(study_of(power=0.5)).stretch == pytest.approx(0.5, rel=0.1)


def test_matched_never_repeats_a_person_s_wait_and_has_slow_and_quick_personas() -> None:
    rng, study = random.Random(8), study_of(slower=1.5)
    by_persona = [
        [
            math.log1p(matched_s(study, n_in=25, n_out=30, first=False, persona_seed=seed, rng=rng))
            for _ in range(40)
        ]
        for seed in range(60)
    ]
    assert len({wait for waits in by_persona for wait in waits}) == 60 * 40
    within = statistics.mean(statistics.variance(waits) for waits in by_persona)
    between = statistics.variance(statistics.mean(waits) for waits in by_persona) - within / 40
    assert 0.1 < between / (between + within) < 0.35


def test_first_message_of_a_burst_comes_sooner() -> None:
    rng = random.Random(4)
    soon, usual = (
        statistics.median(
            calibrated_s(typing_habits(n), n_in=25, n_out=20, first=False, rng=rng, bursts=bursts)
            for n in range(4000)
        )
        for bursts in (True, False)
    )
    assert soon < 0.85 * usual


def test_no_pacing_is_no_wait() -> None:
    wait = delay_s("none", n_in=9, n_out=9, first=True, persona_seed=1, rng=random.Random(0))
    assert wait == 0.0


def test_unknown_rule_is_refused() -> None:
    with pytest.raises(PacingUnknown) as caught:
        delay_s("psychic", n_in=1, n_out=1, first=True, persona_seed=1, rng=random.Random(0))
    assert str(caught.value) == (
        "There is no pacing rule 'psychic'. Expected one of calibrated, matched, rounds, "
        "published, none. "
        "Correct it in the machine profile."
    )
