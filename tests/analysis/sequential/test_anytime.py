"""Sequential methods: edges, and that they say what they are valid for."""

import numpy as np
import pytest

import analysis as ta
from analysis.numerics import arrays
from analysis.survival import logrank_scores
from tests.analysis.golden import assert_same, column, integers, reference

CORRECT = integers("verdicts", "correct")
TIME = integers("sessions", "wall_s")
RIGHT = (integers("sessions", "outcome") == 1).astype(int)
ADVERSARIAL = np.array([int(c == "adversarial") for c in column("sessions", "strategy_first")])


def test_score_of_all_rooms_equals_r() -> None:
    given = logrank_scores.rooms(TIME, RIGHT, ADVERSARIAL, start=None)
    plain = logrank_scores.after_each_room(given, None)
    wanted = reference("logrank")["ses_strategy_first"]
    assert_same(plain.score[-1], wanted["observed"][0] - wanted["expected"][0])
    assert_same(plain.variance[-1], wanted["var"][0][0])
    people = arrays.groups(column("sessions", "interrogator_id"), name="cluster", n=len(TIME))
    assert people is not None
    summed = logrank_scores.after_each_room(given, people)
    factor = people.count / (people.count - 1)
    robust = reference("logrank_cluster")["ses_adv_cluster"]["robust_score"]
    assert_same(summed.score[-1] ** 2 / (summed.variance[-1] / factor), robust)


def test_interval_and_e_value_agree() -> None:
    for watched in (
        ta.mixture_win_rate(CORRECT, p0=0.45),
        ta.betting_mean(CORRECT, mean=0.45),
        ta.logrank_mixture(TIME, RIGHT, ADVERSARIAL, planned_events=250),
    ):
        outside = (watched.null_value < watched.low) | (watched.null_value > watched.high)
        refuted = watched.e_value >= watched.threshold
        np.testing.assert_array_equal(outside, refuted)


def test_exact_interval_is_no_narrower_than_its_e_value() -> None:
    watched = ta.logrank_e_process(TIME, RIGHT, ADVERSARIAL, theta=0.5)
    outside = (watched.low > 1) | (watched.high < 1)
    assert not (outside & (watched.e_value < watched.threshold)).any()
    assert watched.low[-1] < watched.estimate[-1] < watched.high[-1]


def test_table_has_a_row_for_each_look() -> None:
    table = ta.mixture_win_rate([1, 0, 1]).table
    assert list(table) == ["n", "estimate", "low", "high", "e_value"]
    assert list(table["n"]) == [1, 2, 3]


@pytest.mark.parametrize(
    "watched",
    [
        ta.mixture_win_rate([1, 0]),
        ta.betting_mean([0.2, 0.8]),
        ta.logrank_e_process([1, 2], [1, 1], [0, 1]),
        ta.logrank_mixture([1, 2], [1, 1], [0, 1], planned_events=9),
        ta.randomisation_e_process([1, 2], [1, 1], [0, 1]),
    ],
    ids=lambda watched: watched.method[:20],
)
def test_result_names_its_null(watched: ta.Sequential) -> None:
    assert watched.null and watched.not_for and watched.source and watched.clustering == "none"
    assert "Not valid for:" in watched._repr_html_()


@pytest.mark.parametrize(
    "watched",
    [
        ta.mixture_win_rate([]),
        ta.betting_mean([]),
        ta.logrank_e_process([], [], []),
        ta.logrank_mixture([], [], [], planned_events=9),
        ta.randomisation_e_process([], [], []),
    ],
    ids=lambda watched: watched.method[:20],
)
def test_no_data_is_no_look(watched: ta.Sequential) -> None:
    assert (watched.n, len(watched.table), watched.refuted_at) == (0, 0, None)


def test_all_alike_reaches_the_ends() -> None:
    assert ta.mixture_win_rate([0, 0, 0]).low.tolist() == [0, 0, 0]
    assert ta.mixture_win_rate([1, 1, 1]).high.tolist() == [1, 1, 1]
    assert ta.betting_mean([0.0] * 90).low.tolist() == [0.0] * 90
    assert np.isposinf(ta.mixture_win_rate([1] * 1100).e_value[-1])


def test_no_events_are_no_evidence() -> None:
    watched = ta.logrank_mixture([3, 4], [0, 0], [0, 1], planned_events=9)
    np.testing.assert_allclose(watched.e_value, [1, 1])
    assert np.isinf(watched.high).all() and np.isnan(watched.estimate).all()


def test_rooms_in_turn_are_the_same_with_their_opening_times() -> None:
    time, event, group = TIME[:80], RIGHT[:80], ADVERSARIAL[:80]
    start = np.concatenate([[0], np.cumsum(time)[:-1]])
    turn = ta.logrank_mixture(time, event, group, planned_events=50)
    opened = ta.logrank_mixture(time, event, group, planned_events=50, start=start)
    np.testing.assert_allclose(turn.e_value, opened.e_value, rtol=1e-12)


def test_looking_back_changes_nothing() -> None:
    whole = ta.logrank_mixture(TIME, RIGHT, ADVERSARIAL, planned_events=250)
    half = ta.logrank_mixture(TIME[:300], RIGHT[:300], ADVERSARIAL[:300], planned_events=250)
    np.testing.assert_array_equal(whole.e_value[:300], half.e_value)
    bets = ta.randomisation_e_process(TIME, RIGHT, ADVERSARIAL)
    some = ta.randomisation_e_process(TIME[:99], RIGHT[:99], ADVERSARIAL[:99])
    np.testing.assert_array_equal(bets.e_value[:99], some.e_value)


def test_clusters_give_one_value_each() -> None:
    who = ["ann", "bob", "ann", "cy"]
    first = ta.mixture_win_rate([1, 0, 0, 1], cluster=who)
    assert first.estimate.tolist() == [1, 0.5, 2 / 3]
    means = ta.betting_mean([1.0, 0.0, 0.5, 1.0], cluster=who)
    assert means.estimate.tolist() == [0.0, 0.375, 1.75 / 3]
    bets = ta.randomisation_e_process([1, 2, 3, 4], [1, 1, 1, 1], [1, 0, 1, 0], cluster=who)
    assert (bets.n, bets.clustering) == (3, "one bet for each of 3 clusters")


def test_e_bh_and_e_holm_decide_by_hand() -> None:
    assert ta.e_bh([90, 45, 3, 0.2]).adjusted.tolist() == [22.5, 22.5, 2.25, 0.2]
    assert ta.e_holm([90, 45, 3, 0.2]).refuted.tolist() == [True, False, False, False]
    assert ta.e_bh([]).n == ta.e_holm([]).n == 0
    assert ta.e_holm([30.0]).adjusted.tolist() == [30.0]
    assert list(ta.e_bh([5.0]).table) == ["e_value", "adjusted", "refuted"]


def test_e_holm_is_the_smallest_mean_over_all_companies() -> None:
    from itertools import combinations

    e = np.array([40.0, 12.0, 0.5, 7.0, 90.0])
    for k, found in enumerate(ta.e_holm(e).adjusted):
        others = [i for i in range(len(e)) if i != k]
        companies = (c for r in range(len(e)) for c in combinations(others, r))
        assert found == pytest.approx(min(np.mean(e[[k, *c]]) for c in companies))


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: ta.mixture_win_rate([1, 2]), "row 1 .counted from 0."),
        (lambda: ta.mixture_win_rate([1], p0=1), r"`p0` must be between 0 and 1 \(got 1"),
        (lambda: ta.mixture_win_rate([1], a=0), r"`a` must be a finite number above 0 \(got 0"),
        (lambda: ta.betting_mean([0.5, 1.5, 1.7]), "1.5, 1.7 in rows 1, 2 .counted from 0."),
        (lambda: ta.betting_mean([0.5], points=0), r"`points` must be at least 1 \(got 0"),
        (lambda: ta.logrank_e_process([1, -2], [1, 1], [0, 1]), "-2 in row 1"),
        (lambda: ta.logrank_e_process([1], [1], [0], theta=1), "`theta` must differ from 1"),
        (
            lambda: ta.logrank_e_process([5], [1], [0], start=[5]),
            "`stop` must be after `start` .is not in row 0",
        ),
        (
            lambda: ta.logrank_mixture([1], [1], [0], planned_events=0),
            r"`planned_events` must be .* above 0 \(got 0",
        ),
        (
            lambda: ta.logrank_mixture([1], [1], [0], planned_events=9, start=[1, 2]),
            "must have 1 rows",
        ),
        (
            lambda: ta.randomisation_e_process([1, 2], [1, 1], [0, 1], cluster=["a", "a"]),
            "in all rows of a cluster .changes in row 1",
        ),
        (lambda: ta.e_bh([1, -1]), "-1.0 in row 1"),
        (lambda: ta.e_holm([np.inf]), "`e_values` must be finite"),
    ],
)
def test_refusals_name_the_value_and_the_row(call: object, words: str) -> None:
    with pytest.raises(ta.ArgumentError, match=words):
        call()  # type: ignore[operator]
