"""Win and pass rates, against the published counts."""

import math
from pathlib import Path

import numpy as np
import pytest

import analysis as ta
from tests.analysis.golden import assert_same

#: Released counts of two three-party studies (2025, 2026): machine picked as the human, games,
#: rate, Wilson interval, logit with error, z, Wald and exact p-values.
PUBLISHED = [
    (208, 286, 0.7273, (0.673, 0.776), 0.981, 0.133, 7.387, 1.5e-13, 8.1e-15),
    (154, 275, 0.5600, (0.501, 0.617), 0.241, 0.121, 1.985, 0.047, 0.053),
    (53, 137, 0.3869, (0.309, 0.470), -0.461, 0.175, -2.625, 0.0087, 0.0101),
    (56, 154, 0.3636, (0.292, 0.442), -0.560, 0.168, -3.341, 0.0008, 0.0009),
    (35, 147, 0.2381, (0.176, 0.313), -1.163, 0.194, -6.006, 1.9e-9, 1.4e-10),
    (30, 141, 0.2128, (0.153, 0.287), -1.308, 0.206, -6.358, 2.0e-10, 4.0e-12),
    (87, 148, 0.5878, (0.507, 0.664), None, None, 2.126, 0.034, 0.040),
    (83, 149, 0.5570, (0.477, 0.634), None, None, 1.390, 0.165, 0.190),
    (16, 95, 0.1684, (0.106, 0.256), None, None, -5.825, 5.7e-9, 3.5e-11),
]

#: Marked as reproduced: printed z and p of intercept-only models in arXiv 2405.08007 and
#: 2310.20216, from the counts: 54/100, 22/100, 425/855 (z printed as -0.71, p right), 35/90 (the
#: printed -0.452 is the logit).
REPRODUCED = [
    (54, 100, 0.1603, 0.799, 0.4242),
    (22, 100, -1.2657, -5.243, None),
    (425, 855, None, -0.171, 0.8642),
    (35, 90, -0.452, -2.090, 0.0366),
]


def games(won: int, n: int) -> list[int]:
    return [1] * won + [0] * (n - won)


def like(found: float, printed: float) -> bool:
    """Whether a number agrees with a printed one to its last digit."""
    digits = len(f"{abs(printed):.3g}".rstrip("0").partition("e")[0].replace(".", "").lstrip("0"))
    return math.isclose(found, printed, rel_tol=0.6 * 10 ** (1 - digits))


@pytest.mark.parametrize("row", PUBLISHED, ids=lambda row: f"{row[0]} of {row[1]}")
def test_published_win_rates(row: tuple) -> None:
    won, n, rate, wilson, logit, error, z, wald, exact = row
    table = ta.win_rate(games(won, n)).table.iloc[0]
    assert round(table["rate"], 4) == rate
    assert (round(table["wilson_low"], 3), round(table["wilson_high"], 3)) == wilson
    assert round(table["z"], 3) == z
    assert like(table["p_wald"], wald)
    assert like(table["p_exact"], exact)
    if logit is not None:
        assert round(table["logit"], 3) == logit
        assert round(table["logit_std_error"], 3) == error


@pytest.mark.parametrize("row", REPRODUCED, ids=lambda row: f"{row[0]} of {row[1]}")
def test_z_values_marked_as_reproduced(row: tuple) -> None:
    passed, n, logit, z, p = row
    found = ta.pass_rate(games(passed, n))
    assert round(float(found.z[0]), 3) == z
    if logit is not None:
        assert math.isclose(found.logit[0], logit, abs_tol=6e-4)
    if p is not None:
        assert round(float(found.p_wald[0]), 4) == p


def test_a_small_choice_of_test_flips_significance() -> None:
    found = ta.win_rate(games(154, 275))
    assert found.p_wald[0] < 0.05 < found.p_exact[0]


def test_groups_keep_their_order() -> None:
    found = ta.win_rate([1, 0, 1, 1], by=list("baba"))
    assert found.groups == ("b", "a")
    assert found.table["n_won"].tolist() == [2, 1]


@pytest.mark.parametrize("cluster", [None, []])
def test_no_rows_give_no_numbers(cluster: list | None) -> None:
    table = ta.win_rate([], cluster=cluster).table.iloc[0]
    assert table["n"] == 0
    assert np.isnan(table.drop(["group", "n", "n_won", "n_clusters"]).astype(float)).all()


def test_all_alike_have_an_exact_test_only() -> None:
    found = ta.win_rate([1] * 8, cluster=list("aabbccdd"))
    assert np.isnan([found.z[0], found.p_wald[0], found.p_cluster[0]]).all()
    assert found.p_exact.tolist() == [2 * 0.5**8]


def test_repetition_widens_the_clustered_p_only() -> None:
    who = np.repeat(np.arange(10), 10)
    won = (who < 7).astype(int)
    found = ta.win_rate(won, cluster=who)
    assert found.p_exact[0] < 0.001 < 0.1 < found.p_cluster[0]


def test_win_rates_of_a_study(export: Path) -> None:
    study = ta.load(export)
    found, accuracy = ta.win_rate_by_profile(study), ta.accuracy_by_profile(study)
    assert found.groups == accuracy.groups
    assert_same(found.rate, 1 - accuracy.proportion)
    with pytest.raises(ta.ArgumentError, match="this is for two_party studies"):
        ta.pass_rate_by_profile(study)


def test_pass_rates_of_a_study(tmp_path: Path) -> None:
    ta.simulate(
        tmp_path, n_rooms=60, n_interrogators=6, seed=3, design=ta.Design(format="two_party")
    )
    study = ta.load(tmp_path)
    table = ta.pass_rate_by_profile(study).table.set_index("group")
    rooms = study.rooms.set_index("room")
    humans = study.verdicts["room"].map(rooms["witness_kind"]).eq("human")
    assert table.loc["(human)", "n_won"] == (humans & study.verdicts["correct"]).sum()
    assert table["n_won"].sum() == study.verdicts["human"].eq("true").sum()
    with pytest.raises(ta.ArgumentError, match="use pass_rate_by_profile"):
        ta.win_rate_by_profile(study)


def test_sharp_null_holds_level_although_interrogators_return() -> None:
    """Sides are drawn per room, so nobody who cannot tell wins more than half the time."""
    rng, reps = np.random.default_rng(5), 4000
    rejected = sum(
        float(ta.win_rate(rng.integers(0, 2, 60)).p_exact[0]) < 0.05 for _ in range(reps)
    )
    assert rejected / reps <= 0.05 + 3 * math.sqrt(0.05 * 0.95 / reps)


def test_average_null_needs_the_clustered_p() -> None:
    """Half right on average, people differing: the clustered test holds, the exact one does not."""
    rng, reps, n_people = np.random.default_rng(6), 1000, 30
    who, false = np.repeat(np.arange(n_people), 15), np.zeros(2)
    for _ in range(reps):
        won = rng.random(len(who)) < rng.beta(2.5, 2.5, n_people)[who]
        found = ta.win_rate(won, cluster=who)
        false += [found.p_cluster[0] < 0.05, found.p_exact[0] < 0.05]
    limit = 0.05 + 3 * math.sqrt(0.05 * 0.95 / reps)
    assert false[0] / reps <= limit < false[1] / reps
