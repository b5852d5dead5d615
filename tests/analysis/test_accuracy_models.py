"""Comparisons of accuracy, against R's clubSandwich, geepack and emmeans, and in simulations."""

import math

import numpy as np
import pandas as pd
import pytest
from scipy import special

import analysis as ta
from analysis import arrays, columns, logistic
from analysis.estimating_equations import Correlation, gee
from analysis.model_matrix import model_matrix
from analysis.sandwich import Correction, sandwich
from tests.analysis.golden import column, integers, reference

GOLDEN = reference("accuracy_cluster")
#: R stops its iterations at a relative change of 1e-8 of the deviance.
FIT = {"rtol": 1e-6, "atol": 1e-9}


def verdicts(**options: object) -> ta.AccuracyComparison:
    return ta.compare_accuracy(
        integers("verdicts", "correct"),
        column("verdicts", "strategy"),
        covariates={"model": column("verdicts", "model_id")},
        reference="smalltalk",
        **options,
    )


def people() -> list[str]:
    return column("verdicts", "interrogator_id")


def coefficients(entry: str) -> list[float]:
    return list(GOLDEN[entry]["coef"].values())


def test_independent_rows_equal_r_glm() -> None:
    found = verdicts()
    np.testing.assert_allclose(found.coefficients, coefficients("glm"), **FIT)
    np.testing.assert_allclose(found.std_error, GOLDEN["glm"]["se"], **FIT)
    assert np.isinf(found.df).all()
    assert found.clustering == "none"


@pytest.mark.parametrize("correction", list(Correction))
def test_sandwiches_equal_clubsandwich(correction: Correction) -> None:
    right = integers("verdicts", "correct")
    matrix = model_matrix(
        column("verdicts", "strategy"),
        {"model": column("verdicts", "model_id")},
        reference="smalltalk",
        n=len(right),
    )
    clusters = arrays.groups(people(), name="cluster", n=len(right))
    fit = logistic.fit(matrix.values, right.astype(float))
    found = sandwich(
        matrix.values, right.astype(float), fit, clusters=clusters, correction=correction
    )
    wanted = GOLDEN[f"glm_{correction.upper()}"]["se"]
    np.testing.assert_allclose(np.sqrt(np.diag(found.covariance)), wanted, **FIT)
    np.testing.assert_allclose(fit.log_likelihood, GOLDEN["glm"]["loglik"], rtol=1e-12)


def test_satterthwaite_equals_clubsandwich() -> None:
    found, wanted = verdicts(cluster=people()), GOLDEN["glm_CR2_satterthwaite"]
    np.testing.assert_allclose(found.std_error, GOLDEN["glm_CR2"]["se"], **FIT)
    np.testing.assert_allclose(found.df, wanted["df"], **FIT)
    np.testing.assert_allclose(found.coefficients / found.std_error, wanted["t"], **FIT)
    p = columns.two_sided(np.array(wanted["t"]), np.array(wanted["df"]))
    np.testing.assert_allclose(p, wanted["p"], rtol=1e-9)
    # A tail moves by more than its quantile.
    np.testing.assert_allclose(found.p_value, wanted["p"], rtol=1e-5)


@pytest.mark.parametrize("correlation", ["independence", "exchangeable"])
def test_gee_equals_geepack(correlation: str) -> None:
    found = verdicts(cluster=people(), method="gee", correlation=correlation)
    wanted = GOLDEN[f"gee_{correlation}"]
    np.testing.assert_allclose(found.coefficients, coefficients(f"gee_{correlation}"), **FIT)
    # Ours are times G/(G-1), G = 40.
    plain = found.std_error * math.sqrt(39 / 40)
    np.testing.assert_allclose(plain, wanted["se_robust"], **FIT)
    if correlation == "exchangeable":
        np.testing.assert_allclose(found.correlation, wanted["alpha"], **FIT)
    else:
        assert found.correlation is None


def test_gee_without_terms_equals_geepack() -> None:
    right = integers("verdicts", "correct")
    clusters = arrays.groups(people(), name="cluster", n=len(right))
    start = np.zeros(1)
    found, covariance, _ = gee(
        np.ones((len(right), 1)), right, clusters, (Correlation.EXCHANGEABLE, start)
    )
    wanted = GOLDEN["gee_intercept_only"]
    np.testing.assert_allclose(found[0], wanted["coef"], **FIT)
    np.testing.assert_allclose(math.sqrt(covariance[0, 0]), wanted["se"], **FIT)


def test_standardised_probabilities_equal_r() -> None:
    wanted = GOLDEN["marginal_standardised"]
    found = verdicts(cluster=people()).standardised
    assert found.levels == tuple(wanted["strategy"])
    np.testing.assert_allclose(found.value, wanted["p"], rtol=1e-9)


def test_marginal_means_follow_from_coefficients_and_covariance() -> None:
    wanted, found = GOLDEN["emmeans"], verdicts()
    rows = np.zeros((4, 7))
    rows[:, 0], rows[:, 4:] = 1.0, 0.25  # models count alike
    rows[[1, 2, 3], [1, 2, 3]] = 1.0
    eta = rows @ found.coefficients
    error = np.sqrt(np.einsum("kp,pq,kq->k", rows, found.covariance, rows))
    p = special.expit(eta)
    np.testing.assert_allclose(p, wanted["prob"], **FIT)
    np.testing.assert_allclose(error * p * (1 - p), wanted["se"], **FIT)
    np.testing.assert_allclose(
        special.expit(eta - 1.959963984540054 * error), wanted["lower"], **FIT
    )


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


def test_order_of_rows_changes_nothing() -> None:
    order = np.random.default_rng(1).permutation(600)
    right, who = integers("verdicts", "correct"), np.array(people())
    by, model = np.array(column("verdicts", "strategy")), np.array(column("verdicts", "model_id"))
    one, two = (
        ta.compare_accuracy(right[o], by[o], covariates={"m": model[o]}, cluster=who[o])
        for o in (np.arange(600), order)
    )
    assert one.terms == two.terms
    np.testing.assert_allclose(one.table.iloc[:, 1:], two.table.iloc[:, 1:], rtol=1e-9)


def test_tables_have_their_columns() -> None:
    found = verdicts(cluster=people())
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
        ({"correct": [1, 0], "by": ["a", "a"]}, "`by` has 1 level"),
        ({"correct": [], "by": []}, "`by` has 0 level"),
        ({"correct": [1, 1, 0, 1], "by": list("aabb")}, "2 answers at level a 2 are right"),
        ({"correct": [1, 0, 0, 1], "by": list("aabb"), "reference": "c"}, "'c' is no level"),
        ({"correct": [1, 0, 0, 1], "by": list("aabb"), "method": "cr9"}, "'cr9' is no method"),
        ({"correct": [1, 0, 0, 1], "by": list("aabb"), "cluster": list("xxxx")}, "1 cluster "),
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


@pytest.mark.slow
@pytest.mark.parametrize("n_people", [8, 15, 30, 60])
def test_coverage_with_repeated_interrogators(n_people: int) -> None:
    """Labels belong to interrogators, whose skill differs: the naive interval must fail."""
    rng, reps, rooms = np.random.default_rng(n_people), 1500, 15
    nodes, weights = np.polynomial.hermite_e.hermegauss(40)
    share = [special.expit(b + 0.7 * nodes) @ weights / weights.sum() for b in (0.0, 0.6)]
    truth = special.logit(share[1]) - special.logit(share[0])
    who = np.repeat(np.arange(n_people), rooms)
    expert = who % 2
    hits = np.zeros(2)
    for _ in range(reps):
        skill = rng.normal(0, 0.7, n_people)[who]
        right = (rng.random(len(who)) < special.expit(0.6 * expert + skill)).astype(int)
        for k, cluster in enumerate((who, None)):
            found = ta.compare_accuracy(right, expert, cluster=cluster)
            hits[k] += math.log(found.low[1]) <= truth <= math.log(found.high[1])
    clustered, naive = hits / reps
    assert 0.935 <= clustered <= 0.965
    assert naive < 0.935 - 3 * math.sqrt(0.95 * 0.05 / reps)
