"""Compares shares, agreement, calibration and sequential methods with the reference results."""

import inspect
from itertools import permutations

import numpy as np

import analysis as ta
from analysis.sequential.times import _event_counts, radius
from tests.analysis.golden import Entry, assert_fit, assert_same, check, column, integers
from tests.analysis.reference_curves import SESSIONS, STRATEGY, WALL

CODERS = ("coder1", "coder2", "coder3")
CORRECT = integers("verdicts", "correct")
COUNTS = ((0, 10), (1, 10), (10, 10), (54, 100), (540, 1000), (0, 1))


def answers(right: int, n: int) -> list[int]:
    return [1] * right + [0] * (n - right)


@check("proportions", *(f"x{x}_n{n}" for x, n in COUNTS))
def shares(entry: Entry) -> None:
    rows = answers(entry["x"], entry["n"])
    found = ta.accuracy(rows)
    assert_same([found.wilson_low, found.wilson_high], entry["wilson"])
    assert_same([found.jeffreys_low, found.jeffreys_high], entry["jeffreys"])
    assert_same(ta.win_rate(rows).p_exact, [entry["p_exact_half"]])
    # Two one-sided tests at 2.5 % invert to the exact 95 % interval.
    exact = ta.equivalence(rows, margin=0.1, level=0.975)
    assert_same([exact.low, exact.high], entry["clopper_pearson"])


@check("proportions", "newcombe")
def differences(entry: Entry) -> None:
    for name in entry:
        x, n, y, m = map(int, name.split("_"))
        rows = answers(x, n) + answers(y, m)
        found = ta.accuracy_difference(rows, ["a"] * n + ["b"] * m)
        assert_same([found.value, found.low, found.high], entry[name])


@check("proportions", "mcnemar")
def pairs(entry: Entry) -> None:
    for name in entry:
        wanted = entry[name]
        (both, first), (second, neither) = wanted["table"]
        one = [1] * (both + first) + [0] * (second + neither)
        other = [1] * both + [0] * first + [1] * second + [0] * neither
        found = ta.mcnemar(one, other)
        assert (found.n_first_only, found.n_second_only) == (wanted["b"], wanted["c"])
        assert_same(
            [found.p_exact, found.p_mid, found.statistic, found.p_value],
            [wanted["exact_p"], wanted["midp"], wanted["chisq"], wanted["p"]],
        )


@check("proportions", "cochran_armitage", "cochran_armitage_scores")
def trend(entry: Entry) -> None:
    doses = (0, 1, 4, 9) if entry.name.endswith("scores") else (1, 2, 3, 4)
    right, dose = [], []
    for x, n, at in zip((10, 18, 27, 41), (60, 62, 65, 70), doses, strict=True):
        right += answers(x, n)
        dose += [at] * n
    found = ta.accuracy_trend(right, dose)
    assert_same([found.statistic, found.p_value], [entry["chisq"], entry["p"]])
    if "z" in entry:
        assert_same([found.z], [entry["z"]])


@check("proportions", "padjust")
def adjusted(entry: Entry) -> None:
    assert_same(ta.holm(entry["p"]), entry["holm"])
    assert_same(ta.benjamini_hochberg(entry["p"]), entry["BH"])
    assert_same(ta.holm(entry["p"][::-1]), entry["holm"][::-1])


@check("agreement", "cohen_coder1_coder2")
def kappa(entry: Entry) -> None:
    found = ta.cohen_kappa(column("codings", "coder1"), column("codings", "coder2"))
    assert found.n == entry["n"]
    assert_same([found.value] * 2, [entry["kappa_unweighted"], entry["kappa_vcd"]])
    assert_same([found.std_error**2, found.std_error], [entry["var"], entry["ase_vcd"]])
    codings = {coder: column("codings", coder) for coder in CODERS}
    confusion = ta.agreement(codings, n_resamples=1).confusion("coder1", "coder2").to_numpy()
    orders = (confusion[np.ix_(p, p)] for p in permutations(range(4)))
    wanted = entry["table"]
    assert any(cells.tolist() == wanted for cells in orders)


@check("agreement", "krippendorff_codings")
def alpha(entry: Entry) -> None:
    found = ta.agreement({coder: column("codings", coder) for coder in CODERS})
    assert_same([found.alpha.value], [entry["nominal"]])


def of_verdicts() -> ta.Calibration:
    return ta.calibration([float(cell) for cell in column("verdicts", "confidence")], CORRECT)


@check("calibration", "")
def calibration(entry: Entry) -> None:
    found = of_verdicts()
    skill = 1 - found.brier.value / found.uncertainty
    assert_same([found.brier.value, found.log_score.value], [entry["brier"], entry["log_score"]])
    assert_same(skill, entry["brier_skill_vs_base_rate"])
    assert_same(found.confidence, entry["pav_x"])
    assert_same(found.n_stated, entry["pav_n"])
    assert_same(found.calibrated, entry["pav_y"])
    large = found.calibration_in_the_large
    assert_fit([found.slope.value, found.slope.std_error], [entry["slope"], entry["slope_se"]])
    assert_fit(found.intercept.value, entry["intercept_with_slope"])
    assert_fit([large.value, large.std_error], [entry["citl"], entry["citl_se"]])


@check("calibration", "corp")
def decomposition(entry: Entry) -> None:
    found = of_verdicts()
    assert_same(
        [found.miscalibration, found.discrimination, found.uncertainty],
        [entry["MCB"], entry["DSC"], entry["UNC"]],
    )
    assert_same(found.brier.value - found.miscalibration + found.discrimination, entry["check"])


@check("anytime_mean", "beta_mixture_jeffreys", "beta_mixture_uniform")
def mixture(entry: Entry) -> None:
    prior = 0.5 if entry.name.endswith("jeffreys") else 1.0
    watched = ta.mixture_win_rate(CORRECT, a=prior, b=prior)
    for n, s, low, high in entry["n_s_lo_hi"]:
        assert_same(watched.estimate[n - 1] * n, s)
        assert_same([watched.low[n - 1], watched.high[n - 1]], [low, high])


@check("anytime_mean", "betting_cs", "betting_cs_running")
def betting(entry: Entry) -> None:
    watched = ta.betting_mean(CORRECT)
    watched = watched.running() if entry.name.endswith("running") else watched
    at = np.array(entry["n"]) - 1
    # Both stand on a grid of thousandths; 0 is written as a rounding error by the reference.
    np.testing.assert_allclose(watched.low[at], entry["lo"], rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(watched.high[at], entry["hi"], rtol=1e-9, atol=1e-12)


@check("anytime_mean", "normal_mixture_bound")
def gaussian_mixture(entry: Entry) -> None:
    rho = 25 / (2 * np.log(20) + np.log(1 + 2 * np.log(20)))
    assert_same(radius(np.array(entry["v"], float), rho, 0.95), entry["bound"])


@check("anytime_logrank", "design")
def logrank_design(entry: Entry) -> None:
    given = inspect.signature(ta.logrank_e_process).parameters
    assert given["theta"].default == entry["parameter"]
    assert 1 - given["level"].default == round(1 - (1 - entry["alpha"]), 12) or (
        round(1 - given["level"].default, 12) == entry["alpha"]
    )
    assert entry["alternative"] == "twoSided"


@check("anytime_logrank", "ses_adv_theta0.5", "ses_adv_theta0.7")
def exact_logrank(entry: Entry) -> None:
    theta, right = entry["theta"], (SESSIONS == 1).astype(int)
    pressed = np.array([int(name == "adversarial") for name in STRATEGY])
    watched = ta.logrank_e_process(WALL, right, pressed, theta=theta, points=4)
    counts = _event_counts(WALL, right, pressed, start=None)
    assert np.unique(WALL[right == 1]).tolist() == entry["time"]
    assert counts.events_1.tolist() == entry["obs1"]
    assert (counts.events - counts.events_1).tolist() == entry["obs0"]
    assert (counts.open - counts.open_1).tolist() == entry["y0"]
    assert counts.open_1.tolist() == entry["y1"]
    assert_same(watched.log_e_value, entry["log_e_two_sided_half_half"])
    assert_same(counts.log_e(0.0, np.log(theta)), entry["log_e_less"])
    assert_same(counts.log_e(0.0, -np.log(theta)), entry["log_e_greater"])
