"""Bradley-Terry abilities: what does not depend on the reference, and ranks."""

import numpy as np
import pytest

import analysis as ta
from tests.analysis.golden import reference

GOLDEN = reference("bradley_terry")["stigler"]


def citations() -> tuple[list[str], list[str], list[int]]:
    winner, loser, times = [], [], []
    for pair in GOLDEN["pairs"]:
        winner += [pair["j1"], pair["j2"]]
        loser += [pair["j2"], pair["j1"]]
        times += [pair["win1"], pair["win2"]]
    return winner, loser, times


def test_rows_may_be_split_and_reference_moves_all_alike() -> None:
    winner, loser, times = citations()
    one = ta.bradley_terry(winner, loser, times=times, reference="JASA").abilities
    rows = np.repeat(np.arange(len(times)), times)
    two = ta.bradley_terry(np.array(winner)[rows], np.array(loser)[rows]).abilities
    np.testing.assert_allclose(np.diff(one.ability), np.diff(two.ability), rtol=1e-9)
    assert one.rank_low.tolist() == two.rank_low.tolist() == [2, 4, 3, 1]


def test_equal_rivals_are_not_ranked() -> None:
    found = ta.bradley_terry(list("abc"), list("bca"), times=[9, 9, 9]).abilities
    np.testing.assert_allclose(found.ability, 0.0, atol=1e-9)
    assert (found.rank_low.tolist(), found.rank_high.tolist()) == ([1, 1, 1], [3, 3, 3])


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"winner": ["a"], "loser": ["a"]}, "`winner` holds a in row 0"),
        ({"winner": ["a"], "loser": ["b"]}, "No chain of wins leads from b to a"),
        ({"winner": list("abcd"), "loser": list("badc")}, "No chain of wins leads from a to c"),
        (
            {"winner": list("ab"), "loser": list("ba"), "reference": "z"},
            r"`reference` must be one of a, b \(got 'z'",
        ),
        ({"winner": list("ab"), "loser": ["b"]}, r"`loser` must have 2 rows, one each \(got 1"),
        ({"winner": list("ab"), "loser": list("ba"), "times": [1, -1]}, "`times` holds -1"),
    ],
)
def test_bad_input_is_refused(arguments: dict, says: str) -> None:
    with pytest.raises(ta.ArgumentError, match=says):
        ta.bradley_terry(**arguments)
