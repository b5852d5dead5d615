"""Corrected errors for few clusters: against their definition, and unbiased where they promise."""

import math

import numpy as np
import pytest

import analysis as ta
from analysis.numerics import arrays, cr2
from analysis.survival import cluster_information, partial_likelihood
from tests.analysis.reference_models import JUDGE, verdicts


def rooms(seed: int = 1, n_people: int = 8, n_each: int = 12) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    who = np.arange(n_people).repeat(n_each)
    start = rng.integers(0, 10, len(who))
    stop = start + rng.integers(1, 20, len(who))
    X = np.column_stack([who % 2, rng.normal(size=len(who))]).astype(float)
    return {"who": who, "start": start, "stop": stop, "event": rng.integers(0, 2, len(who)), "X": X}


def model(r: dict[str, np.ndarray], **options: object) -> ta.Cox:
    return ta.cox(r["start"], r["stop"], r["event"], r["X"], cluster=r["who"], **options)


def working(r: dict[str, np.ndarray], found: ta.Cox) -> cr2.Working:
    clusters = arrays.groups(r["who"], name="cluster", n=len(r["who"]))
    assert clusters is not None
    return cluster_information.working(
        found.events,
        found.X,
        found.coefficients,
        clusters=clusters,
        inverse=found.model_covariance,
    )


@pytest.mark.parametrize("ties", ["efron", "breslow"])
def test_shares_of_clusters_are_those_of_the_definition(ties: str) -> None:
    r = rooms()
    found = model(r, ties=ties)
    at, given = found.events, working(r, found)
    _, sums = partial_likelihood.fit(at, found.X, found.coefficients)
    own, pulled = np.zeros((8, 2, 2)), np.zeros((8, 2, 8, 2))
    for part, time in enumerate(at.part):
        weight = sums.relative * ((at.first <= time) & (time < at.after))
        tied = np.zeros(len(weight))
        tied[at.rows] = at.of_row == time
        weight *= 1 - at.left_out[part] * tied
        about = found.X - sums.mean[part]
        share = at.weight[part] / sums.total[part]
        square = np.einsum("ik,il,i->ikl", about, about, weight * share)
        sums_of = np.zeros((8, 2))
        np.add.at(own, r["who"], square)
        np.add.at(sums_of, r["who"], about * weight[:, None])
        pulled += np.einsum("gk,hl->gkhl", sums_of, sums_of) * share / sums.total[part]
    explained = np.einsum("gkp,pq,hql->gkhl", own, found.model_covariance, own)
    np.testing.assert_allclose(given.own, own, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(given.shared, explained + pulled, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(own.sum(axis=0) @ found.model_covariance, np.eye(2), atol=1e-9)


def test_working_in_blocks_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    r = rooms(2)
    whole = working(r, model(r))
    monkeypatch.setattr(cluster_information, "BLOCK", 3)
    pieces = working(r, model(r))
    np.testing.assert_allclose(pieces.shared, whole.shared, rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(pieces.rest, whole.rest, rtol=1e-10, atol=1e-12)


def test_other_columns_of_the_same_model_have_the_same_errors() -> None:
    r = rooms(3)
    turn = np.array([[2.0, 0.5], [-1.0, 3.0]])
    one, two = model(r), model(r | {"X": r["X"] @ turn})
    np.testing.assert_allclose(turn @ two.covariance @ turn.T, one.covariance, rtol=1e-8)


def test_rows_as_clusters_need_little_correction() -> None:
    r = rooms(4, n_people=48, n_each=1)
    found = model(r)
    factor = np.diag(found.covariance) / np.diag(found.sandwich)
    assert (factor > 1).all() and (factor < 1.25).all()
    assert (found.df <= 47).all() and (found.df > 20).all()


def test_many_clusters_use_the_plain_sandwich() -> None:
    few, many = (model(rooms(5, n_people=n, n_each=4)) for n in (49, 50))
    assert "CR2" in few.method and "times G/(G-1)" in many.method
    np.testing.assert_allclose(many.covariance, many.sandwich * 50 / 49, rtol=1e-12)
    assert many.df.tolist() == [49, 49]


def test_a_trait_of_one_person_has_no_error() -> None:
    r = rooms(6)
    r["X"][:, 0] = r["who"] == 3
    table = model(r).table
    assert table.loc[0, ["std_error", "low", "high", "p_value"]].isna().all()
    assert np.isfinite(table.loc[1, ["std_error", "low", "high"]].astype(float)).all()
    messages = ta.discrete_hazard(
        r["start"], r["stop"], r["event"], r["X"], breaks=(), cluster=r["who"]
    ).table.set_index("term")
    assert messages.loc["x1", ["std_error", "low", "high"]].isna().all()
    assert np.isfinite(messages.loc["x2", ["std_error", "low", "high"]].astype(float)).all()


def test_scores_of_an_independence_model_give_the_cr2_of_its_rows() -> None:
    by_rows = verdicts(cluster=JUDGE)
    by_scores = verdicts(cluster=JUDGE, method="gee", correlation="independence")
    # Two square roots of one correction, equal to the first order in the leverage.
    np.testing.assert_allclose(by_scores.std_error, by_rows.std_error, rtol=1e-3)
    np.testing.assert_allclose(by_scores.df, by_rows.df, rtol=1e-3)


@pytest.mark.monte_carlo
def test_correction_is_unbiased_for_independent_rows() -> None:
    rng = np.random.default_rng(30)
    who, n_studies = np.arange(8).repeat(10), 3000
    trait, each = who % 2, []
    for _ in range(n_studies):
        time = np.ceil(rng.exponential(1000, len(who))).astype(int)
        event = time < 1500
        found = ta.cox(None, np.minimum(time, 1500), event, {"x": trait}, cluster=who)
        each.append((found.coefficients[0], found.covariance[0, 0], found.sandwich[0, 0]))
    b, corrected, plain = np.array(each).T
    error = 3 * math.sqrt(2 / n_studies)
    assert abs(corrected.mean() / b.var() - 1) < error + 0.03
    assert plain.mean() / b.var() < 0.85
