"""The survival estimators beside every library that is installed, and beside a bare sort.

All in one run on the same data, as ratios. What they compute is compared too: a contender whose
answer differs is marked. Run it as `python bench/analysis.py`; nothing is installed for it.
"""

import argparse
import importlib.metadata
import importlib.util
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time as clock
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

# This file is called like the package it measures: look for that one beside the bench.
sys.path[0] = str(Path(__file__).resolve().parent.parent)

import numpy as np  # noqa: E402

import analysis as ta  # noqa: E402

#: A contender that took longer than this is not given ten times the rooms.
PATIENCE_S = 10.0
#: Answers nearer than this are the same.
SAME = 1e-4

Answer = float
Run = Callable[["Data"], Answer]


@dataclass(frozen=True, slots=True, kw_only=True)
class Data:
    """Rooms with two causes, a strategy, and interrogators who come back."""

    time: np.ndarray
    cause: np.ndarray
    group: np.ndarray
    X: np.ndarray
    who: np.ndarray


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """What is measured: ours and, by name, the others'. An answer is one number of the result."""

    name: str
    ours: Run
    others: dict[str, Run] = field(default_factory=dict)
    in_r: str = ""  # an R expression in `d`


def rooms(n: int, *, unit_ms: int) -> Data:
    """Exponential times up to four hours, rounded up to the unit; a third is lost or runs out."""
    rng = np.random.default_rng(n)
    X = rng.normal(size=(n, 3))
    group = rng.integers(0, 2, n)
    scale = 3000 * np.exp(-0.2 * group - X @ [0.3, -0.2, 0.1])
    seconds = np.minimum(rng.exponential(scale), 14_400)
    cause = np.where(seconds >= 14_400, 0, rng.choice(3, n, p=[0.3, 0.5, 0.2]))
    time = np.ceil(seconds * 1000 / unit_ms).astype(np.int64) * unit_ms
    return Data(time=time, cause=cause, group=group, X=X, who=rng.integers(0, max(n // 15, 2), n))


def tasks() -> Iterator[Task]:
    """Every estimator with its contenders."""
    yield Task(
        name="Kaplan-Meier with interval",
        ours=lambda d: _half(ta.kaplan_meier(d.time, d.cause > 0).survival),
        others=_known({"statsmodels": _sm_km, "lifelines": _ll_km, "scikit-survival": _sk_km}),
        in_r='summary(survfit(Surv(time, cause > 0) ~ 1, d, conf.type="log-log"))$surv',
    )
    yield Task(
        name="Aalen-Johansen with errors",
        ours=lambda d: float(ta.cumulative_incidence(d.time, d.cause).incidence[0, -1]),
        others=_known({"statsmodels": _sm_aj, "lifelines": _ll_aj, "scikit-survival": _sk_aj}),
        in_r="survfit(Surv(time, factor(cause, 0:2)) ~ 1, d)$pstate",
    )
    yield Task(
        name="Log-rank, two groups",
        ours=lambda d: ta.logrank(d.time, d.cause == 1, d.group).statistic,
        others=_known({"statsmodels": _sm_lr, "lifelines": _ll_lr, "scikit-survival": _sk_lr}),
        in_r="survdiff(Surv(time, cause == 1) ~ group, d)$chisq",
    )
    yield Task(
        name="Cox, three terms, Efron",
        ours=lambda d: float(ta.cox(None, d.time, d.cause == 1, d.X).coefficients[0]),
        others=_known({"statsmodels": _sm_cox, "lifelines": _ll_cox, "scikit-survival": _sk_cox}),
        in_r="coxph(Surv(time, cause == 1) ~ x1 + x2 + x3, d)$coef",
    )
    yield Task(
        name="Cox, clustered errors",
        ours=lambda d: float(ta.cox(None, d.time, d.cause == 1, d.X, cluster=d.who).std_error[0]),
        others=_known({"lifelines": _ll_cluster}),
        in_r="coxph(Surv(time, cause == 1) ~ x1 + x2 + x3, d, cluster = who)$var",
    )
    yield Task(
        name="Aalen-Johansen, clustered",
        ours=lambda d: float(
            ta.cumulative_incidence(d.time, d.cause, cluster=d.who).std_error[0, 9]
        ),
    )


def main() -> int:
    options = _options()
    say = _Printer()
    say(*_machine(), "")
    for unit_ms in (1000, 1):
        say(f"Times in {'whole seconds' if unit_ms == 1000 else 'milliseconds'}.", "")
        for task in tasks():
            if options.only in task.name:
                say(*_rows(task, sizes=options.rooms, unit_ms=unit_ms, repeats=options.repeats), "")
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    sizes = [1000, 10_000, 100_000, 1_000_000]
    parser.add_argument("--rooms", type=int, nargs="+", default=sizes, help="how many rooms")
    parser.add_argument("--repeats", type=int, default=5, help="the best of so many runs counts")
    parser.add_argument("--only", default="", help="tasks whose name contains this")
    options = parser.parse_args()
    if min(options.rooms) < 100 or options.repeats < 1:
        parser.error("rooms must be 100 or more and repeats 1 or more. Choose others.")
    return options


def _rows(task: Task, *, sizes: list[int], unit_ms: int, repeats: int) -> Iterator[str]:
    names = [*task.others, *(["R"] if task.in_r and shutil.which("Rscript") else [])]
    yield f"{task.name:28}{'sort ms':>9}{'ours ms':>9}{'/ sort':>8}" + "".join(
        f"{name:>18}" for name in names
    )
    tired: set[str] = set()
    for n in sorted(sizes):
        data = rooms(n, unit_ms=unit_ms)
        sort_s, _ = _best(lambda d: float(np.sort(d.time)[0]), data, repeats)
        ours_s, answer = _best(task.ours, data, repeats)
        cells = []
        for name in names:
            if name in tired:
                cells.append("-")
                continue
            taken_s, theirs = _measured(task, name, data, repeats)
            if not taken_s < PATIENCE_S:
                tired.add(name)
            same = np.isnan(theirs) or abs(theirs - answer) <= SAME * max(abs(answer), 1e-9)
            cells.append(f"{taken_s / ours_s:.1f}x" + ("" if same else " differs"))
        yield f"{n:>28,}{sort_s * 1e3:9.3f}{ours_s * 1e3:9.3f}{ours_s / sort_s:7.1f}x" + "".join(
            f"{cell:>18}" for cell in cells
        )


def _measured(task: Task, name: str, data: Data, repeats: int) -> tuple[float, Answer]:
    if name == "R":
        return _r_seconds(task.in_r, data, repeats), np.nan
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return _best(task.others[name], data, repeats)


def _best(run: Run, data: Data, repeats: int) -> tuple[float, Answer]:
    """The shortest of several runs; a long one is not repeated."""
    shortest, answer = np.inf, np.nan
    for _ in range(repeats):
        began = clock.perf_counter()
        answer = run(data)
        shortest = min(shortest, clock.perf_counter() - began)
        if shortest > 2:
            break
    return shortest, answer


def _r_seconds(expression: str, data: Data, repeats: int) -> float:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rooms.csv"
        columns = np.column_stack([data.time, data.cause, data.group, data.X, data.who])
        head = "time,cause,group,x1,x2,x3,who"
        np.savetxt(path, columns, delimiter=",", header=head, comments="", fmt="%.9g")
        script = (
            f'library(survival); d <- read.csv("{path}"); best <- Inf; '
            f"for (i in 1:{repeats}) {{ t <- system.time({expression})[3]; best <- min(best, t); "
            "if (t > 2) break }; cat(best)"
        )
        done = subprocess.run(
            ["Rscript", "-e", script], capture_output=True, text=True, timeout=900, check=True
        )
    return float(done.stdout)


def _known(contenders: dict[str, Run]) -> dict[str, Run]:
    modules = {"scikit-survival": "sksurv"}
    return {
        name: run
        for name, run in contenders.items()
        if importlib.util.find_spec(modules.get(name, name)) is not None
    }


def _half(curve: np.ndarray) -> Answer:
    """The last value of a falling curve that is at least a half: the same on any grid of times."""
    return float(curve[curve >= 0.5][-1])


def _sm_km(d: Data) -> Answer:
    from statsmodels.duration.api import SurvfuncRight

    found = SurvfuncRight(d.time, (d.cause > 0).astype(int))
    # It has no pointwise interval; this is what its user adds.
    curve, error = found.surv_prob, found.surv_prob_se
    with np.errstate(divide="ignore", invalid="ignore"):
        spread = np.exp(1.959963984540054 * error / (curve * -np.log(curve)))
        low, high = curve**spread, curve ** (1 / spread)
    assert len(low) == len(high)
    return _half(curve)


def _sm_aj(d: Data) -> Answer:
    from statsmodels.duration.api import CumIncidenceRight

    return float(CumIncidenceRight(d.time, d.cause).cinc[0][-1])


def _sm_lr(d: Data) -> Answer:
    from statsmodels.duration.api import survdiff

    return float(survdiff(d.time, (d.cause == 1).astype(int), d.group)[0])


def _sm_cox(d: Data) -> Answer:
    from statsmodels.duration.api import PHReg

    fit = PHReg(d.time, d.X, status=(d.cause == 1).astype(int), ties="efron").fit()
    assert len(fit.bse) == 3  # the errors are computed when they are read
    return float(fit.params[0])


def _ll_km(d: Data) -> Answer:
    from lifelines import KaplanMeierFitter

    return _half(KaplanMeierFitter().fit(d.time, d.cause > 0).survival_function_.to_numpy()[:, 0])


def _ll_aj(d: Data) -> Answer:
    from lifelines import AalenJohansenFitter

    fit = AalenJohansenFitter(seed=1).fit(d.time, d.cause, event_of_interest=1)
    return float(fit.cumulative_density_.iloc[-1, 0])


def _ll_lr(d: Data) -> Answer:
    from lifelines.statistics import logrank_test

    a, b, event = d.group == 0, d.group == 1, d.cause == 1
    found = logrank_test(d.time[a], d.time[b], event[a], event[b])
    return float(found.test_statistic)


def _ll_fit(d: Data, **options: object) -> object:
    import pandas as pd
    from lifelines import CoxPHFitter

    frame = pd.DataFrame(d.X, columns=["x1", "x2", "x3"]).assign(time=d.time, event=d.cause == 1)
    return CoxPHFitter().fit(
        frame.assign(who=d.who) if options else frame, "time", "event", **options
    )


def _ll_cox(d: Data) -> Answer:
    return float(_ll_fit(d).params_.iloc[0])


def _ll_cluster(d: Data) -> Answer:
    return float(_ll_fit(d, cluster_col="who").standard_errors_.iloc[0])


def _sk_km(d: Data) -> Answer:
    from sksurv.nonparametric import kaplan_meier_estimator

    return _half(kaplan_meier_estimator(d.cause > 0, d.time, conf_type="log-log")[1])


def _sk_aj(d: Data) -> Answer:
    from sksurv.nonparametric import cumulative_incidence_competing_risks

    return float(
        cumulative_incidence_competing_risks(d.cause, d.time, conf_type="log-log")[1][1, -1]
    )


def _sk_target(d: Data) -> np.ndarray:
    return np.array(list(zip(d.cause == 1, d.time, strict=True)), dtype=[("e", bool), ("t", float)])


def _sk_lr(d: Data) -> Answer:
    from sksurv.compare import compare_survival

    return float(compare_survival(_sk_target(d), d.group)[0])


def _sk_cox(d: Data) -> Answer:
    from sksurv.linear_model import CoxPHSurvivalAnalysis

    return float(CoxPHSurvivalAnalysis(ties="efron").fit(d.X, _sk_target(d)).coef_[0])


def _machine() -> Iterator[str]:
    installed = ("numpy", "scipy", "pandas", "statsmodels", "lifelines", "scikit-survival")
    found = {name: _version(name) for name in installed}
    yield f"{platform.system()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    yield ", ".join(f"{name} {version}" for name, version in found.items() if version)
    yield f"R: {shutil.which('Rscript') or 'not installed'}"
    yield f"load average before the run: {os.getloadavg()[0]:.2f}"
    yield "Ratios are the contender's time over ours: above 1, ours is faster."


def _version(name: str) -> str:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return ""


class _Printer:
    """Prints lines as they come, for a run that takes minutes."""

    def __call__(self, *lines: str) -> None:
        for line in lines:
            sys.stdout.write(line + "\n")
            sys.stdout.flush()


if __name__ == "__main__":
    raise SystemExit(main())
