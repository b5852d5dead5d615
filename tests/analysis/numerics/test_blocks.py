"""Running sums and products in pieces: those of the whole array, and exact where nothing moves."""

import numpy as np
import pytest

from analysis.numerics import blocks


@pytest.mark.parametrize("n", [0, 1, 7, 3_999, 4_000, 4_001, 4_002, 4_003])
@pytest.mark.parametrize("step", [np.add, np.multiply])
def test_running_steps_are_those_of_numpy(n: int, step: np.ufunc) -> None:
    given = 1 - np.random.default_rng(n).random((2, n)) / 1000
    found = given.copy()
    blocks.run(step, found)
    np.testing.assert_allclose(found, step.accumulate(given, axis=-1), rtol=1e-13)


@pytest.mark.parametrize(("step", "nothing"), [(np.add, 0.0), (np.multiply, 1.0)])
def test_a_step_of_nothing_changes_no_digit(step: np.ufunc, nothing: float) -> None:
    rng = np.random.default_rng(1)
    given = rng.random(10_000)
    still = rng.random(10_000) < 0.5
    given[still] = nothing
    found = given.copy()
    blocks.run(step, found)
    moved = np.flatnonzero(still[1:]) + 1
    assert (found[moved] == found[moved - 1]).all()
    rises = np.diff(found)
    assert (rises >= 0).all() or (rises <= 0).all()


def test_sums_carry_over_from_piece_to_piece() -> None:
    given = np.random.default_rng(2).random((3, 3 * blocks.LENGTH + 5))
    sums, found = blocks.Running(), given.copy()
    for part in blocks.blocks(given.shape[1]):
        sums.add(found[:, part])
    np.testing.assert_allclose(found, np.cumsum(given, axis=1), rtol=1e-12)
