"""Log-rank and Gray's tests against their definitions, and what they must refuse."""

import math

import numpy as np
import pytest

import analysis as ta
from tests.analysis.golden import assert_same, column, integers

WALL, OUTCOME = integers("sessions", "wall_s"), integers("sessions", "outcome")
MESSAGES = integers("sessions", "n_messages")
STRATEGY, WHO = column("sessions", "strategy_first"), column("sessions", "interrogator_id")
ALPHABETICAL = ["adversarial", "consistency", "knowledge", "smalltalk"]


def test_one_group_per_stratum_leaves_nothing_to_compare() -> None:
    found = ta.logrank([1, 2, 3, 4], [1, 1, 1, 1], list("aabb"), strata=list("xxyy"))
    assert math.isnan(found.statistic)


def test_strata_add_up() -> None:
    time, event, group = [1, 2, 3, 4, 5, 6, 7, 8], [1, 1, 0, 1, 1, 1, 1, 0], list("abababab")
    strata = list("xxxxyyyy")
    parts = [ta.logrank(time[s], event[s], group[s]) for s in (slice(0, 4), slice(4, 8))]
    found = ta.logrank(time, event, group, strata=strata)
    assert_same(found.expected, parts[0].expected + parts[1].expected)
    score = found.observed[1] - found.expected[1]
    variance = parts[0].covariance[1, 1] + parts[1].covariance[1, 1]
    assert_same(found.statistic, score**2 / variance)


@pytest.mark.parametrize(
    ("options", "weigh"),
    [
        ({"weights": "gehan"}, lambda n, s: n),
        ({"weights": "tarone-ware"}, lambda n, s: np.sqrt(n)),
        ({"weights": "fleming-harrington", "rho": 1}, lambda n, s: s),
        (
            {"weights": "fleming-harrington", "rho": 0.5, "gamma": 2},
            lambda n, s: s**0.5 * (1 - s) ** 2,
        ),
        ({"weights": "fleming-harrington"}, lambda n, s: np.ones(len(n))),
    ],
)
def test_weights_are_those_of_the_definition(options: dict, weigh: object) -> None:
    first = np.array(STRATEGY) == "adversarial"
    found = ta.logrank(MESSAGES, OUTCOME == 1, first, **options)
    times = np.unique(MESSAGES[OUTCOME == 1])
    at_risk = (MESSAGES[:, None] >= times).astype(float)
    event = ((MESSAGES[:, None] == times) & (OUTCOME == 1)[:, None]).astype(float)
    n, d = at_risk.sum(axis=0), event.sum(axis=0)
    n1, d1 = at_risk[first].sum(axis=0), event[first].sum(axis=0)
    before = np.concatenate([[1.0], np.cumprod(1 - d / n)[:-1]])
    w = weigh(n, before)
    score = (w * (d1 - d * n1 / n)).sum()
    variance = (w**2 * d * n1 / n * (1 - n1 / n) * (n - d) / np.maximum(n - 1, 1)).sum()
    assert_same(found.statistic, score**2 / variance)


def test_clustered_score_is_that_of_summed_martingale_residuals() -> None:
    group = np.array(STRATEGY) == "adversarial"
    event, cluster = OUTCOME == 1, np.unique(WHO, return_inverse=True)[1]
    found = ta.logrank(MESSAGES, event, group, cluster=WHO, weights="gehan")
    times = np.unique(MESSAGES[event])
    at_risk = (MESSAGES[:, None] >= times).astype(float)
    jumps = ((MESSAGES[:, None] == times) & event[:, None]).astype(float)
    n, share = at_risk.sum(axis=0), at_risk[group].sum(axis=0) / at_risk.sum(axis=0)
    due = at_risk * jumps.sum(axis=0) / n
    score = (n * (group[:, None] - share) * (jumps - due)).sum(axis=1)
    sums = np.bincount(cluster, weights=score)
    assert_same(found.statistic, score.sum() ** 2 / (sums**2).sum())


def test_gray_without_a_second_cause_expects_what_logrank_expects() -> None:
    plain = ta.logrank(WALL, OUTCOME > 0, STRATEGY)
    found = ta.gray_test(WALL, OUTCOME > 0, STRATEGY)
    assert_same(found.expected, plain.expected)
    assert abs(found.statistic / plain.statistic - 1) < 0.05


def test_gray_with_rows_as_clusters_is_near_the_plain_test() -> None:
    for strata in (None, column("sessions", "model_id")):
        plain, single = (
            ta.gray_test(WALL, OUTCOME, STRATEGY, strata=strata, cluster=cluster)
            for cluster in (None, range(len(WALL)))
        )
        assert_same(single.expected, plain.expected)
        assert abs(single.statistic / plain.statistic - 1) < 0.15
        assert single.n_clusters == len(WALL)


def test_gray_of_the_other_cause_is_the_test_with_codes_exchanged() -> None:
    swapped = np.array([0, 2, 1])[OUTCOME]
    one = ta.gray_test(WALL, OUTCOME, STRATEGY, of=2, rho=1, strata=WHO)
    two = ta.gray_test(WALL, swapped, STRATEGY, of=1, rho=1, strata=WHO)
    assert_same(one.statistic, two.statistic)


def test_order_and_names_of_groups_do_not_matter() -> None:
    order = np.random.default_rng(3).permutation(len(WALL))
    for test, what in ((ta.logrank, OUTCOME == 1), (ta.gray_test, OUTCOME)):
        one = test(WALL, what, STRATEGY)
        two = test(WALL[order], what[order], np.array([name[::-1] for name in STRATEGY])[order])
        np.testing.assert_allclose(one.statistic, two.statistic, rtol=1e-10)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"group": list("aabc")}, r"at least 2 rows for each label \(got only rows 2, 3 \(counted"),
        ({"group": list("aaaa")}, r"`group` must have at least 2 different labels \(got 1"),
        ({"group": ["a", "a", "b", None]}, "row 3"),
        ({"time": [1, 2, -3, 4]}, "row 2"),
        ({"event": [0, 1, 2, 1]}, "holds 2 in row 2"),
        ({"weights": "peto"}, "`weights` must be one of logrank, gehan"),
        ({"rho": 1}, r"belong to fleming-harrington weights \(got 1 and 0 with logrank"),
        ({"weights": "fleming-harrington", "rho": -1}, r"must be 0 or more \(got -1 and 0"),
        ({"strata": [1, 1]}, r"`strata` must have 4 rows, one each \(got 2"),
    ],
)
def test_bad_comparisons_are_refused(change: dict, says: str) -> None:
    given = {"time": [1, 2, 3, 4], "event": [1, 1, 0, 1], "group": list("aabb")}
    with pytest.raises(ta.ArgumentError, match=says):
        ta.logrank(**(given | change))


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"of": 3}, r"`of` must be 1 \(right\) or 2 \(wrong\) \(got 3"),
        ({"rho": math.nan}, r"`rho` must be a finite number \(got nan"),
        ({"cause": [0, 1, 3, 1]}, "holds 3 in row 2"),
        ({"group": list("aaab")}, r"for each label \(got only row 3"),
    ],
)
def test_bad_incidence_comparisons_are_refused(change: dict, says: str) -> None:
    given = {"time": [1, 2, 3, 4], "cause": [1, 2, 0, 1], "group": list("aabb")}
    with pytest.raises(ta.ArgumentError, match=says):
        ta.gray_test(**(given | change))


def test_no_event_gives_no_number() -> None:
    for test in (ta.logrank, ta.gray_test):
        found = test([1, 2, 3, 4], [0, 0, 0, 0], list("aabb"))
        assert math.isnan(found.statistic)
        assert math.isnan(found.p_value)


def test_two_clusters_are_too_few() -> None:
    found = ta.logrank([1, 2, 3, 4, 5, 6], [1] * 6, list("abcabc"), cluster=list("xxxyyy"))
    assert math.isnan(found.statistic)
    assert found.df == 2


def test_result_shows_itself() -> None:
    found = ta.logrank(WALL, OUTCOME == 1, STRATEGY, cluster=WHO)
    html = found._repr_html_()
    assert f"{len(set(WHO))} clusters" in html
    assert "knowledge" in html
    assert str(found).startswith("chi-squared")


@pytest.mark.monte_carlo
def test_false_alarms_stay_at_the_level_where_plain_tests_fail() -> None:
    rng = np.random.default_rng(20261123)
    n_people, n_each, n_studies, alarms = 30, 10, 1500, np.zeros(3)
    who = np.arange(n_people).repeat(n_each)
    for _ in range(n_studies):
        pace = rng.gamma(1.5, 1 / 1.5, n_people).repeat(n_each)
        time = np.ceil(rng.exponential(1 / pace) * 200).astype(int)
        event, time = time < 300, np.minimum(time, 300)
        trait = (rng.permutation(n_people) % 2).repeat(n_each)
        choice = rng.integers(0, 2, len(who))
        alarms += [
            ta.logrank(time, event, trait, cluster=who).p_value < 0.05,
            ta.logrank(time, event, trait).p_value < 0.05,
            ta.logrank(time, event, choice, cluster=who).p_value < 0.05,
        ]
    by_trait, plain, by_choice = alarms / n_studies
    reach = 3 * math.sqrt(0.05 * 0.95 / n_studies)
    assert by_trait < 0.05 + reach
    assert by_choice < 0.05 + reach
    assert min(by_trait, by_choice) > 0.02
    assert plain > 0.2


@pytest.mark.monte_carlo
def test_clustered_gray_keeps_its_level_where_the_plain_test_does_not() -> None:
    rng, design = np.random.default_rng(20261124), ta.Design(no_show_share=0)
    n_studies, alarms = 1000, np.zeros(3)
    for _ in range(n_studies):
        rooms = ta.draw_times(design, n_rooms=450, n_interrogators=30, rng=rng)
        time, who = -(-rooms.time // 1000), rooms.interrogator
        trait = (rng.permutation(30) % 2)[who]
        choice = rng.integers(0, 2, len(who))
        alarms += [
            ta.gray_test(time, rooms.cause, trait, cluster=who).p_value < 0.05,
            ta.gray_test(time, rooms.cause, choice, cluster=who).p_value < 0.05,
            ta.gray_test(time, rooms.cause, trait).p_value < 0.05,
        ]
    by_trait, by_choice, plain = alarms / n_studies
    limit = 0.05 + 3 * math.sqrt(0.05 * 0.95 / n_studies)
    assert max(by_trait, by_choice) < limit
    assert min(by_trait, by_choice) > 0.02
    assert plain > limit


@pytest.mark.monte_carlo
def test_gray_keeps_its_level_and_sees_a_difference() -> None:
    rng = np.random.default_rng(7)
    n, n_studies, alarms = 200, 1000, np.zeros(2)
    group = np.arange(n) % 2
    for _ in range(n_studies):
        time = np.ceil(rng.exponential(60, n)).astype(int)
        censored = rng.integers(20, 150, n)
        for k, share in enumerate((0.6, 0.6 - 0.3 * group)):
            cause = np.where(rng.random(n) < share, 1, 2)
            cause[time > censored] = 0
            found = ta.gray_test(np.minimum(time, censored), cause, group)
            alarms[k] += found.p_value < 0.05
    level, power = alarms / n_studies
    assert abs(level - 0.05) < 3 * math.sqrt(0.05 * 0.95 / n_studies)
    assert power > 0.7
