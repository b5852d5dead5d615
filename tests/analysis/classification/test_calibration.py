"""Calibration of confidence, and its parts as identities."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import special

import analysis as ta
from tests.analysis.golden import column, integers


def stated() -> list[float]:
    return [float(cell) for cell in column("verdicts", "confidence")]


@pytest.fixture(scope="module")
def found() -> ta.Calibration:
    return ta.calibration(stated(), integers("verdicts", "correct"))


def test_band_holds_the_curve_and_follows_the_seed(found: ta.Calibration) -> None:
    assert (found.low <= found.calibrated + 1e-12).all()
    assert (found.calibrated <= found.high + 1e-12).all()
    again = ta.calibration(stated(), integers("verdicts", "correct"))
    assert (again.low == found.low).all()
    other = ta.calibration(stated(), integers("verdicts", "correct"), seed=1)
    assert (other.low != found.low).any()


def test_clusters_change_errors_only(found: ta.Calibration) -> None:
    clustered = ta.calibration(
        stated(), integers("verdicts", "correct"), cluster=column("verdicts", "interrogator_id")
    )
    assert clustered.n_clusters == 40
    assert clustered.brier.value == found.brier.value
    assert clustered.slope.value == found.slope.value
    assert clustered.slope.std_error != found.slope.std_error
    assert (clustered.low != found.low).any()


@given(
    st.lists(st.tuples(st.sampled_from([0.0, 0.2, 0.5, 0.9, 1.0]), st.integers(0, 1)), min_size=1)
)
def test_parts_add_up_and_are_not_negative(rows: list[tuple[float, int]]) -> None:
    p, y = zip(*rows, strict=True)
    found = ta.calibration(p, y, n_resamples=1)
    parts = found.miscalibration - found.discrimination + found.uncertainty
    assert math.isclose(found.brier.value, parts, abs_tol=1e-12)
    assert min(found.miscalibration, found.discrimination, found.uncertainty) >= -1e-12
    assert (np.diff(found.calibrated) >= -1e-12).all()


def test_certain_mistakes_are_clipped() -> None:
    found = ta.calibration([1.0, 0.0], [0, 1], n_resamples=1)
    assert found.log_score.value == pytest.approx(-math.log(0.01))
    assert ta.calibration([1.0], [0], clip=0.1, n_resamples=1).log_score.value == pytest.approx(
        -math.log(0.1)
    )


@pytest.mark.parametrize("cluster", [None, []])
def test_no_rows_give_no_numbers(cluster: list | None) -> None:
    found = ta.calibration([], [], cluster=cluster)
    assert found.scores[["value", "std_error", "low", "high"]].isna().all(axis=None)
    assert len(found.table) == 0


@pytest.mark.parametrize(
    ("p", "y"), [([0.5], [1]), ([0.7] * 4, [1, 0, 1, 1]), ([0.2, 0.9], [0, 1])]
)
def test_slopes_that_do_not_exist_are_nan(p: list[float], y: list[int]) -> None:
    found = ta.calibration(p, y, n_resamples=5)
    assert math.isnan(found.slope.value) and math.isnan(found.intercept.low)
    assert math.isfinite(found.brier.value)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"confidence": [0.5, 1.2], "correct": [1, 0]}, r"`confidence` holds 1\.2 in row 1"),
        ({"confidence": [0.5, math.nan], "correct": [1, 0]}, "`confidence` holds nan in row 1"),
        ({"confidence": [0.5], "correct": [2]}, "`correct` holds 2 in row 0"),
        ({"confidence": [0.5], "correct": [1], "clip": 0.5}, r"`clip` must be between 0 and 0\.5"),
        (
            {"confidence": [0.5], "correct": [1], "n_resamples": 0},
            r"`n_resamples` must be at least 1 \(got 0",
        ),
    ],
)
def test_bad_input_is_refused(arguments: dict, says: str) -> None:
    with pytest.raises(ta.ArgumentError, match=says):
        ta.calibration(**arguments)


@pytest.mark.monte_carlo
def test_clustered_intervals_cover_and_naive_ones_do_not() -> None:
    """People over- and underconfident as people: the mean Brier score and the intercept."""
    rng, reps, n_people, rooms = np.random.default_rng(13), 250, 30, 15
    who = np.repeat(np.arange(n_people), rooms)

    def draw(m: int) -> tuple[np.ndarray, np.ndarray]:
        eta = rng.normal(0.4, 1, (m, rooms)) + rng.normal(0, 0.8, (m, 1))
        stated = special.expit(1.5 * eta + rng.normal(0, 2, (m, 1)))
        return stated.ravel(), (rng.random((m, rooms)) < special.expit(eta)).ravel().astype(int)

    large = ta.calibration(*draw(5_000), n_resamples=1)
    hits = np.zeros(4)
    for _ in range(reps):
        p, y = draw(n_people)
        for k, cluster in enumerate((who, None)):
            found = ta.calibration(p, y, cluster=cluster, n_resamples=1)
            for j, (e, truth) in enumerate(
                ((found.brier, large.brier.value), (found.intercept, large.intercept.value))
            ):
                hits[2 * k + j] += e.low <= truth <= e.high
    slack = 3 * math.sqrt(0.95 * 0.05 / reps)
    brier, intercept, naive_brier, naive_intercept = hits / reps
    assert min(brier, intercept) >= 0.935 - slack
    assert max(brier, intercept) <= 0.965 + slack
    assert max(naive_brier, naive_intercept) < 0.935 - slack
