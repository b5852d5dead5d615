"""Counting rows by time and code: one answer, whichever way is fastest."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import analysis as ta
from analysis.numerics import arrays, counting

ROWS = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 2)), min_size=1, max_size=80)


@settings(max_examples=200, deadline=None)
@given(ROWS, st.sampled_from([1, 10**6, 10**12, 2**55]))
def test_every_way_counts_the_same(rows: list[tuple[int, int]], unit: int) -> None:
    time, code = np.array(rows, dtype=np.int64).T
    found = counting.tally(time * unit, code, 3)
    distinct = np.unique(time)
    wanted = [[int(((time == t) & (code == c)).sum()) for t in distinct] for c in (1, 2)]
    assert found.events.tolist() == wanted
    assert found.remaining.tolist() == [int((time >= t).sum()) for t in distinct]
    assert found.times.distinct.tolist() == (distinct * float(unit)).tolist()
    assert (found.times.distinct[found.times.index] == time * float(unit)).all()


def test_whole_numbers_count_alike_as_integers_and_as_floats() -> None:
    time = np.array([3_600_000_001, 3_600_000_000, 3_600_000_001, 7])
    one, two = (ta.kaplan_meier(t, [1, 1, 0, 1]) for t in (time, time.astype(float)))
    np.testing.assert_array_equal(one.times, two.times)
    assert len(one.times) == 3


def test_unsigned_and_short_integers_are_times_too() -> None:
    for kind in (np.uint8, np.uint64, np.int16, np.float32):
        assert arrays.times(np.array([200, 3], dtype=kind) // 2).tolist() == [100, 1]
    with pytest.raises(ta.ArgumentError, match="row 1"):
        arrays.times(np.array([1, 2**63], dtype=np.uint64))


@pytest.mark.parametrize("kind", [np.int64, np.uint8, object, str, float])
def test_groups_are_numbered_by_first_appearance(kind: type) -> None:
    labels = np.array([7, 2, 7, 5, 2]).astype(kind)
    found = arrays.groups(labels, name="group", n=5)
    assert found.index.tolist() == [0, 1, 0, 2, 1]
    assert found.count == 3
