"""Cox regression against R's results, on rows that start late, repeat and tie."""

import math

import numpy as np
import pandas as pd
import pytest

import analysis as ta
from tests.analysis.golden import column, integers, reference

CODED = ("adversarial", "consistency", "knowledge")
MODELS = ("m1", "m2", "m3")
START, STOP = integers("episodes", "start"), integers("episodes", "stop")
OUTCOME, WHO = integers("episodes", "outcome"), column("episodes", "interrogator_id")
WALL, ENDED = integers("sessions", "wall_s"), integers("sessions", "outcome")
PERSON = column("sessions", "interrogator_id")

# Edmonson et al., Cancer Treatment Reports 63 (1979): days, death, age, performance status.
OVARIAN = """
59 1 72.3315 1 115 1 74.4932 1 156 1 66.4658 2 421 0 53.3644 1 431 1 50.3397 1 448 0 56.4301 2
464 1 56.9370 2 475 1 59.8548 2 477 0 64.1753 1 563 1 55.1781 2 638 1 56.7562 2 744 0 50.1096 1
769 0 59.6301 2 770 0 57.0521 1 803 0 39.2712 1 855 0 43.1233 2 1040 0 38.8932 2 1106 0 44.6 1
1129 0 53.9068 1 1206 0 44.2055 1 1227 0 59.5890 2 268 1 74.5041 2 329 1 43.1370 1 353 1 63.2192 2
365 1 64.4247 1 377 0 58.3096 1
"""


def ovarian() -> np.ndarray:
    return np.array([float(number) for number in OVARIAN.split()]).reshape(-1, 4).T


def coded(table: str, strategy: str, *, models: bool = True) -> dict[str, np.ndarray]:
    used, model = np.array(column(table, strategy)), np.array(column(table, "model_id"))
    columns = {name: used == name for name in CODED}
    return columns | ({name: model == name for name in MODELS} if models else {})


def assert_near(found: object, wanted: object, rtol: float = 1e-6) -> None:
    np.testing.assert_allclose(np.ravel(found), np.ravel(wanted), rtol=rtol)


@pytest.mark.parametrize(
    ("entry", "cause", "strata"),
    [
        ("episodes_cause1_interrog", 1, None),
        ("episodes_cause2_interrog", 2, None),
        ("episodes_cause1_strat_model", 1, column("episodes", "model_id")),
    ],
)
def test_start_stop_models_equal_r(entry: str, cause: int, strata: list[str] | None) -> None:
    X = coded("episodes", "strategy", models=strata is None)
    found = ta.cox(START, STOP, cause == OUTCOME, X, cluster=WHO, strata=strata)
    assert_model(found, reference("cox")[entry])


def test_model_of_rooms_equals_r() -> None:
    X = coded("sessions", "strategy_first")
    found = ta.cox(None, WALL, ENDED == 1, X, cluster=PERSON)
    assert_model(found, reference("cox")["sessions_first_modal_bias"])


def assert_model(found: ta.Cox, wanted: dict) -> None:
    factor = found.n_clusters / (found.n_clusters - 1)
    assert (found.n, found.n_events) == (wanted["n"], wanted["nevent"])
    assert_near(found.coefficients, list(wanted["coef"].values()))
    assert_near(np.sqrt(np.diag(found.model_covariance)), wanted["se_model"])
    assert_near(found.std_error / math.sqrt(factor), wanted["se_robust"])
    assert_near(found.covariance / factor, wanted["vcov"])
    assert_near([found.log_likelihood_null, found.log_likelihood], wanted["loglik"], 1e-12)
    assert_near(found.score.statistic, wanted["robust_score"], 1e-9)
    assert round(found.wald.statistic * factor, 2) == wanted["wald"]
    assert math.isnan(found.likelihood_ratio.statistic)


def test_tests_without_clusters_equal_r() -> None:
    wanted = reference("cox")["episodes_cause1_interrog"]
    found = ta.cox(START, STOP, OUTCOME == 1, coded("episodes", "strategy"))
    assert_near(found.likelihood_ratio.statistic, wanted["lrt"])
    assert_near(found.score.statistic, wanted["score"])
    assert found.covariance is found.model_covariance


def test_robust_score_of_three_models_equals_r() -> None:
    wanted = reference("logrank_cluster")["ses_model"]
    model = np.array(column("sessions", "model_id"))
    X = {name: model == name for name in MODELS}
    found = ta.cox(None, WALL, ENDED == 1, X, cluster=PERSON)
    assert_near(found.score.statistic, wanted["robust_score"], 1e-9)
    assert_near(found.score.p_value, wanted["robust_p"], 1e-9)
    assert_near(ta.cox(None, WALL, ENDED == 1, X).score.statistic, wanted["naive_score"], 1e-9)


@pytest.mark.parametrize("ties", ["efron", "breslow"])
def test_heavy_ties_equal_r(ties: str) -> None:
    wanted = reference("message_clock")[ties]
    X = coded("sessions", "strategy_first", models=False)
    found = ta.cox(None, integers("sessions", "n_messages"), ENDED == 1, X, ties=ties)
    assert_near(found.coefficients, wanted["coef"])
    assert_near(found.std_error, wanted["se"])
    assert_near([found.log_likelihood_null, found.log_likelihood], wanted["loglik"], 1e-12)


def test_only_coding_over_time_finds_the_true_strategy_effect() -> None:
    wanted = reference("strategy_coding")
    found = ta.cox(START, STOP, OUTCOME == 1, coded("episodes", "strategy"), cluster=WHO)
    pressed = {
        room
        for room, used in zip(
            column("episodes", "session_id"), column("episodes", "strategy"), strict=True
        )
        if used == "adversarial"
    }
    ever = np.array([room in pressed for room in column("sessions", "session_id")])
    models = {k: v for k, v in coded("sessions", "strategy_first").items() if k in MODELS}
    event = ENDED == 1
    others = {
        "first_strategy_diluted": coded("sessions", "strategy_first"),
        "ever_used_immortal": {"ever": ever, **models},
        "modal_over_whole_session": coded("sessions", "strategy_modal"),
    }
    fits = {name: ta.cox(None, WALL, event, X, cluster=PERSON) for name, X in others.items()}
    for name, fit in {"time_varying": found, **fits}.items():
        factor = math.sqrt(fit.n_clusters / (fit.n_clusters - 1))
        assert_near(fit.coefficients[0], wanted[name]["coef"])
        assert_near(fit.std_error[0] / factor, wanted[name]["se_robust"])
    low, high = np.log(found.table.loc[0, ["low", "high"]].astype(float))
    assert low < wanted["truth"] < high
    assert fits["ever_used_immortal"].coefficients[0] < 0


def test_proportional_hazards_test_gives_the_published_numbers() -> None:
    days, death, age, status = ovarian()
    found = ta.cox(None, days, death, {"age": age, "status": status}).proportional_hazards()
    assert found.table["term"].tolist() == ["age", "status", "all"]
    assert found.statistic.round(3).tolist() == [0.698, 2.371, 3.633]
    assert found.df.tolist() == [1, 1, 2]
    assert found.p_value.round(2).tolist() == [0.4, 0.12, 0.16]


def test_proportional_hazards_test_is_the_score_test_of_the_wider_model() -> None:
    days, death, age, _ = ovarian()
    model = ta.cox(None, days, death, {"age": age})
    moments = np.unique(days[death == 1])
    before = np.concatenate([[0], moments[:-1]])
    cells = [(i, k) for i in range(len(days)) for k in range(len(moments)) if days[i] > before[k]]
    row, k = np.array(cells).T
    stop = np.minimum(days[row], moments[k])
    event = (death[row] == 1) & (days[row] == moments[k])
    wide = {"age": age[row], "age_by_time": age[row] * moments[k]}
    lasting = stop > before[k]
    columns = {name: values[lasting] for name, values in wide.items()}
    found = ta.cox(before[k][lasting], stop[lasting], event[lasting], columns)
    # Score, Wald and likelihood-ratio tests of one hypothesis are near each other.
    score = model.proportional_hazards("identity").statistic[0]
    assert abs(score - 2 * (found.log_likelihood - model.log_likelihood)) < 0.1
    assert abs(score - (found.coefficients[1] / found.std_error[1]) ** 2) < 0.1


def test_logarithm_of_time_zero_is_refused() -> None:
    model = ta.cox(None, [0, 1, 2, 3], [1, 1, 1, 0], {"x": [1, 0, 1, 0]})
    with pytest.raises(ta.ArgumentError, match="no logarithm"):
        model.proportional_hazards("log")
    with pytest.raises(ta.ArgumentError, match="choose one of km, identity, log"):
        model.proportional_hazards("rank")


def test_splitting_rows_changes_nothing() -> None:
    X = pd.DataFrame(coded("sessions", "strategy_first"))
    cut = np.random.default_rng(1).integers(1, 2000, len(WALL))
    early, late = cut < WALL, np.ones(len(WALL), bool)
    start = np.concatenate([np.zeros(len(WALL), int)[early], np.where(early, cut, 0)])
    stop = np.concatenate([cut[early], WALL])
    event = np.concatenate([np.zeros(early.sum(), bool), ENDED == 1])
    both = pd.concat([X[early], X[late]])
    who = np.concatenate([np.array(PERSON)[early], PERSON])
    whole = ta.cox(None, WALL, ENDED == 1, X, cluster=PERSON)
    split = ta.cox(start, stop, event, both, cluster=who)
    assert_near(split.coefficients, whole.coefficients, 1e-9)
    assert_near(split.covariance, whole.covariance, 1e-9)


def test_order_units_and_origin_do_not_matter() -> None:
    rng = np.random.default_rng(2)
    order = rng.permutation(len(START))
    X = np.column_stack(list(coded("episodes", "strategy").values())).astype(float)
    base = ta.cox(START, STOP, OUTCOME == 1, X, cluster=WHO)
    other = ta.cox(
        START[order] * 0.37,
        STOP[order] * 0.37,
        (OUTCOME == 1)[order],
        X[order] * 1000 - 5,
        cluster=np.array(WHO)[order],
    )
    assert base.terms == ("x1", "x2", "x3", "x4", "x5", "x6")
    assert_near(other.coefficients * 1000, base.coefficients, 1e-8)
    assert_near(other.std_error * 1000, base.std_error, 1e-8)


def test_row_is_at_risk_after_its_start_and_at_its_stop() -> None:
    found = ta.cox([0, 2, 0, 2], [2, 4, 6, 6], [1, 1, 1, 0], {"x": [1, 0, 0, 1]})
    b = found.coefficients[0]
    # At 2 the rows that start there are not yet at risk; at 6 those that stop there still are.
    wanted = b - math.log(math.exp(b) + 1) - math.log(math.exp(b) + 2) - math.log(math.exp(b) + 1)
    assert_near(found.log_likelihood, wanted, 1e-12)


def test_table_shows_ratios_and_intervals() -> None:
    model = ta.cox(START, STOP, OUTCOME == 1, coded("episodes", "strategy"), cluster=WHO, level=0.9)
    columns = "term coefficient hazard_ratio std_error low high p_value"
    assert list(model.table.columns) == columns.split()
    assert (model.table["low"] < model.table["hazard_ratio"]).all()
    assert "level 0.9" in model._repr_html_()


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"start": [0, 1, 2, 6], "stop": [3, 4, 2, 6]}, r"rows 2, 3 .*such as 2 and 2"),
        ({"start": [0, -1, 0, 0]}, "`start` holds -1 in row 1"),
        ({"stop": [3, math.nan, 5, 6]}, "`stop` holds nan in row 1"),
        ({"event": [0, 0, 0, 0]}, "holds no event"),
        ({"X": {"x": [1, math.inf, 0, 0]}}, r"`X\[x\]` holds inf in row 1"),
        ({"X": {"x": list("abcd")}}, r"`X\[x\]` holds values of type"),
        ({"X": {"x": [1, 1, 1, 1]}}, "column x never differs"),
        ({"X": {"x": [1, 0, 1, 0], "y": [0, 1, 0, 1]}}, "column y follows"),
        ({"X": {"x": [1, 0, 1]}}, "has 3 rows"),
        ({"X": {}}, "no columns"),
        ({"X": np.zeros((4, 1, 1))}, "3 dimensions"),
        ({"ties": "exact"}, "choose one of efron, breslow"),
        ({"level": 95}, "no confidence level"),
    ],
)
def test_bad_models_are_refused(change: dict, says: str) -> None:
    given = {
        "start": [0, 0, 0, 0],
        "stop": [3, 4, 5, 6],
        "event": [1, 1, 1, 1],
        "X": {"x": [1, 0, 1, 0]},
    }
    with pytest.raises(ta.ArgumentError, match=says):
        ta.cox(**(given | change))


def test_coefficient_without_a_finite_estimate_is_refused_by_name() -> None:
    rng = np.random.default_rng(5)
    group = np.arange(60) % 2
    time = rng.integers(1, 30, 60)
    X = {"age": rng.normal(size=60), "never": group}
    with pytest.raises(ta.ArgumentError, match="coefficient of never has no finite estimate"):
        ta.cox(None, time, (group == 0) & (time < 25), X)


def test_term_constant_within_strata_is_refused() -> None:
    room = np.arange(40) % 4
    time = np.random.default_rng(6).integers(1, 500, 40)
    with pytest.raises(ta.ArgumentError, match="column trait never differs"):
        ta.cox(None, time, np.ones(40), {"x": time % 7, "trait": room == 1}, strata=room)


def test_one_cluster_gives_no_interval() -> None:
    model = ta.cox(None, WALL, ENDED == 1, {"x": ENDED * 0 + WALL % 3}, cluster=["a"] * len(WALL))
    assert model.table[["std_error", "low", "high", "p_value"]].isna().all(axis=None)
    assert math.isnan(model.score.statistic)
    assert math.isnan(model.wald.statistic)


@pytest.mark.slow
@pytest.mark.parametrize("n_people", [15, 60])
def test_clustered_intervals_cover_where_plain_ones_fail(n_people: int) -> None:
    rng = np.random.default_rng(n_people)
    n_each, n_studies, hits = 12, 1000, np.zeros(2)
    # Positive stable frailty keeps hazards proportional on the margin: the truth is known.
    a, truth = 0.7, 0.7 * 0.5
    for _ in range(n_studies):
        u, w = rng.uniform(0, math.pi, n_people), rng.exponential(size=n_people)
        pace = (np.sin(a * u) / np.sin(u) ** (1 / a)) * (np.sin((1 - a) * u) / w) ** ((1 - a) / a)
        trait = (rng.permutation(n_people) % 2).repeat(n_each)
        rate = pace.repeat(n_each) * np.exp(0.5 * trait)
        time = np.ceil(np.minimum(rng.exponential(size=len(rate)) / rate, 2) * 10_000).astype(int)
        who = np.arange(n_people).repeat(n_each)
        for k, cluster in enumerate((who, None)):
            table = ta.cox(None, time, time < 20_000, {"x": trait}, cluster=cluster).table
            hits[k] += table["low"][0] <= math.exp(truth) <= table["high"][0]
    clustered, plain = hits / n_studies
    assert abs(clustered - 0.95) < 3 * math.sqrt(0.95 * 0.05 / n_studies)
    assert plain < 0.8
