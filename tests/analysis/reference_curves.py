"""Compares curves, tests between curves and decision times with the reference results."""

import math

import numpy as np

import analysis as ta
from analysis.numerics import intervals
from analysis.outcomes.commitment import committed_reports
from tests.analysis.golden import Entry, assert_same, check, column, integers

SESSIONS, WHO = integers("sessions", "outcome"), column("sessions", "interrogator_id")
WALL, MESSAGES = integers("sessions", "wall_s"), integers("sessions", "n_messages")
TINY = (integers("tiny_ties", "time"), integers("tiny_ties", "cause"))
STRATEGY, MODEL = column("sessions", "strategy_first"), column("sessions", "model_id")
TIME_AND_CAUSE = {"ses_wall": (WALL, SESSIONS), "ses_msg": (MESSAGES, SESSIONS), "tiny": TINY}
Z = 1.959963984540054


def factor(n: int) -> float:
    return math.sqrt(n / (n - 1))


def data_of(entry: Entry) -> tuple[str, np.ndarray, np.ndarray]:
    name = next(name for name in TIME_AND_CAUSE if entry.name.split("/")[1].startswith(name))
    return name, *TIME_AND_CAUSE[name]


@check(
    "km",
    *(
        f"{data}_{interval}"
        for data in TIME_AND_CAUSE
        for interval in ("log-log", "log", "plain", "logit")
    ),
)
def kaplan_meier(entry: Entry) -> None:
    name, time, cause = data_of(entry)
    event = cause > 0 if name == "tiny" else cause == 1
    found = ta.kaplan_meier(time, event, interval=entry["conf_type"])
    assert entry["strata"] is None
    table = found.table
    for ours, theirs in (
        ("time", "time"),
        ("n_at_risk", "n_risk"),
        ("n_events", "n_event"),
        ("n_censored", "n_censor"),
    ):
        assert table[ours].tolist() == entry[theirs]
    for values, theirs in ((found.survival, "surv"), (found.std_error, "se_surv")):
        assert_same(values, entry[theirs])
    assert_same([found.low, found.high], [entry["lower"], entry["upper"]])
    n, d = found.n_at_risk, found.n_events
    with np.errstate(divide="ignore", invalid="ignore"):
        log_error = found.std_error / found.survival
    known = found.survival > 0
    assert_same(log_error[known], np.array(entry["se_cumhaz_log"], float)[known])
    # Nelson and Aalen's hazard follows from the counts.
    assert_same(np.cumsum(d / n), entry["cumhaz_nelson_aalen"])
    assert_same(np.sqrt(np.cumsum(d / n**2)), entry["se_nelson_aalen"])
    ends = [found.quantile(p) for p in entry["probs"]]
    for values, theirs in (
        ([q.value for q in ends], "quantile"),
        ([q.low for q in ends], "q_lower"),
        ([q.high for q in ends], "q_upper"),
    ):
        assert values == [math.inf if x[0] is None else x[0] for x in entry[theirs]]


@check("km_cluster", "ses_wall_cluster", "tiny_cluster", "ses_wall_robust_nocluster")
def clustered_kaplan_meier(entry: Entry) -> None:
    name, time, cause = data_of(entry)
    own = column("tiny_ties", "cl") if name == "tiny" else WHO
    cluster = range(len(time)) if entry.name.endswith("nocluster") else own
    event = cause > 0 if name == "tiny" else cause == 1
    found = ta.kaplan_meier(time, event, cluster=cluster)
    error = found.sandwich
    assert_same(found.times, entry["time"])
    assert_same(found.survival, entry["surv"])
    assert_same(error, entry["se_surv"])
    # The reference has neither a correction nor Student's t.
    ends = intervals.symmetric(found.survival, error, width=Z, scale=intervals.Scale.LOG_LOG)
    assert_same(ends, [entry["lower"], entry["upper"]])


@check("km_cluster", "ses_wall_independent")
def plain_kaplan_meier(entry: Entry) -> None:
    found = ta.kaplan_meier(WALL, SESSIONS == 1)
    for values, theirs in (
        (found.times, "time"),
        (found.survival, "surv"),
        (found.std_error, "se_surv"),
        (found.low, "lower"),
        (found.high, "upper"),
    ):
        assert_same(values, entry[theirs])


@check("competing", "tiny_survfit", "ses_wall_survfit", "ses_msg_survfit")
def incidence(entry: Entry) -> None:
    _, time, cause = data_of(entry)
    found = ta.cumulative_incidence(time, cause)
    assert entry["conf_type"] == "log-log"
    pairs = {"time": found.times, "n_risk": found.n_at_risk, "p0": found.undecided}
    for k in (0, 1):
        pairs |= {
            f"n_event{k + 1}": found.n_events[k],
            f"cif{k + 1}": found.incidence[k],
            f"se_ij_cif{k + 1}": found.std_error[k],
            f"lower{k + 1}": found.low[k],
            f"upper{k + 1}": found.high[k],
        }
    for name, values in pairs.items():
        assert_same(values, entry[name])


@check("competing", "ses_wall_cluster", "tiny_cluster")
def clustered_incidence(entry: Entry) -> None:
    name, time, cause = data_of(entry)
    cluster = column("tiny_ties", "cl") if name == "tiny" else WHO
    found, plain = (ta.cumulative_incidence(time, cause, cluster=c) for c in (cluster, None))
    net = found.net()
    assert_same(found.times, entry["time"])
    assert_same(net.value, entry["net_cif1_minus_cif2"])
    assert_same(net.sandwich, entry["se_cluster_net"])
    for k in (0, 1):
        assert_same(found.incidence[k], entry[f"cif{k + 1}"])
        assert_same(plain.std_error[k], entry[f"se_ij_cif{k + 1}"])
        assert_same(found.sandwich[k], entry[f"se_cluster_cif{k + 1}"])


@check("competing", "tiny_cuminc", "ses_wall_cuminc")
def cmprsk_incidence(entry: Entry) -> None:
    _, time, cause = data_of(entry)
    found = ta.cumulative_incidence(time, cause)
    assert entry["rows"] == ["1 1", "1 2"]
    for k, wanted in zip((1, 2), entry["est"], strict=True):
        assert_same([found.at(t, k).value for t in entry["times"]], wanted)


@check("competing", "tiny_etm", "ses_wall_etm")
def etm_incidence(entry: Entry) -> None:
    _, time, cause = data_of(entry)
    found = ta.cumulative_incidence(time, cause)
    for k in (1, 2):
        here = [found.at(t, k) for t in entry["times"]]
        assert_same([each.value for each in here], entry[f"cif{k}"])
        assert_same([each.std_error**2 for each in here], entry[f"var_greenwood{k}"])


@check("competing", "naive_1_minus_km_ses")
def naive_complement(entry: Entry) -> None:
    naive, honest = ta.kaplan_meier(WALL, SESSIONS == 1), ta.cumulative_incidence(WALL, SESSIONS)
    place = np.searchsorted(naive.times, entry["times"], side="right") - 1
    assert_same(1 - naive.survival[place], entry["one_minus_km"])
    assert (1 - naive.survival[place] > [honest.at(t).value for t in entry["times"]]).all()


@check("competing", "ses_gray_strategy")
def gray(entry: Entry) -> None:
    assert (entry["rows"], entry["cols"]) == (["1", "2"], ["stat", "pv", "df"])
    for of, wanted in zip((1, 2), entry["tests"], strict=True):
        found = ta.gray_test(WALL, SESSIONS, STRATEGY, of=of)
        assert_same([found.statistic, found.p_value, found.df], wanted)


@check("checks", "gray")
def gray_of_other_kinds(entry: Entry) -> None:
    for name, time, options in (
        ("plain", WALL, {}),
        ("rho", WALL, {"rho": 1}),
        ("strata", WALL, {"strata": MODEL}),
        ("messages", MESSAGES, {}),
    ):
        for of, wanted in zip((1, 2), entry[name], strict=True):
            found = ta.gray_test(time, SESSIONS, STRATEGY, of=of, **options)
            assert_same([found.statistic, found.p_value, found.df], wanted)


@check("rmst", "ses_wall_3600", "ses_strategy_3600")
def restricted_mean(entry: Entry) -> None:
    if entry["group"] is None:
        rows = [np.ones(len(WALL), bool)]
        inside = entry["hand"]
        assert (inside["rmst"], inside["se_greenwood"]) == (entry["rmst"], entry["se"])
    else:
        names = [label.removeprefix("strategy_first=") for label in entry["group"]]
        rows = [np.array(STRATEGY) == name for name in names]
    curves = [ta.kaplan_meier(WALL[r], SESSIONS[r] == 1) for r in rows]
    found = [curve.restricted_mean(entry["tau"]) for curve in curves]
    assert_same([each.value for each in found], entry["rmst"])
    assert_same([each.std_error for each in found], entry["se"])


@check("rmtl", "ses_wall_3600", "tiny_8")
def time_lost(entry: Entry) -> None:
    _, time, cause = data_of(entry)
    curve = ta.cumulative_incidence(time, cause)
    undecided = ta.kaplan_meier(time, cause > 0).restricted_mean(entry["tau"])
    lost = [curve.time_lost(entry["tau"], k) for k in (1, 2)]
    assert entry["state"] == ["(s0)", "c1", "c2"]
    assert_same([each.value for each in (undecided, *lost)], entry["rmean"])
    assert_same([each.std_error for each in (undecided, *lost)], entry["se"])


@check("float_ties", "timefix")
def nearly_equal_times(entry: Entry) -> None:
    root = math.sqrt(2) ** 2
    found = ta.kaplan_meier([1, 2, root, 2, root, 3, 0.1 + 0.2 + 2.7], [1, 1, 1, 0, 1, 1, 0])
    assert_same(found.times, entry["time"])
    assert_same(found.survival, entry["surv"])
    assert (found.n_at_risk.tolist(), found.n_events.tolist()) == (
        entry["n_risk"],
        entry["n_event"],
    )


@check("logrank", "ses_strategy_first", "ses_strategy_first_messages")
def logrank(entry: Entry) -> None:
    found = ta.logrank(MESSAGES if "messages" in entry.name else WALL, SESSIONS == 1, STRATEGY)
    order = sorted(range(len(found.groups)), key=lambda k: found.groups[k])
    table = found.table.iloc[order]
    assert (table["n"].tolist(), table["observed"].tolist()) == (entry["n"], entry["observed"])
    assert_same(table["expected"], entry["expected"])
    assert_same(found.covariance[np.ix_(order, order)], entry["var"])
    assert_same(
        [found.statistic, found.df, found.p_value], [entry["chisq"], entry["df"], entry["p"]]
    )


@check("logrank_cluster", "ses_adv_cluster")
def clustered_logrank(entry: Entry) -> None:
    pressed = np.array(STRATEGY) == "adversarial"
    found = ta.logrank(WALL, SESSIONS == 1, pressed, cluster=WHO)
    assert_same([found.statistic, found.p_value], [entry["robust_score"], entry["robust_p"]])
    plain = ta.cox(None, WALL, SESSIONS == 1, {"pressed": pressed}, ties="breslow")
    assert_same(
        [plain.score.statistic, plain.score.p_value], [entry["naive_score"], entry["naive_p"]]
    )
    model = ta.cox(None, WALL, SESSIONS == 1, {"pressed": pressed}, ties="breslow", cluster=WHO)
    assert_same(model.coefficients, [entry["coef"]], 1e-6)
    assert_same(math.sqrt(model.sandwich[0, 0]), entry["se_robust"], 1e-6)
    assert_same(plain.std_error, entry["se_naive"], 1e-6)


@check("checks", "logrank")
def weighted_and_stratified_logrank(entry: Entry) -> None:
    harrington = {"weights": "fleming-harrington"}
    for name, time, options in (
        ("peto", WALL, harrington | {"rho": 1}),
        ("half", MESSAGES, harrington | {"rho": 0.5}),
        ("strata", WALL, {"strata": MODEL}),
        ("strata_peto", MESSAGES, harrington | {"rho": 1, "strata": MODEL}),
    ):
        wanted, found = entry[name], ta.logrank(time, SESSIONS == 1, STRATEGY, **options)
        table = found.table.set_index("group").sort_index()
        assert_same(found.statistic, wanted["chisq"])
        if "strata" in options and "rho" in options:
            # R weighs by the curve of each stratum, and so do we.
            assert_same(table["observed"], wanted["observed"])
        assert_same(table["observed"], wanted["observed"])
        assert_same(table["expected"], wanted["expected"])


@check("checks", "late_entry")
def late_entry(entry: Entry) -> None:
    rows = (entry["wall_s"], entry["event"])
    found, wanted = ta.kaplan_meier(*rows, entry=entry["entry"]), entry["plain"]
    place = np.searchsorted(found.times, wanted["time"])
    assert_same(found.times[place], wanted["time"])
    assert_same(found.n_at_risk[place], wanted["n_risk"])
    assert_same(found.survival[place], wanted["survival"])
    assert_same(found.std_error[place], wanted["std_error"])
    assert_same([found.low[place], found.high[place]], [wanted["low"], wanted["high"]])
    assert_same([found.quantile(p).value for p in (0.25, 0.5, 0.75)], wanted["quantile"])
    by_person = ta.kaplan_meier(*rows, entry=entry["entry"], cluster=entry["interrogator_id"])
    assert_same(by_person.sandwich[place], entry["clustered"]["std_error"])


@check("beliefs", "tau80_w300", "tau90_w300", "tau80_w0")
def standing_beliefs(entry: Entry) -> None:
    tau, dwell = entry["tau"], entry["dwell"] * 1000
    ends = dict(zip(column("sessions", "session_id"), WALL.tolist(), strict=True))
    names = sorted(ends)
    number = {name: i for i, name in enumerate(names)}
    room = np.array([number[name] for name in column("beliefs", "session_id")])
    at = (np.array(column("beliefs", "t_s"), dtype=float) * 1000).round().astype(np.int64)
    p = np.array(column("beliefs", "p_true_ai"), dtype=float)
    order = np.lexsort((at, room))
    stood = committed_reports(room[order], at[order], p[order], tau=tau, dwell=dwell)
    time = np.array([ends[name] * 1000 for name in names])
    status = np.zeros(len(names), dtype=int)
    for place in stood.report[stood.side == 1][::-1]:
        event, which = at[order][place] + dwell, room[order][place]
        if event <= ends[names[which]] * 1000:
            time[which], status[which] = event, 1
    found = ta.kaplan_meier(time / 1000, status)
    assert (found.n, int(status.sum())) == (entry["n"], entry["events"])
    assert (time[:20] / 1000).tolist() == entry["first_times"]
    assert status[:20].tolist() == entry["first_status"]
    median = found.quantile(0.5)
    told = [None if np.isinf(x) else x for x in (median.value, median.low, median.high)]
    assert told == [entry["median"], entry["lower"], entry["upper"]]


@check("beliefs", "")
def belief_scores(entry: Entry) -> None:
    found = ta.integrated_brier(
        column("beliefs", "session_id"),
        [float(t) for t in column("beliefs", "t_s")],
        [float(p) for p in column("beliefs", "p_true_ai")],
        rooms=column("sessions", "session_id"),
        end=WALL,
        cluster=WHO,
    )
    assert found.rooms[:20] == tuple(entry["session_ids_first"])
    assert_same(found.score[:20], entry["tib_first"])
    assert_same([found.mean.value], [entry["mean_time_integrated_brier"]])
