"""The same estimates by each library: how it is called, and where it keeps the numbers.

What a library needs as input is made ready outside the measured time.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from bench.survival_rooms import Rooms

KAPLAN_MEIER = "Kaplan-Meier with interval"
AALEN_JOHANSEN = "Aalen-Johansen with errors"
LOG_RANK = "Log-rank, two groups"
COX = "Cox, three terms, Efron"
COX_CLUSTERED = "Cox, clustered errors"
AALEN_JOHANSEN_CLUSTERED = "Aalen-Johansen, clustered"
SORT = "sort"

#: Two-sided 95 %.
_Z = 1.959963984540054


@dataclass(frozen=True, slots=True)
class Job:
    """What is measured, and how its result is read; an answer may leave later numbers out."""

    run: Callable[[], Any]
    read: Callable[[Any], list[float]]


Jobs = dict[str, Callable[[Rooms], Job]]


def ours() -> Jobs:
    """This package, and the bare sort that it is held against."""
    import analysis as ta

    def curve(d: Rooms, *, clustered: bool) -> Job:
        who = d.who if clustered else None
        return Job(
            lambda: ta.cumulative_incidence(d.time, d.cause, cluster=who),
            lambda r: _steps(r.times, d.at, r.incidence[0], r.low[0], r.high[0]),
        )

    def cox(d: Rooms, *, clustered: bool) -> Job:
        event, who = d.cause == 1, d.who if clustered else None
        # The others leave the small-sample factor out.
        n = len(np.unique(d.who))
        factor = np.sqrt((n - 1) / n) if clustered else 1.0
        return Job(
            lambda: ta.cox(None, d.time, event, d.X, cluster=who),
            lambda r: [*r.coefficients, *(r.std_error * factor)],
        )

    def kaplan_meier(d: Rooms) -> Job:
        event = d.cause > 0
        return Job(
            lambda: ta.kaplan_meier(d.time, event),
            lambda r: _steps(r.times, d.at, r.survival, r.low, r.high),
        )

    def log_rank(d: Rooms) -> Job:
        event = d.cause == 1
        return Job(lambda: ta.logrank(d.time, event, d.group), lambda r: [r.statistic])

    return {
        SORT: lambda d: Job(lambda: np.sort(d.time), lambda r: []),
        KAPLAN_MEIER: kaplan_meier,
        AALEN_JOHANSEN: lambda d: curve(d, clustered=False),
        LOG_RANK: log_rank,
        COX: lambda d: cox(d, clustered=False),
        COX_CLUSTERED: lambda d: cox(d, clustered=True),
        AALEN_JOHANSEN_CLUSTERED: lambda d: curve(d, clustered=True),
    }


def statsmodels() -> Jobs:
    """It has no pointwise intervals: the three lines that its user adds are measured with it."""
    from statsmodels.duration.api import CumIncidenceRight, PHReg, SurvfuncRight, survdiff

    def kaplan_meier(d: Rooms) -> Job:
        event = (d.cause > 0).astype(int)

        def run() -> tuple[Any, ...]:
            found = SurvfuncRight(d.time, event)
            return (
                found.surv_times,
                found.surv_prob,
                *_log_log(found.surv_prob, found.surv_prob_se),
            )

        return Job(run, lambda r: _steps(r[0], d.at, *r[1:]))

    def aalen_johansen(d: Rooms) -> Job:
        def run() -> tuple[Any, ...]:
            found = CumIncidenceRight(d.time, d.cause)
            both = [_log_log(f, e) for f, e in zip(found.cinc, found.cinc_se, strict=True)]
            return (found.times, found.cinc[0], *both[0])

        return Job(run, lambda r: _steps(r[0], d.at, *r[1:]))

    def log_rank(d: Rooms) -> Job:
        event = (d.cause == 1).astype(int)
        return Job(lambda: survdiff(d.time, event, d.group), lambda r: [float(r[0])])

    def cox(d: Rooms) -> Job:
        event = (d.cause == 1).astype(int)

        def run() -> tuple[Any, Any]:
            fit = PHReg(d.time, d.X, status=event, ties="efron").fit()
            return fit.params, fit.bse

        return Job(run, lambda r: [*r[0], *r[1]])

    return {
        KAPLAN_MEIER: kaplan_meier, AALEN_JOHANSEN: aalen_johansen, LOG_RANK: log_rank, COX: cox
    }  # fmt: skip


def lifelines() -> Jobs:
    """Its Aalen-Johansen curve is of one cause at a time: one of the two is measured."""
    import pandas as pd
    from lifelines import AalenJohansenFitter, CoxPHFitter, KaplanMeierFitter
    from lifelines.statistics import logrank_test

    def fitted(name: str, d: Rooms) -> Callable[[Any], list[float]]:
        def read(r: Any) -> list[float]:
            ends = r.confidence_interval_.to_numpy().T
            curve = getattr(r, name)
            return _steps(curve.index.to_numpy(), d.at, curve.to_numpy()[:, 0], *ends)

        return read

    def kaplan_meier(d: Rooms) -> Job:
        event = d.cause > 0
        read = fitted("survival_function_", d)
        return Job(lambda: KaplanMeierFitter().fit(d.time, event), read)

    def aalen_johansen(d: Rooms) -> Job:
        read = fitted("cumulative_density_", d)
        return Job(lambda: AalenJohansenFitter(seed=1).fit(d.time, d.cause, 1), read)

    def log_rank(d: Rooms) -> Job:
        a, b, event = d.group == 0, d.group == 1, d.cause == 1
        halves = (d.time[a], d.time[b], event[a], event[b])
        return Job(lambda: logrank_test(*halves), lambda r: [float(r.test_statistic)])

    def cox(d: Rooms, **options: str) -> Job:
        frame = pd.DataFrame(d.X, columns=["x1", "x2", "x3"])
        frame = frame.assign(time=d.time, event=d.cause == 1)
        if options:
            frame["who"] = d.who
        return Job(
            lambda: CoxPHFitter().fit(frame, "time", "event", **options),
            lambda r: [*r.params_, *r.standard_errors_],
        )

    return {
        KAPLAN_MEIER: kaplan_meier,
        AALEN_JOHANSEN: aalen_johansen,
        LOG_RANK: log_rank,
        COX: cox,
        COX_CLUSTERED: lambda d: cox(d, cluster_col="who"),
    }


def scikit_survival() -> Jobs:
    """Its Cox model has no standard errors. It is GPL: something to measure, not to depend on."""
    from sksurv.compare import compare_survival
    from sksurv.linear_model import CoxPHSurvivalAnalysis
    from sksurv.nonparametric import cumulative_incidence_competing_risks, kaplan_meier_estimator
    from sksurv.util import Surv

    def kaplan_meier(d: Rooms) -> Job:
        event = d.cause > 0
        return Job(
            lambda: kaplan_meier_estimator(event, d.time, conf_type="log-log"),
            lambda r: _steps(r[0], d.at, r[1], *r[2]),
        )

    def aalen_johansen(d: Rooms) -> Job:
        # By default its variance is Aalen's, near the others' and not equal.
        return Job(
            lambda: cumulative_incidence_competing_risks(d.cause, d.time, conf_type="log-log"),
            lambda r: _steps(r[0], d.at, r[1][1]),
        )

    def log_rank(d: Rooms) -> Job:
        target = Surv.from_arrays(d.cause == 1, d.time)
        return Job(lambda: compare_survival(target, d.group), lambda r: [float(r[0])])

    def cox(d: Rooms) -> Job:
        target = Surv.from_arrays(d.cause == 1, d.time)
        model = CoxPHSurvivalAnalysis(ties="efron")
        return Job(lambda: model.fit(d.X, target), lambda r: list(r.coef_))

    return {
        KAPLAN_MEIER: kaplan_meier, AALEN_JOHANSEN: aalen_johansen, LOG_RANK: log_rank, COX: cox
    }  # fmt: skip


#: Libraries by the name of their distribution: the module they need, and their jobs.
LIBRARIES: dict[str, tuple[str, Callable[[], Jobs]]] = {
    "ours": ("analysis", ours),
    "statsmodels": ("statsmodels", statsmodels),
    "lifelines": ("lifelines", lifelines),
    "scikit-survival": ("sksurv", scikit_survival),
}


def _steps(times: np.ndarray, at: np.ndarray, *curves: np.ndarray) -> list[float]:
    place = np.searchsorted(times, at, side="right") - 1
    return [float(value) for curve in curves for value in np.asarray(curve)[place]]


def _log_log(p: np.ndarray, error: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    with np.errstate(divide="ignore", invalid="ignore"):
        log = np.log(p)
        spread = np.exp(_Z * error / (p * log))
        return np.exp(log / spread), np.exp(log * spread)
