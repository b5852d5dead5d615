"""Cox regression on rows that start late, repeat and tie; against R in reference_models."""

import math

import numpy as np
import pandas as pd
import pytest

import analysis as ta
from tests.analysis.golden import column, integers
from tests.analysis.reference_models import coded, ovarian

START, STOP = integers("episodes", "start"), integers("episodes", "stop")
OUTCOME, WHO = integers("episodes", "outcome"), column("episodes", "interrogator_id")
WALL, ENDED = integers("sessions", "wall_s"), integers("sessions", "outcome")
PERSON = column("sessions", "interrogator_id")


def assert_near(found: object, wanted: object, rtol: float = 1e-6) -> None:
    np.testing.assert_allclose(np.ravel(found), np.ravel(wanted), rtol=rtol)


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
    with pytest.raises(ta.ArgumentError, match="log needs event times above 0"):
        model.proportional_hazards("log")
    with pytest.raises(
        ta.ArgumentError, match="`transform` must be one of km, identity, rank, log"
    ):
        model.proportional_hazards("root")


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
        ({"event": [0, 0, 0, 0]}, "`event` must hold at least one event"),
        ({"X": {"x": [1, math.inf, 0, 0]}}, r"`X\[x\]` holds inf in row 1"),
        ({"X": {"x": list("abcd")}}, r"`X\[x\]` must hold numbers \(got values of type"),
        ({"X": {"x": [1, 1, 1, 1]}}, "column x never differs"),
        ({"X": {"x": [1, 0, 1, 0], "y": [0, 1, 0, 1]}}, "column y follows"),
        ({"X": {"x": [1, 0, 1]}}, r"must have 4 rows, one each \(got 3"),
        ({"X": {}}, "`X` must have at least one column"),
        ({"X": np.zeros((4, 1, 1))}, "3 dimensions"),
        ({"ties": "exact"}, r"`ties` must be one of efron, breslow \(got 'exact'"),
        ({"level": 95}, r"`level` must be between 0.5 and 1 \(got 95"),
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
