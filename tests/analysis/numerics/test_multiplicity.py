"""Laws of adjusted p-values."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import analysis as ta

P = st.lists(st.floats(0, 1), max_size=20)


@given(P)
def test_adjusted_are_never_below_and_holm_is_the_stricter(p: list[float]) -> None:
    holm, bh = ta.holm(p), ta.benjamini_hochberg(p)
    assert (np.array(p) <= bh + 1e-15).all()
    assert (bh <= holm + 1e-15).all()
    assert (holm <= 1).all()


def test_nothing_and_one() -> None:
    assert len(ta.holm([])) == 0
    assert ta.holm([0.3]).tolist() == ta.benjamini_hochberg([0.3]).tolist() == [0.3]


def test_no_probability_is_refused() -> None:
    with pytest.raises(ta.ArgumentError, match=r"`p` holds 1\.5 in row 1"):
        ta.holm([0.1, 1.5])
