"""Laws every estimator keeps: order of rows and splitting change nothing, bad rows are named."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.strategies import DataObject

import analysis as ta

N = 60
RNG = np.random.default_rng(20)
ROWS = {
    "time": RNG.integers(1, 40, N),
    "cause": RNG.integers(0, 3, N),
    "who": RNG.integers(0, 7, N),
    "group": np.arange(N) % 3,
    "x": RNG.normal(size=N).round(1),
    "stratum": np.arange(N) // 30,
    "p": RNG.random(N).round(2),
    "other": RNG.integers(0, 3, N),
}
Rows = dict[str, np.ndarray]


def event(r: Rows) -> np.ndarray:
    return (r["cause"] == 1).astype(int)


def numbers(*parts: object) -> np.ndarray:
    return np.concatenate([np.ravel(np.asarray(part, dtype=float)) for part in parts])


def of_groups(found: ta.TestResult) -> np.ndarray:
    order = np.argsort(found.groups)
    return numbers(found.statistic, found.p_value, found.observed[order], found.expected[order])


def of_model(found: ta.Cox | ta.DiscreteHazard) -> np.ndarray:
    df = [] if found.df is None else found.df
    return numbers(found.coefficients, found.covariance, found.log_likelihood, df)


def of_accuracy(found: ta.Accuracy) -> np.ndarray:
    table = found.table.sort_values("group").drop(columns="group")
    return numbers(table.to_numpy(dtype=float))


def comparison(r: Rows, **options: str) -> np.ndarray:
    found = ta.compare_accuracy(event(r), r["group"], cluster=r["who"], **options)
    parts = (found.standardised, found.differences)
    return numbers(
        found.coefficients, found.covariance, found.df, *(part.std_error for part in parts)
    )


def codings(r: Rows) -> np.ndarray:
    both = {"one": r["cause"], "two": r["other"]}
    found = ta.agreement(both, n_resamples=1)
    table = found.table.sort_values("category")
    kappa = found.kappas[0][2]
    return numbers(found.alpha.value, table["alpha"], kappa.value, kappa.std_error)


def rated(r: Rows) -> np.ndarray:
    table = ta.ratings(r["who"], r["group"], event(r)).table.sort_values(["kind", "name"])
    return numbers(table[["ability", "std_error", "low", "high"]])


ESTIMATES: dict[str, Callable[[Rows], np.ndarray]] = {
    "kaplan_meier": lambda r: numbers(
        *(lambda f: (f.survival, f.std_error, f.low, f.restricted_mean(20).std_error))(
            ta.kaplan_meier(r["time"], event(r), cluster=r["who"])
        )
    ),
    "cumulative_incidence": lambda r: numbers(
        *(lambda f: (f.incidence, f.std_error, f.net().std_error, f.time_lost(20).std_error))(
            ta.cumulative_incidence(r["time"], r["cause"], cluster=r["who"])
        )
    ),
    "logrank": lambda r: of_groups(
        ta.logrank(r["time"], event(r), r["group"], strata=r["stratum"])
    ),
    "clustered logrank": lambda r: of_groups(
        ta.logrank(r["time"], event(r), r["group"], cluster=r["who"], weights="gehan")
    ),
    "gray_test": lambda r: of_groups(
        ta.gray_test(r["time"], r["cause"], r["group"], strata=r["stratum"], rho=0.5)
    ),
    "clustered gray_test": lambda r: of_groups(
        ta.gray_test(r["time"], r["cause"], r["group"], cluster=r["who"])
    ),
    "cox": lambda r: of_model(
        ta.cox(None, r["time"], event(r), {"x": r["x"]}, strata=r["stratum"], cluster=r["who"])
    ),
    "breslow": lambda r: of_model(
        ta.cox(None, r["time"], event(r), {"x": r["x"]}, ties="breslow", cluster=r["who"])
    ),
    "discrete_hazard": lambda r: of_model(
        ta.discrete_hazard(None, r["time"], event(r), {"x": r["x"]}, breaks=(10,), cluster=r["who"])
    ),
    "proportional_hazards": lambda r: numbers(
        ta.cox(None, r["time"], event(r), {"x": r["x"]}).proportional_hazards("rank").statistic
    ),
    "accuracy": lambda r: of_accuracy(ta.accuracy(event(r), r["group"], cluster=r["who"])),
    "compare_accuracy": comparison,
    "gee": lambda r: comparison(r, method="gee"),
    "win_rate": lambda r: numbers(
        *(lambda f: (f.z, f.p_exact, f.p_cluster))(ta.win_rate(event(r), cluster=r["who"]))
    ),
    "equivalence": lambda r: numbers(
        *(lambda f: (f.p_lower, f.p_upper, f.low))(
            ta.equivalence(event(r), r["group"] == 0, margin=0.2, cluster=r["who"])
        )
    ),
    "agreement": codings,
    "corrected_accuracy": lambda r: numbers(
        *(lambda f: (f.accuracy, f.std_error))(
            ta.corrected_accuracy(
                event(r), r["group"], r["group"], probability=1.0, cluster=r["who"]
            )
        )
    ),
    "calibration": lambda r: numbers(
        *(lambda f: (f.brier.std_error, f.miscalibration, f.slope.value, f.slope.std_error))(
            ta.calibration(r["p"], event(r), cluster=r["who"], n_resamples=1)
        )
    ),
    "ratings": rated,
    "mcnemar": lambda r: numbers(ta.mcnemar(event(r), (r["other"] == 1).astype(int)).p_mid),
    "accuracy_trend": lambda r: numbers(ta.accuracy_trend(event(r), r["x"]).z),
}


@pytest.mark.parametrize("name", ESTIMATES)
@settings(max_examples=8, deadline=None)
@given(data=st.data())
def test_order_of_rows_changes_nothing(name: str, data: DataObject) -> None:
    order = np.array(data.draw(st.permutations(range(N))))
    shuffled = {key: values[order] for key, values in ROWS.items()}
    one, two = ESTIMATES[name](ROWS), ESTIMATES[name](shuffled)
    np.testing.assert_allclose(two, one, rtol=1e-8, atol=1e-11)


def split(r: Rows, cut: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Rows cut in two where the cut lies inside: start, stop, event, and which row it was."""
    early = np.flatnonzero(cut < r["time"])
    row = np.concatenate([early, np.arange(N)])
    start = np.concatenate([np.zeros(len(early), int), np.where(cut < r["time"], cut, 0)])
    stop = np.concatenate([cut[early], r["time"]])
    return start, stop, np.concatenate([np.zeros(len(early), int), event(r)]), row


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(1, 45), min_size=N, max_size=N))
def test_splitting_rows_changes_nothing(cuts: list[int]) -> None:
    start, stop, happened, row = split(ROWS, np.array(cuts))
    x, who, stratum = ({"x": ROWS["x"][row]}, ROWS["who"][row], ROWS["stratum"][row])
    whole, options = {"x": ROWS["x"]}, {"cluster": who}
    pairs = [
        (
            of_model(ta.cox(start, stop, happened, x, strata=stratum, ties=ties, **options)),
            of_model(
                ta.cox(
                    None,
                    ROWS["time"],
                    event(ROWS),
                    whole,
                    strata=ROWS["stratum"],
                    ties=ties,
                    cluster=ROWS["who"],
                )
            ),
        )
        for ties in ("efron", "breslow")
    ]
    pairs.append(
        (
            of_model(ta.discrete_hazard(start, stop, happened, x, breaks=(10,), **options)),
            ESTIMATES["discrete_hazard"](ROWS),
        )
    )
    curve = ta.kaplan_meier(stop, happened, entry=start, **options)
    plain = ta.kaplan_meier(ROWS["time"], event(ROWS), cluster=ROWS["who"])
    at = np.searchsorted(curve.times, plain.times)
    pairs.append((curve.survival[at], plain.survival))
    pairs.append((curve.std_error[at], plain.std_error))
    for one, two in pairs:
        np.testing.assert_allclose(one, two, rtol=1e-7, atol=1e-10)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.tuples(st.floats(0, 1e9, allow_nan=False), st.integers(0, 2)), min_size=1, max_size=80
    )
)
def test_shares_sum_to_one_at_any_times(rows: list[tuple[float, int]]) -> None:
    time, cause = zip(*rows, strict=True)
    found = ta.cumulative_incidence(time, cause)
    total = found.incidence.sum(axis=0) + found.undecided
    np.testing.assert_allclose(total, 1, rtol=0, atol=1e-12)


GIVEN = {"time": [1, 2, 3, 4], "event": [1, 1, 0, 1], "group": list("aabb"), "x": [1, 0, 1, 0]}
TIMED: dict[str, Callable[..., object]] = {
    "kaplan_meier": lambda g: ta.kaplan_meier(g["time"], g["event"]),
    "cumulative_incidence": lambda g: ta.cumulative_incidence(g["time"], g["event"]),
    "logrank": lambda g: ta.logrank(g["time"], g["event"], g["group"]),
    "gray_test": lambda g: ta.gray_test(g["time"], g["event"], g["group"]),
    "cox": lambda g: ta.cox(None, g["time"], g["event"], {"x": g["x"]}),
    "discrete_hazard": lambda g: ta.discrete_hazard(
        None, g["time"], g["event"], {"x": g["x"]}, breaks=()
    ),
    "logrank_mixture": lambda g: ta.logrank_mixture(
        g["time"], g["event"], [0, 1, 0, 1], planned_events=4
    ),
    "randomisation_e_process": lambda g: ta.randomisation_e_process(
        g["time"], g["event"], [0, 1, 0, 1]
    ),
}


@pytest.mark.parametrize("name", TIMED)
@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"time": [1, -2, 3, -4]}, r"-2, -4 in rows 1, 3 \(counted from 0\)"),
        ({"time": [1, 2, float("nan"), 4]}, r"nan in row 2 \(counted from 0\)"),
        ({"time": [1, 2, 3, float("inf")]}, r"inf in row 3 \(counted from 0\)"),
        ({"event": [0, 1, 7, 1]}, r"7 in row 2 \(counted from 0\)"),
        ({"event": [0, 1, float("nan"), 1]}, r"nan in row 2 \(counted from 0\)"),
        ({"event": [0, 1]}, r"`(event|cause)` must have 4 rows, one each \(got 2"),
    ],
)
def test_bad_rows_are_refused_by_number(name: str, change: dict, says: str) -> None:
    with pytest.raises(ta.ArgumentError, match=says):
        TIMED[name](GIVEN | change)


@pytest.mark.parametrize("name", ["logrank", "gray_test"])
def test_groups_of_one_row_are_refused_by_number(name: str) -> None:
    with pytest.raises(ta.ArgumentError, match=r"rows 2, 3 \(counted from 0\)"):
        TIMED[name](GIVEN | {"group": list("aabc")})
