"""Compares regression models with the reference results."""

import math

import numpy as np
from scipy import special

import analysis as ta
from analysis.classification.gee import Correlation, gee
from analysis.numerics import arrays, columns, logistic
from analysis.numerics.model_matrix import ModelMatrix, model_matrix
from analysis.numerics.sandwich import Correction, Sandwich, sandwich
from analysis.survival.logrank import quadratic
from tests.analysis.golden import Entry, assert_fit, assert_same, check, column, integers
from tests.analysis.reference_curves import MESSAGES, MODEL, SESSIONS, WALL, Z
from tests.analysis.reference_curves import WHO as PERSON

CODED, MODELS = ("adversarial", "consistency", "knowledge"), ("m1", "m2", "m3")
START, STOP = integers("episodes", "start"), integers("episodes", "stop")
OUTCOME, WHO = integers("episodes", "outcome"), column("episodes", "interrogator_id")
RIGHT, JUDGE = integers("verdicts", "correct"), column("verdicts", "interrogator_id")
R_ORDER = [0, 4, 5, 6, 7, 8, 1, 2, 3]  # R puts the covariates before the stretches

# Edmonson et al., Cancer Treatment Reports 63 (1979): days, death, age, performance status.
OVARIAN = """
59 1 72.3315 1 115 1 74.4932 1 156 1 66.4658 2 421 0 53.3644 1 431 1 50.3397 1 448 0 56.4301 2
464 1 56.9370 2 475 1 59.8548 2 477 0 64.1753 1 563 1 55.1781 2 638 1 56.7562 2 744 0 50.1096 1
769 0 59.6301 2 770 0 57.0521 1 803 0 39.2712 1 855 0 43.1233 2 1040 0 38.8932 2 1106 0 44.6 1
1129 0 53.9068 1 1206 0 44.2055 1 1227 0 59.5890 2 268 1 74.5041 2 329 1 43.1370 1 353 1 63.2192 2
365 1 64.4247 1 377 0 58.3096 1
"""


def ovarian() -> np.ndarray:
    return np.array([float(number) for number in OVARIAN.split()]).reshape(-1, 4).T


def coded(table: str, strategy: str, *, models: bool = True) -> dict[str, np.ndarray]:
    used, model = np.array(column(table, strategy)), np.array(column(table, "model_id"))
    found = {name: used == name for name in CODED}
    return found | ({name: model == name for name in MODELS} if models else {})


def of_episodes(cause: int = 1, *, by_model: bool = False, **options: object) -> ta.Cox:
    X = coded("episodes", "strategy", models=not by_model)
    strata = column("episodes", "model_id") if by_model else None
    return ta.cox(START, STOP, cause == OUTCOME, X, strata=strata, **options)


def of_rooms(time: np.ndarray, *, models: bool = False, **options: object) -> ta.Cox:
    X = coded("sessions", "strategy_first", models=models)
    return ta.cox(None, time, SESSIONS == 1, X, **options)


@check(
    "cox",
    "episodes_cause1_interrog",
    "episodes_cause2_interrog",
    "episodes_cause1_strat_model",
    "sessions_first_modal_bias",
)
def cox(entry: Entry) -> None:
    by_model, cause = "strat_model" in entry.name, 2 if "cause2" in entry.name else 1
    if "sessions" in entry.name:
        plain, found = (of_rooms(WALL, models=True, cluster=c) for c in (None, PERSON))
    else:
        plain, found = (of_episodes(cause, by_model=by_model, cluster=c) for c in (None, WHO))
    assert (found.n, found.n_events) == (entry["n"], entry["nevent"])
    for model in (plain, found):
        assert_fit(model.coefficients, entry.numbers("coef"))
        assert_fit(np.sqrt(np.diag(model.model_covariance)), entry["se_model"])
    assert_fit(plain.std_error, entry["se_model"])
    assert_fit(np.sqrt(np.diag(found.sandwich)), entry["se_robust"])
    assert_fit(found.sandwich, entry["vcov"])
    assert_same([found.log_likelihood_null, found.log_likelihood], entry["loglik"])
    assert_same(found.score.statistic, entry["robust_score"])
    assert_same(plain.likelihood_ratio.statistic, entry["lrt"])
    assert_same(plain.score.statistic, entry["score"])
    # Printed with two decimals.
    assert round(quadratic(found.coefficients, found.sandwich), 2) == entry["wald"]
    assert math.isnan(found.likelihood_ratio.statistic)


@check("checks", "cox")
def cox_to_the_last_digit(entry: Entry) -> None:
    for name, fit in (
        ("start_stop", of_episodes),
        ("breslow", lambda **o: of_rooms(MESSAGES, ties="breslow", **o)),
        ("efron", lambda **o: of_rooms(MESSAGES, **o)),
    ):
        wanted, found = entry[name], fit(cluster=WHO if name == "start_stop" else PERSON)
        assert_same(found.coefficients, wanted["coef"])
        assert_same([found.log_likelihood_null, found.log_likelihood], wanted["loglik"])
        assert_same(found.sandwich, wanted["vcov"])
        assert_same(found.model_covariance, wanted["naive"])


@check("checks", "zph")
def proportional_hazards(entry: Entry) -> None:
    days, death, age, status = ovarian()
    fits = {
        "start_stop": of_episodes(),
        "strata": of_episodes(by_model=True),
        "breslow": of_rooms(MESSAGES, ties="breslow"),
        "efron": of_rooms(MESSAGES),
        "ovarian": ta.cox(None, days, death, {"age": age, "status": status}),
    }
    for name in entry:
        wanted = entry[name]
        for transform in wanted:
            found, theirs = fits[name].proportional_hazards(transform), wanted[transform]
            assert_same(found.statistic, theirs["chisq"])
            assert_same(found.df, theirs["df"])
            assert_same(found.p_value, theirs["p"])


@check("logrank_cluster", "ses_model")
def robust_score(entry: Entry) -> None:
    X = {name: np.array(MODEL) == name for name in MODELS}
    plain, found = (ta.cox(None, WALL, SESSIONS == 1, X, cluster=c) for c in (None, PERSON))
    assert_same(
        [found.score.statistic, found.score.p_value], [entry["robust_score"], entry["robust_p"]]
    )
    assert_same(plain.score.statistic, entry["naive_score"])
    assert round(quadratic(found.coefficients, found.sandwich), 1) == entry["wald_robust"]


@check("message_clock", "efron", "breslow")
def heavy_ties(entry: Entry) -> None:
    found = of_rooms(MESSAGES, ties=entry.name.split("/")[1])
    assert_fit(found.coefficients, entry["coef"])
    assert_fit(found.std_error, entry["se"])
    assert_same([found.log_likelihood_null, found.log_likelihood], entry["loglik"])


def of_messages(**options: object) -> ta.DiscreteHazard:
    X = coded("sessions", "strategy_first", models=False)
    return ta.discrete_hazard(None, MESSAGES, SESSIONS == 1, X, **options)


@check("message_clock", "discrete_cloglog")
def discrete(entry: Entry) -> None:
    found = of_messages()
    assert (found.n_messages, found.n_events) == (entry["n_rows"], entry["n_events"])
    assert_fit(found.coefficients, np.array(entry.numbers("coef"))[R_ORDER])
    # R took these errors from the step before its last; see the next check.
    assert_same(found.std_error, np.array(entry["se"])[R_ORDER], 4e-6)
    assert_same(found.deviance, entry["deviance"])


@check("checks", "discrete_cloglog")
def discrete_to_the_last_digit(entry: Entry) -> None:
    found = of_messages()
    assert found.n_messages == entry["n_rows"]
    assert_same(found.coefficients, np.array(entry["coef"])[R_ORDER])
    assert_same(found.std_error, np.array(entry["se"])[R_ORDER])
    assert_same(found.deviance, entry["deviance"])


def assert_coding(found: ta.Cox, entry: Entry) -> None:
    assert_fit(found.coefficients[0], entry["coef"])
    assert_fit(math.sqrt(found.sandwich[0, 0]), entry["se_robust"])


@check("strategy_coding", "time_varying")
def coded_over_time(entry: Entry) -> None:
    assert_coding(of_episodes(cluster=WHO), entry)


@check("strategy_coding", "first_strategy_diluted", "modal_over_whole_session")
def coded_by_room(entry: Entry) -> None:
    strategy = "strategy_first" if "first" in entry.name else "strategy_modal"
    X = coded("sessions", strategy)
    assert_coding(ta.cox(None, WALL, SESSIONS == 1, X, cluster=PERSON), entry)


@check("strategy_coding", "ever_used_immortal")
def coded_by_the_future(entry: Entry) -> None:
    used = zip(column("episodes", "session_id"), column("episodes", "strategy"), strict=True)
    pressed = {room for room, strategy in used if strategy == "adversarial"}
    ever = np.array([room in pressed for room in column("sessions", "session_id")])
    X = {"ever": ever} | {name: np.array(MODEL) == name for name in MODELS}
    found = ta.cox(None, WALL, SESSIONS == 1, X, cluster=PERSON)
    assert_coding(found, entry)
    assert found.coefficients[0] < 0


@check("strategy_coding", "")
def only_coding_over_time_finds_the_truth(entry: Entry) -> None:
    low, high = np.log(of_episodes(cluster=WHO).table.loc[0, ["low", "high"]].astype(float))
    assert low < entry["truth"] < high


def verdicts(**options: object) -> ta.AccuracyComparison:
    return ta.compare_accuracy(
        RIGHT,
        column("verdicts", "strategy"),
        covariates={"model": column("verdicts", "model_id")},
        reference="smalltalk",
        **options,
    )


def verdict_matrix() -> ModelMatrix:
    covariates = {"model": column("verdicts", "model_id")}
    by = column("verdicts", "strategy")
    return model_matrix(by, covariates, reference="smalltalk", n=len(by))


def verdict_sandwich(correction: str) -> tuple[logistic.Logistic, Sandwich]:
    values, answers = verdict_matrix().values, RIGHT.astype(float)
    clusters, fit = arrays.groups(JUDGE, name="cluster", n=len(RIGHT)), None
    fit = logistic.fit(values, answers)
    kind = Correction(correction.lower())
    return fit, sandwich(values, answers, fit, clusters=clusters, correction=kind)


@check("accuracy_cluster", "glm")
def logistic_regression(entry: Entry) -> None:
    found, fit = verdicts(), logistic.fit(verdict_matrix().values, RIGHT.astype(float))
    assert_fit(found.coefficients, entry.numbers("coef"))
    assert_fit(found.std_error, entry["se"])
    assert_same([fit.log_likelihood, -2 * fit.log_likelihood], [entry["loglik"], entry["deviance"]])


@check("accuracy_cluster", *(f"glm_{kind}" for kind in ("CR0", "CR1", "CR1S", "CR2", "CR3")))
def sandwiches(entry: Entry) -> None:
    _, found = verdict_sandwich(entry.name.rsplit("_", 1)[1])
    assert_fit(np.sqrt(np.diag(found.covariance)), entry["se"])


@check("accuracy_cluster", "glm_CR2_satterthwaite")
def satterthwaite(entry: Entry) -> None:
    found = verdicts(cluster=JUDGE)
    assert_fit(found.df, entry["df"])
    assert_fit(found.coefficients / found.std_error, entry["t"])
    p = columns.two_sided(np.array(entry["t"]), np.array(entry["df"]))
    assert_same(p, entry["p"])
    # A tail moves by more than its quantile.
    assert_same(found.p_value, entry["p"], 1e-5)


@check("checks", "logistic")
def logistic_to_the_last_digit(entry: Entry) -> None:
    fit, _ = verdict_sandwich("CR0")
    assert_same(fit.coefficients, entry["coef"])
    assert_same(np.sqrt(np.diag(fit.covariance)), entry["se"])
    assert_same(fit.log_likelihood, entry["loglik"])
    for kind in ("CR0", "CR1", "CR1S", "CR2", "CR3"):
        assert_same(np.sqrt(np.diag(verdict_sandwich(kind)[1].covariance)), entry[kind])
    found = verdicts(cluster=JUDGE)
    assert_same(found.std_error, entry["CR2"])
    assert_same(found.df, entry["df"])
    assert_same(found.p_value, entry["p"])


@check("accuracy_cluster", "gee_independence", "gee_exchangeable")
def estimating_equations(entry: Entry) -> None:
    correlation = entry.name.rsplit("_", 1)[1]
    matrix, clusters = verdict_matrix(), arrays.groups(JUDGE, name="cluster", n=len(RIGHT))
    start = logistic.fit(matrix.values, RIGHT.astype(float)).coefficients
    found, covariance, alpha = gee(
        matrix.values, RIGHT, clusters, working=(Correlation(correlation), start)
    )
    assert_fit(found, entry.numbers("coef"))
    assert_fit(np.sqrt(np.diag(covariance)), entry["se_robust"])
    assert_fit([] if alpha is None else alpha, entry["alpha"])
    ours = verdicts(cluster=JUDGE, method="gee", correlation=correlation)
    assert_same([ours.coefficients], [found])


@check("accuracy_cluster", "gee_intercept_only")
def estimating_equations_without_terms(entry: Entry) -> None:
    clusters = arrays.groups(JUDGE, name="cluster", n=len(RIGHT))
    working = (Correlation.EXCHANGEABLE, np.zeros(1))
    found, covariance, _ = gee(np.ones((len(RIGHT), 1)), RIGHT, clusters, working=working)
    assert_fit(found, entry["coef"])
    assert_fit(math.sqrt(covariance[0, 0]), entry["se"])
    assert_fit(special.expit(found), entry["p"])


@check("accuracy_cluster", "marginal_standardised")
def standardised(entry: Entry) -> None:
    found = verdicts(cluster=JUDGE).standardised
    assert found.levels == tuple(entry["strategy"])
    assert_same(found.value, entry["p"])


@check("accuracy_cluster", "emmeans")
def marginal_means(entry: Entry) -> None:
    found = verdicts()
    assert found.standardised.levels == tuple(entry["strategy"])
    rows = np.zeros((4, 7))
    rows[:, 0], rows[:, 4:] = 1.0, 0.25  # models count alike
    rows[[1, 2, 3], [1, 2, 3]] = 1.0
    eta = rows @ found.coefficients
    error = np.sqrt(np.einsum("kp,pq,kq->k", rows, found.covariance, rows))
    p = special.expit(eta)
    assert_fit(p, entry["prob"])
    assert_fit(error * p * (1 - p), entry["se"])
    assert_fit(special.expit(eta - Z * error), entry["lower"])
    assert_fit(special.expit(eta + Z * error), entry["upper"])


@check("bradley_terry", "stigler")
def paired_wins(entry: Entry) -> None:
    winner, loser, times = [], [], []
    for pair in entry["pairs"]:
        winner += [pair["j1"], pair["j2"]]
        loser += [pair["j2"], pair["j1"]]
        times += [pair["win1"], pair["win2"]]
    found = ta.bradley_terry(winner, loser, times=times, reference="Biometrika")
    assert found.abilities.names == tuple(entry["names"])
    assert_fit(found.abilities.ability, entry["ability"])
    assert_fit(found.abilities.std_error, entry["se"])
    assert_same(found.deviance, entry["deviance"])
