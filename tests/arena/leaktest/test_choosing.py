"""A planted difference is found, and where there is none the choices are a fair coin."""

import numpy as np
import pytest

from arena.leaktest.choosing import Choices, Twins, choose
from arena.leaktest.judging import p_above_half

Rng = np.random.Generator


def rooms(n: int, rng: Rng, *, shift: float = 0.0, spread: float = 1.0) -> list[Twins]:
    """Rooms whose panes differ in one of six traits, by a shift or in spread."""

    def pane(mean: float, sd: float) -> dict[str, float]:
        noise = {f"noise:{k}": float(rng.normal()) for k in range(5)}
        return noise | {"trait": float(rng.normal(mean, sd))}

    return [Twins(machine=pane(shift, spread), human=pane(0.0, 1.0)) for _ in range(n)]


def test_a_shift_is_found() -> None:
    found = choose(rooms(200, np.random.default_rng(1), shift=1.5))
    assert found.n == 175 and found.accuracy > 0.75


def test_a_middle_that_no_line_divides_is_found() -> None:
    found = choose(rooms(300, np.random.default_rng(2), spread=0.1))
    assert found.accuracy > 0.7


def test_a_floor_is_found() -> None:
    rng = np.random.default_rng(3)
    waits = rng.lognormal(0, 1, size=(300, 2))
    told = [Twins(machine={"w": max(float(m), 0.7)}, human={"w": float(h)}) for m, h in waits]
    assert choose(told).accuracy > 0.6


def test_equal_panes_are_not_chosen_between() -> None:
    same = {"keys:id,at": 1.0, "bytes": 120.0}
    found = choose([Twins(machine=same, human=same)] * 40)
    assert found == Choices(n=35, n_right=0, n_equal=35) and found.accuracy == 0.5


def test_a_trait_of_one_kind_only_is_found_at_once() -> None:
    found = choose([Twins(machine={"extra": 1.0}, human={})] * 20)
    assert found.n_right == found.n == 16


@pytest.mark.parametrize("n", [0, 1, 4])
def test_too_few_rooms_give_no_choice(n: int) -> None:
    found = choose([Twins(machine={"extra": 1.0}, human={})] * n)
    assert found.n == 0 and np.isnan(found.accuracy)


def test_which_pane_comes_first_does_not_matter() -> None:
    told = rooms(60, np.random.default_rng(4), shift=1.0)
    turned = [Twins(machine=each.human, human=each.machine) for each in told]
    assert choose(told) == choose(turned)


@pytest.mark.monte_carlo
def test_permuted_labels_are_chosen_as_by_a_coin() -> None:
    """The number of right choices is binomial: its mean, its variance and the test's error."""
    rng, n_runs = np.random.default_rng(5), 300
    runs = []
    for _ in range(n_runs):
        told = rooms(60, rng, shift=1.0)
        coins = rng.random(60) < 0.5
        permuted = [
            Twins(machine=t.human, human=t.machine) if coin else t
            for t, coin in zip(told, coins, strict=True)
        ]
        runs.append(choose(permuted))
    n = runs[0].n
    right = np.array([each.n_right for each in runs])
    right = right + np.array([each.n_equal for each in runs]) / 2  # of which there are few
    assert abs(right.mean() - n / 2) < 4 * np.sqrt(n / 4 / n_runs)
    assert 0.75 < right.var() / (n / 4) < 1.25
    wrongly = np.mean([p_above_half(each) <= 0.05 for each in runs])
    assert wrongly < 0.05 + 3 * np.sqrt(0.05 * 0.95 / n_runs)
