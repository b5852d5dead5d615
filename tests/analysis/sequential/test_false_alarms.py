"""False alarms under a look after every room: kept by what is offered, not by ordinary tests."""

from collections.abc import Callable

import numpy as np
import pytest

import analysis as ta

ALPHA = 0.05
MEANS, TIMES = 600, 300  # replications
N_VERDICTS, N_ROOMS = 400, 160

Rng = np.random.Generator
Draw = Callable[[Rng], tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]]


def allowed(replications: int) -> float:
    return ALPHA + 3 * np.sqrt(ALPHA * (1 - ALPHA) / replications)


def share(replications: int, alarm: Callable[[Rng], bool]) -> float:
    return float(np.mean([alarm(np.random.default_rng([7, k])) for k in range(replications)]))


def refuted(watched: ta.Sequential) -> bool:
    left_out = (watched.low > watched.null_value) | (watched.high < watched.null_value)
    return watched.refuted_at is not None or bool(left_out.any())


def sided(rng: Rng) -> np.ndarray:
    """Verdicts of people who return and prefer a side, while the machine's side is drawn."""
    prefers_a = rng.beta(0.5, 0.5, 20)[np.arange(N_VERDICTS) % 20]
    said = rng.random(N_VERDICTS) < prefers_a
    return (said == (rng.random(N_VERDICTS) < 0.5)).astype(int)


def people(rng: Rng) -> tuple[np.ndarray, np.ndarray]:
    """Verdicts of people who differ and are right half the time on average, in random turns."""
    skill = rng.beta(2.5, 2.5, 20)
    who = rng.permutation(np.arange(N_VERDICTS) % 20)
    return (rng.random(N_VERDICTS) < skill[who]).astype(int), who


def ordinary(right: np.ndarray) -> bool:
    n = np.arange(1, len(right) + 1)
    z = (np.cumsum(right) - n / 2) / np.sqrt(n / 4)
    return bool((np.abs(z[9:]) > 1.96).any())


@pytest.mark.monte_carlo
def test_mixture_stands_returning_people_when_sides_are_drawn() -> None:
    kept = share(MEANS, lambda rng: refuted(ta.mixture_win_rate(sided(rng))))
    assert kept <= allowed(MEANS)
    assert share(MEANS, lambda rng: ordinary(sided(rng))) > allowed(MEANS)


@pytest.mark.monte_carlo
def test_mixture_of_first_rooms_stands_people_who_differ() -> None:
    def with_many(rng: Rng, clustered: bool) -> ta.Sequential:
        right, who = people(rng)
        return ta.mixture_win_rate(right, cluster=who if clustered else None)

    assert share(MEANS, lambda rng: refuted(with_many(rng, True))) <= allowed(MEANS)
    # What `not_for` says of the unclustered test is so.
    assert share(MEANS, lambda rng: refuted(with_many(rng, False))) > allowed(MEANS)


def test_ordinary_t_test_of_scores_fails_the_same_check() -> None:
    def alarm(rng: Rng) -> bool:
        scores = rng.beta(0.4, 0.4, N_VERDICTS)
        n = np.arange(1, N_VERDICTS + 1)
        mean = np.cumsum(scores) / n
        spread = np.cumsum(scores**2) / n - mean**2
        t = (mean - 0.5) / np.sqrt(np.maximum(spread, 1e-9) / n)
        return bool((np.abs(t[29:]) > 1.96).any())

    assert share(TIMES, alarm) > allowed(TIMES)


@pytest.mark.monte_carlo
def test_betting_stands_any_scores_and_people_by_their_means() -> None:
    def scores(rng: Rng) -> ta.Sequential:
        return ta.betting_mean(rng.beta(0.4, 0.4, N_VERDICTS), points=200)

    def by_person(rng: Rng) -> ta.Sequential:
        right, who = people(rng)
        return ta.betting_mean(right, cluster=who, points=200)

    assert share(TIMES, lambda rng: refuted(scores(rng))) <= allowed(TIMES)
    assert share(TIMES, lambda rng: refuted(by_person(rng))) <= allowed(TIMES)


def plain(rng: Rng) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Independent rooms of constant hazard: time, event, group, who."""
    return _rooms(rng, np.ones(N_ROOMS), shape=1.0)


def frail(rng: Rng) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Interrogators of very different pace; a group is drawn for each room."""
    pace = rng.gamma(1, 1, 16)[np.arange(N_ROOMS) % 16]
    return _rooms(rng, pace, shape=1.0)


def ageing(rng: Rng) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """A hazard that falls with the age of the room."""
    return _rooms(rng, np.ones(N_ROOMS), shape=0.5)


def by_person(rng: Rng) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Different paces, and one group drawn for each interrogator."""
    time, event, _, who = frail(rng)
    return time, event, rng.integers(0, 2, 16)[who], who


def _rooms(
    rng: Rng, pace: np.ndarray, *, shape: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    time = (rng.exponential(1, N_ROOMS) / pace) ** (1 / shape)
    lost = rng.exponential(4, N_ROOMS)
    seen = np.minimum(np.minimum(time, lost), 5.0)
    who = np.arange(N_ROOMS) % 16
    return seen, (seen == time).astype(int), rng.integers(0, 2, N_ROOMS), who


def log_rank_at_every_room(draw: Draw) -> Callable[[Rng], bool]:
    """An ordinary test whenever a room ends, from the thirtieth room on."""
    from analysis.survival import logrank_scores

    def alarm(rng: Rng) -> bool:
        time, event, group, _ = draw(rng)
        given = logrank_scores.rooms(time, event, group, start=None)
        sums = logrank_scores.after_each_room(given, None)
        z = sums.score[30:] / np.sqrt(sums.information[30:])
        return bool((np.abs(z) > 1.96).any())

    return alarm


@pytest.mark.monte_carlo
@pytest.mark.parametrize("draw", [plain, frail, ageing], ids=["plain", "frail", "ageing"])
def test_gaussian_mixture_stands_any_hazard_where_rooms_draw_groups(draw: Draw) -> None:
    def watched(rng: Rng) -> bool:
        time, event, group, _ = draw(rng)
        return refuted(ta.logrank_mixture(time, event, group, planned_events=N_ROOMS))

    assert share(TIMES, watched) <= allowed(TIMES)


@pytest.mark.monte_carlo
def test_gaussian_mixture_stands_rooms_that_overlap() -> None:
    def watched(rng: Rng) -> bool:
        time, event, group, _ = ageing(rng)
        start = np.cumsum(rng.exponential(0.05, N_ROOMS))
        planned = N_ROOMS // 2
        return refuted(ta.logrank_mixture(time, event, group, start=start, planned_events=planned))

    assert share(TIMES, watched) <= allowed(TIMES)


@pytest.mark.monte_carlo
def test_ordinary_log_rank_fails_the_same_check() -> None:
    assert share(TIMES, log_rank_at_every_room(plain)) > allowed(TIMES)


@pytest.mark.monte_carlo
def test_gaussian_mixture_by_cluster_stands_groups_of_people() -> None:
    def watched(rng: Rng) -> bool:
        time, event, group, who = by_person(rng)
        mixed = ta.logrank_mixture(time, event, group, planned_events=N_ROOMS, cluster=who)
        return refuted(mixed)

    assert share(TIMES, watched) <= allowed(TIMES)


@pytest.mark.monte_carlo
@pytest.mark.parametrize(
    ("draw", "clustered"),
    [(plain, False), (frail, False), (ageing, False), (by_person, True)],
    ids=["plain", "frail", "ageing", "by person"],
)
def test_randomisation_stands_everything(draw: Draw, clustered: bool) -> None:
    def watched(rng: Rng) -> bool:
        time, event, group, who = draw(rng)
        cluster = who if clustered else None
        bets = ta.randomisation_e_process(time, event, group, cluster=cluster)
        return bets.refuted_at is not None

    assert share(TIMES, watched) <= allowed(TIMES)


def on_the_calendar(rng: Rng, draw: Draw) -> ta.Sequential:
    """The exact test of rooms that open one after another and overlap."""
    time, event, group, _ = draw(rng)
    start = np.cumsum(rng.exponential(0.05, N_ROOMS))
    return ta.logrank_e_process(start + time, event, group, start=start, points=8)


@pytest.mark.monte_carlo
def test_exact_log_rank_stands_a_hazard_of_the_calendar_alone() -> None:
    assert share(TIMES, lambda rng: refuted(on_the_calendar(rng, plain))) <= allowed(TIMES)


@pytest.mark.monte_carlo
def test_exact_log_rank_fails_where_it_says_so() -> None:
    def watched(rng: Rng) -> bool:
        time, event, group, _ = by_person(rng)
        start = np.cumsum(rng.exponential(0.05, N_ROOMS))
        return refuted(ta.logrank_e_process(start + time, event, group, start=start, points=8))

    assert share(TIMES, watched) > allowed(TIMES)


@pytest.mark.monte_carlo
@pytest.mark.parametrize("together", [ta.e_holm, ta.e_bh])
def test_many_true_nulls_are_rarely_refuted(
    together: Callable[[list[float]], ta.Refuted],
) -> None:
    def alarm(rng: Rng) -> bool:
        e = [ta.mixture_win_rate(rng.integers(0, 2, 60)).e_value[-1] for _ in range(5)]
        return bool(together(e).refuted.any())

    assert share(TIMES, alarm) <= allowed(TIMES)
