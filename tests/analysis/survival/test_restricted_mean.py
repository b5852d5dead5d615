"""Differences of mean times lost: the areas, their errors, and people who are in both groups."""

import numpy as np
import pytest

import analysis as ta

RNG = np.random.default_rng(11)
N = 240
TIME = RNG.integers(1, 100, N)
CAUSE = RNG.integers(0, 3, N)
GROUP = np.where(RNG.random(N) < 0.4, "a", "b")


@pytest.mark.parametrize("of", [1, 2])
def test_difference_is_that_of_the_two_areas(of: int) -> None:
    found = ta.time_lost_differences(TIME, CAUSE, GROUP, tau=60, of=of)
    first, second = (
        ta.cumulative_incidence(TIME[g == GROUP], CAUSE[g == GROUP]).time_lost(60, of)
        for g in (found.first[0], found.second[0])
    )
    assert found.value[0] == pytest.approx(first.value - second.value, rel=1e-12)
    error = np.hypot(first.std_error, second.std_error)
    assert found.std_error[0] == pytest.approx(error, rel=1e-9)


def test_people_of_one_group_each_count_like_two_samples() -> None:
    people = np.where(GROUP == "a", np.arange(N) % 12, 100 + np.arange(N) % 15)
    found = ta.time_lost_differences(TIME, CAUSE, GROUP, tau=60, cluster=people)
    variance = 0.0
    for g in "ab":
        chosen = g == GROUP
        area = ta.cumulative_incidence(TIME[chosen], CAUSE[chosen], cluster=people[chosen])
        variance += area.time_lost(60).std_error ** 2
    assert found.n_clusters is not None
    assert found.n_clusters.tolist() == [27]
    assert found.std_error[0] == pytest.approx(np.sqrt(variance), rel=1e-9)


def test_people_in_both_groups_cancel_out() -> None:
    """Who is quick is quick in both groups, so the difference knows more than two samples would."""
    people = np.repeat(np.arange(30), 20)
    group = np.tile(["a", "b"], 300)
    pace = RNG.gamma(0.5, 2, 30)[people]
    time = np.ceil(RNG.exponential(1, 600) / pace * 50)
    apart = np.where(group == "a", people, 100 + people)
    cause = np.ones(600, dtype=int)
    crossed, separate = (
        ta.time_lost_differences(time, cause, group, tau=100, cluster=who)
        for who in (people, apart)
    )
    assert crossed.value[0] == separate.value[0]
    assert crossed.std_error[0] < 0.8 * separate.std_error[0]


def test_no_difference_is_called_one_as_often_as_promised() -> None:
    rng, wrong = np.random.default_rng(3), 0
    for _ in range(400):
        people = np.repeat(np.arange(20), 8)
        pace = rng.gamma(2, 0.5, 20)[people]
        time = np.ceil(rng.exponential(1, 160) / pace * 50)
        cause = np.where(time > 120, 0, rng.integers(1, 3, 160))
        found = ta.time_lost_differences(
            np.minimum(time, 120), cause, rng.permuted(np.tile([0, 1], 80)), tau=100, cluster=people
        )
        wrong += int(found.p_value[0] < 0.05)
    assert 0.02 <= wrong / 400 <= 0.09


def test_pairs_are_adjusted_together() -> None:
    group = np.array(["x", "y", "z"])[np.arange(N) % 3]
    table = ta.time_lost_differences(TIME, CAUSE, group, tau=50).table
    assert len(table) == 3
    assert table["p_holm"].to_list() == pytest.approx(ta.holm(table["p_value"]).tolist())


@pytest.mark.parametrize(
    ("time", "group", "words"),
    [
        ([1, 2, 3, 4], list("aaaa"), r"`group` must have at least 2 different labels \(got 1"),
        ([1, 2, 3, 4], list("aabb"), "that of a ends at 2 with rows still undecided"),
    ],
)
def test_what_cannot_be_compared_is_refused(time: list[int], group: list[str], words: str) -> None:
    with pytest.raises(ta.ArgumentError, match=words):
        ta.time_lost_differences(time, [1, 0, 1, 0], group, tau=3)
