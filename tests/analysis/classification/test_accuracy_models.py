"""Comparisons of accuracy: published z values, edges and refusals."""

import math

import numpy as np
import pandas as pd
import pytest

import analysis as ta
from tests.analysis.golden import column, integers
from tests.analysis.reference_models import JUDGE, verdicts


def test_without_covariates_standardised_is_the_share() -> None:
    found = ta.compare_accuracy([1, 1, 0, 1, 0, 0, 1, 0], list("aaaabbbb"))
    assert [round(float(p), 12) for p in found.standardised.value] == [0.75, 0.25]
    assert found.differences.table["difference"].round(12).tolist() == [-0.5]
    # The delta-method error is the usual one of two independent shares.
    np.testing.assert_allclose(found.differences.std_error, math.sqrt(2 * 0.75 * 0.25 / 4))


@pytest.mark.parametrize(
    ("first", "second", "z", "p"),
    [
        # Marked as reproduced: z values printed in arXiv 2405.08007 and 2310.20216.
        ((54, 100), (51, 101), 0.4973, 0.6190),
        ((523, 793), (425, 855), 6.632, None),
        # Not reproduced there (4.11 and 2.417 are printed): what the counts give.
        ((54, 100), (22, 100), 4.543, None),
        ((68, 101), (54, 100), 1.927, None),
        # Effects of a persona, from released counts; and a two-study comparison.
        ((208, 286), (56, 154), 7.21, None),
        ((154, 275), (53, 137), 3.29, None),
        ((22, 31), (18, 41), 2.25, 0.024),
    ],
)
def test_published_z_values(
    first: tuple[int, int], second: tuple[int, int], z: float, p: float | None
) -> None:
    right, by = [], []
    for name, (x, n) in (("b", first), ("a", second)):
        right += [1] * x + [0] * (n - x)
        by += [name] * n
    found = ta.compare_accuracy(right, by)
    digits = len(str(z).partition(".")[2])
    assert round(float(found.coefficients[1] / found.std_error[1]), digits) == z
    if p is not None:
        assert round(float(found.p_value[1]), len(str(p)) - 2) == p


@pytest.mark.parametrize(
    ("first", "second", "difference", "error"),
    [
        # Effects of a persona on the log odds of a win, from released counts.
        ((208, 286), (56, 154), 1.540, 0.214),
        ((154, 275), (53, 137), 0.702, 0.213),
        # Simple against enhanced test, arXiv 2505.02558.
        ((22, 31), (18, 41), 1.139, None),
    ],
)
def test_published_differences_of_log_odds(
    first: tuple[int, int], second: tuple[int, int], difference: float, error: float | None
) -> None:
    right, by = [], []
    for name, (x, n) in (("b", first), ("a", second)):
        right += [1] * x + [0] * (n - x)
        by += [name] * n
    found = ta.compare_accuracy(right, by)
    assert round(float(found.coefficients[1]), 3) == difference
    if error is not None:
        assert round(float(found.std_error[1]), 3) == error


def test_order_of_rows_changes_nothing() -> None:
    order = np.random.default_rng(1).permutation(600)
    right, who = integers("verdicts", "correct"), np.array(JUDGE)
    by, model = np.array(column("verdicts", "strategy")), np.array(column("verdicts", "model_id"))
    one, two = (
        ta.compare_accuracy(right[o], by[o], covariates={"m": model[o]}, cluster=who[o])
        for o in (np.arange(600), order)
    )
    assert one.terms == two.terms
    np.testing.assert_allclose(one.table.iloc[:, 1:], two.table.iloc[:, 1:], rtol=1e-9)


def test_tables_have_their_columns() -> None:
    found = verdicts(cluster=JUDGE)
    names = ["term", "coefficient", "odds_ratio", "std_error", "df", "low", "high", "p_value"]
    assert list(found.table) == names
    assert (found.table["low"] < found.table["odds_ratio"]).all()
    assert list(found.differences.table["p_holm"]) == list(ta.holm(found.differences.p_value))
    assert "40 clusters" in found._repr_html_()


def test_a_data_frame_of_covariates_will_do() -> None:
    frame = pd.DataFrame({"model": column("verdicts", "model_id")})
    right, by = integers("verdicts", "correct"), column("verdicts", "strategy")
    found = ta.compare_accuracy(right, by, covariates=frame, reference="smalltalk")
    assert found.coefficients.tolist() == verdicts().coefficients.tolist()


def test_numbers_enter_as_they_are() -> None:
    rng = np.random.default_rng(2)
    age, right, by = rng.normal(40, 9, 200), rng.integers(0, 2, 200), rng.integers(0, 2, 200)
    found = ta.compare_accuracy(right, by, covariates={"age": age})
    assert found.terms == ("(intercept)", "1", "age")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"correct": [1, 2], "by": ["a", "b"]}, "`correct` holds 2 in row 1"),
        ({"correct": [1, 0], "by": ["a", "a"]}, r"`by` must have at least 2 levels \(got 1"),
        ({"correct": [], "by": []}, r"`by` must have at least 2 levels \(got 0"),
        ({"correct": [1, 1, 0, 1], "by": list("aabb")}, "2 answers at level a 2 are right"),
        ({"correct": [1, 0, 0, 1], "by": list("aabb"), "reference": "c"}, r"one of a, b \(got 'c'"),
        (
            {"correct": [1, 0, 0, 1], "by": list("aabb"), "method": "cr9"},
            r"`method` must be one of cr2, gee \(got 'cr9'",
        ),
        (
            {"correct": [1, 0, 0, 1], "by": list("aabb"), "cluster": list("xxxx")},
            r"`cluster` must have at least 2 different labels \(got 1",
        ),
        (
            {"correct": [1, 0, 0, 1], "by": list("aabb"), "covariates": {"m": list("xxyy")}},
            "terms of the model repeat",
        ),
        (
            {"correct": [1, 0, 0, 1], "by": list("aabb"), "covariates": {"m": [1, 0, 0, 1]}},
            "only right or only wrong",
        ),
        (
            {"correct": [1, 0, 0, 1], "by": list("aabb"), "covariates": {"m": [1, np.nan, 0, 1]}},
            "`m` holds nan in row 1",
        ),
    ],
)
def test_bad_input_is_refused(arguments: dict, says: str) -> None:
    with pytest.raises(ta.ArgumentError, match=says):
        ta.compare_accuracy(**arguments)
