"""Drop-out read in four ways: what must hold whatever the lost rooms would have done."""

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import analysis as ta

ROOMS = st.lists(
    st.tuples(
        st.integers(1, 20),
        st.sampled_from([(1, "verdict"), (2, "verdict"), (0, "dropped_out"), (0, "time_up")]),
    ),
    min_size=1,
    max_size=40,
)


def table(rooms: list[tuple[int, tuple[int, str]]]) -> dict[str, list]:
    return {
        "time": [time for time, _ in rooms],
        "cause": [cause for _, (cause, _) in rooms],
        "end_reason": [reason for _, (_, reason) in rooms],
    }


def test_four_versions_by_hand() -> None:
    rooms = table(
        [(1, (1, "verdict")), (2, (0, "dropped_out")), (3, (1, "verdict")), (4, (0, "time_up"))]
    )
    found = ta.dropout_sensitivity(rooms, cluster=None)
    values = found.at(4).set_index("version")["incidence"].round(12).to_dict()
    assert values == {"as_censoring": 0.625, "as_cause": 0.5, "never": 0.5, "at_drop": 0.75}
    assert (found.n, found.n_dropouts) == (4, 1)
    assert found.as_cause.incidence[2].tolist() == [0, 0.25, 0.25, 0.25]
    assert found.as_cause.causes == (1, 2, 3)
    assert "1 of 4 rooms dropped out" in found._repr_html_()


@settings(max_examples=100, deadline=None)
@given(ROOMS, st.sampled_from([1, 2]))
def test_bounds_hold_the_other_versions(rooms: list, of: int) -> None:
    found = ta.dropout_sensitivity(table(rooms), cluster=None, of=of)
    # At the end everything is known; before it, every version has the same rooms at its times.
    for time in range(max(time for time, _ in rooms) + 1):
        low, high = (curve.at(time, of).value for curve in (found.never, found.at_drop))
        for curve in (found.as_censoring, found.as_cause):
            value = curve.at(time, of).value
            assert math.isnan(value) or low - 1e-12 <= value <= high + 1e-12


@settings(max_examples=100, deadline=None)
@given(ROOMS)
def test_three_causes_and_the_undecided_sum_to_one(rooms: list) -> None:
    curve = ta.dropout_sensitivity(table(rooms), cluster=None).as_cause
    np.testing.assert_allclose(curve.incidence.sum(axis=0) + curve.undecided, 1, atol=1e-12)


def test_without_dropout_all_versions_agree() -> None:
    rooms = table([(1, (1, "verdict")), (2, (2, "verdict")), (3, (0, "time_up"))])
    found = ta.dropout_sensitivity(rooms, cluster=None)
    assert found.at(3)["incidence"].nunique() == 1
    assert found.n_dropouts == 0


def test_real_detections_are_clustered_by_interrogator(export: Path) -> None:
    rooms = ta.detections(ta.load(export))
    found = ta.dropout_sensitivity(rooms)
    lost = rooms["end_reason"].isin(["withdrawn", "dropped_out"]) & (rooms["cause"] == 0)
    assert found.n_dropouts == lost.sum()
    plain = ta.cumulative_incidence(rooms["time"], rooms["cause"], cluster=rooms["interrogator"])
    np.testing.assert_array_equal(found.as_censoring.std_error, plain.std_error)
    assert found.table["version"].unique().tolist() == list(found.versions)


def test_other_reasons_may_count_as_dropout() -> None:
    rooms = table([(1, (1, "verdict")), (2, (0, "time_up")), (3, (1, "verdict"))])
    assert ta.dropout_sensitivity(rooms, cluster=None, reasons=("time_up",)).n_dropouts == 1


def test_no_rows_give_no_numbers() -> None:
    found = ta.dropout_sensitivity(table([]), cluster=None)
    assert found.at(1)["incidence"].isna().all()


@pytest.mark.parametrize(
    ("rooms", "options", "says"),
    [
        ({"time": [1], "cause": [1]}, {}, "missing: end_reason, interrogator"),
        ({"time": [1], "cause": [3], "end_reason": ["x"]}, {"cluster": None}, "holds 3 in row 0"),
        (
            {"time": [1], "cause": [1], "end_reason": []},
            {"cluster": None},
            r"must have 1 rows, one each \(got 0",
        ),
        ({"time": [1], "cause": [1], "end_reason": ["x"]}, {"cluster": None, "of": 3}, "got 3"),
    ],
)
def test_bad_rooms_are_refused(rooms: dict, options: dict, says: str) -> None:
    with pytest.raises(ta.ArgumentError, match=says):
        ta.dropout_sensitivity(rooms, **options)


def test_third_cause_is_asked_for_by_name() -> None:
    found = ta.dropout_sensitivity(table([(1, (0, "dropped_out"))]), cluster=None)
    assert found.as_cause.at(1, 3).value == 1
    with pytest.raises(ta.ArgumentError, match=r"1 \(right\) or 2 \(wrong\)"):
        found.never.at(1, 3)
