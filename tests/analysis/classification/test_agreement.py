"""Agreement of coders, by hand and from a textbook."""

import dataclasses
import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import analysis as ta
from tests.analysis.golden import assert_same, column, reference

GOLDEN = reference("agreement")
CODERS = ("coder1", "coder2", "coder3")


def codings() -> dict[str, list[str]]:
    return {coder: column("codings", coder) for coder in CODERS}


def test_alpha_equals_r() -> None:
    found = ta.agreement(codings())
    assert_same([found.alpha.value], [GOLDEN["krippendorff_codings"]["nominal"]])
    assert found.alpha.low < found.alpha.value < found.alpha.high
    assert found.alpha == ta.krippendorff_alpha(codings())
    assert len(found.pairs) == 3
    assert found.alpha == ta.krippendorff_alpha(pd.DataFrame(codings()))


def test_alpha_of_a_textbook_example() -> None:
    """Krippendorff's data of four observers and twelve units: 0.743."""
    rows = {
        "A": [1, 2, 3, 3, 2, 1, 4, 1, 2, None, None, None],
        "B": [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, None, 3],
        "C": [None, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, None],
        "D": [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, None],
    }
    found = ta.agreement(rows, n_resamples=10)
    assert round(found.alpha.value, 3) == 0.743
    assert found.n == 11


def test_category_alpha_is_that_of_the_category_against_the_rest() -> None:
    found = ta.agreement(codings(), n_resamples=50)
    for row in found.table.itertuples():
        merged = {
            coder: [c and ("yes" if c == row.category else "no") for c in said]
            for coder, said in codings().items()
        }
        assert_same([ta.krippendorff_alpha(merged, n_resamples=1).value], [row.alpha])


def test_same_seed_same_interval_and_clusters_widen_it() -> None:
    room = [i // 10 for i in range(300)]
    one, same, other = (ta.krippendorff_alpha(codings(), seed=s) for s in (1, 1, 2))
    assert one == same
    assert one.low != other.low
    assert ta.krippendorff_alpha(codings(), cluster=room).n_clusters == 30


def test_clusters_of_one_give_the_usual_kappa_error() -> None:
    first, second = column("codings", "coder1"), column("codings", "coder2")
    plain, alone = (ta.cohen_kappa(first, second, cluster=c) for c in (None, range(300)))
    assert_same([alone.std_error], [plain.std_error * math.sqrt(252 / 251)])


@pytest.mark.parametrize("said", [[], ["a"], ["a", "a"]])
def test_without_variety_there_is_no_agreement(said: list[str]) -> None:
    found = ta.agreement({"one": said, "two": said}, n_resamples=5)
    assert math.isnan(found.alpha.value) and math.isnan(found.alpha.low)
    assert math.isnan(ta.cohen_kappa(said, said).value)


def test_nobody_coding_the_same_unit_is_no_agreement() -> None:
    found = ta.agreement({"one": ["a", None], "two": [None, "b"]}, n_resamples=5)
    assert (found.n, math.isnan(found.alpha.value)) == (0, True)


def test_missing_is_missing_however_it_is_written() -> None:
    values = [
        ta.krippendorff_alpha({"x": ["a", "b", "a", gap], "y": ["a", "b", "b", "a"]}).value
        for gap in (None, "", math.nan, pd.NA)
    ]
    assert len(set(values)) == 1


@pytest.mark.parametrize(
    ("codings", "says"),
    [
        ({"one": ["a"]}, r"`codings` must hold at least 2 coders \(got 1"),
        ({"one": ["a"], "two": []}, r"`two` must have 1 rows, one each \(got 0"),
    ],
)
def test_bad_input_is_refused(codings: dict, says: str) -> None:
    with pytest.raises(ta.ArgumentError, match=says):
        ta.agreement(codings)


def test_unknown_coder_is_refused() -> None:
    with pytest.raises(ta.ArgumentError, match=r"must be one of one, two \(got 'three'"):
        ta.agreement({"one": ["a"], "two": ["b"]}, n_resamples=1).confusion("one", "three")


def test_agreement_by_strategy_of_a_study(export: Path) -> None:
    study = ta.load(export)
    alone = ta.agreement_by_strategy(study, n_resamples=5)
    assert alone["alpha"].isna().all()  # only interrogators tagged
    again = study.strategies.assign(coder="second", source="coder")
    twice = dataclasses.replace(study, strategies=pd.concat([study.strategies, again]))
    found = ta.agreement_by_strategy(twice, n_resamples=5)
    assert len(found) > 1 and found["alpha"].tolist() == [1.0] * len(found)


@pytest.mark.monte_carlo
def test_intervals_cover_when_units_hang_together() -> None:
    """Coders differ by room: intervals that draw rooms cover, kappa's that ignore them do not."""
    rng, reps, n_rooms, size = np.random.default_rng(11), 300, 40, 15
    room = np.repeat(np.arange(n_rooms), size)

    def draw(m: int) -> tuple[np.ndarray, np.ndarray]:
        first = rng.integers(0, 3, (m, size))
        clear = rng.random((m, size)) < rng.beta(2, 0.8, m)[:, None]
        return first.ravel(), np.where(clear, first, rng.integers(0, 3, (m, size))).ravel()

    truth = ta.cohen_kappa(*draw(20_000)).value
    hits = np.zeros(3)
    for _ in range(reps):
        a, b = draw(n_rooms)
        alpha = ta.krippendorff_alpha({"a": a, "b": b}, cluster=room, n_resamples=300)
        for k, e in enumerate((alpha, ta.cohen_kappa(a, b, cluster=room), ta.cohen_kappa(a, b))):
            hits[k] += e.low <= truth <= e.high
    slack = 3 * math.sqrt(0.95 * 0.05 / reps)
    alpha_share, clustered, naive = hits / reps
    assert alpha_share >= 0.93 - slack
    assert 0.935 - slack <= clustered <= 0.965 + slack
    assert naive < 0.95 - slack
