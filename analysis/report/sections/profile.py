"""The sections of a report that compare machine profiles over time, and what drop-out may hide."""

from collections.abc import Callable, Mapping
from functools import partial

import numpy as np
import pandas as pd

from analysis.errors import ArgumentError
from analysis.outcomes.clusters import room_clusters
from analysis.plots.compare import MAX_CURVES, plot_groups
from analysis.report import wording
from analysis.report.curves import ClockCurve, drawing, result_missing
from analysis.report.page import Drawing, ReportSection, ReportTable, sentences
from analysis.report.sections.curve import time_lost_words
from analysis.survival.cumulative_incidence import CumulativeIncidence
from analysis.survival.gray import gray_test
from analysis.survival.logrank import TestResult, logrank
from analysis.survival.restricted_mean import LostTimeDifferences, time_lost_differences

_ASSUMES = (
    "Rooms get their profile by chance, so rooms of different profiles differ by nothing but "
    "chance and what the machine does; that holds within a study, not between studies."
)
_TESTED = (
    " Gray's test takes rooms as independent; with "
    "returning interrogators trust the log-rank test and the differences of times lost, which are "
    "clustered by interrogator. No test here is for repeated looks."
)


def profiles_section(curve: ClockCurve) -> ReportSection:
    """Each machine profile on the wall clock, and whether they differ."""
    found = curve.by_profile()
    title = "Machine profiles over time"
    if not found:
        missing = ("No room with a machine can be counted yet.",)
        return ReportSection(key="machines", title=title, missing=missing)
    enough = {name: result for name, result in found.items() if not result_missing(result)}
    drawn = dict(sorted(enough.items(), key=lambda item: -item[1].n)[:MAX_CURVES])
    few = "Profiles with fewer than 10 rooms or 5 interrogators have their counts only."
    tests, pairs = _tests(curve, enough), _pairs(curve, enough)
    compared = (
        *((_tests_table(tests),) if tests else ()),
        *((_pairs_table(pairs, curve),) if pairs else ()),
    )
    return ReportSection(
        key="machines",
        title=title,
        intro=("The longer a machine lasts, the lower and the later its share of detections.",),
        missing=sentences(few if len(enough) < len(found) else "", _not_compared(enough, pairs)),
        drawings=(_overlay(curve, drawn, n=len(enough)),) if len(drawn) > 1 else (),
        tables=(_shares(found, curve), _times(found, curve), *compared),
        assumes=_ASSUMES + (_TESTED if compared else ""),
        data=(("incidence-profiles", _whole(enough)),) if enough else (),
        methods=_methods(tests, pairs),
    )


def _methods(
    tests: list[tuple[str, str, TestResult]], pairs: LostTimeDifferences | None
) -> tuple[str, ...]:
    if not tests:
        return ()
    said = (
        "Machine profiles were compared by Gray's test of each cumulative incidence (rooms taken "
        "as independent) and by a log-rank test of each cause-specific hazard, the variance of its "
        "score summed within interrogators."
    )
    return (said, *((f"Times lost: {pairs.method}; Holm over the pairs.",) if pairs else ()))


def _not_compared(
    enough: Mapping[str, CumulativeIncidence], pairs: LostTimeDifferences | None
) -> str:
    if len(enough) < 2:
        return "A comparison needs two profiles with at least 10 rooms and 5 interrogators each."
    if pairs is None:
        return (
            "Times lost cannot be compared: no room of some profile was followed up to the planned "
            "length."
        )
    return ""


def _whole(enough: Mapping[str, CumulativeIncidence]) -> pd.DataFrame:
    """The curves of all profiles below each other."""
    each = [result.table.assign(profile=name) for name, result in enough.items()]
    return pd.concat(each, ignore_index=True)


def _overlay(curve: ClockCurve, drawn: Mapping[str, CumulativeIncidence], *, n: int) -> Drawing:
    first, second = curve.names
    caption = f"{first} (above) and {second.lower()} (below) by machine profile, with 95 % bands."
    if n > len(drawn):
        caption += f" The {len(drawn)} profiles with the most rooms; the table has all {n}."
    draw = partial(
        plot_groups,
        drawn,
        clock=curve.clock,
        horizon=curve.end,
        log_from=curve.log_from,
        names=curve.names,
    )
    return drawing(draw, curve.study, name="incidence-profiles", caption=caption)


def _shares(found: Mapping[str, CumulativeIncidence], curve: ClockCurve) -> ReportTable:
    rows, frame = [], []
    for name, result in found.items():
        n, people = result.n, result.n_clusters or 0
        counts = (name, f"{n} ({wording.count(people, 'person')})")
        cells = [wording.TOO_FEW] * 3
        line: dict[str, object] = {"profile": name, "n_rooms": n, "n_interrogators": people}
        if not result_missing(result):
            each = [result.at(curve.end, cause) for cause in (1, 2)] + [result.net().at(curve.end)]
            cells = [wording.share(one) for one in each]
            for measure, one in zip(("cause_1", "cause_2", "net"), each, strict=True):
                line |= {measure: one.value, f"{measure}_low": one.low, f"{measure}_high": one.high}
        frame.append(line)
        rows.append((*counts, *cells[: 3 if curve.has_net else 2]))
    net = ("Net",) if curve.has_net else ()
    head = ("Machine profile", "Rooms", *curve.names, *net)
    caption = f"By {curve.end_words}, with 95 % intervals clustered by interrogator."
    return ReportTable(
        name="profiles-shares",
        caption=caption,
        head=head,
        rows=tuple(rows),
        frame=pd.DataFrame(frame),
    )


def _times(found: Mapping[str, CumulativeIncidence], curve: ClockCurve) -> ReportTable:
    rows, frame = [], []
    for name, result in found.items():
        cells = [wording.TOO_FEW] * 3
        line: dict[str, object] = {"profile": name}
        if not result_missing(result):
            median = result.quantile(0.5)
            cells = [wording.moment(median, curve.clock, curve.unit)]
            cells += [
                time_lost_words(partial(result.time_lost, curve.tau, cause), curve)
                for cause in (1, 2)
            ]
            line |= {"median": median.value, "median_low": median.low, "median_high": median.high}
            for cause in (1, 2):
                line |= _time_lost_line(
                    partial(result.time_lost, curve.tau, cause), f"time_lost_{cause}"
                )
        frame.append(line)
        rows.append((name, *cells))
    head = ("Machine profile", "Median time to detection", "Time lost to detection")
    caption = (
        f"Times lost are up to {curve.words(curve.tau)}, the planned length of a room: the mean "
        "time by which the decision came before it."
    )
    return ReportTable(
        name="profiles-times",
        caption=caption,
        head=(*head, f"Time lost to “{curve.names[1].lower()}”"),
        rows=tuple(rows),
        frame=pd.DataFrame(frame),
    )


def _time_lost_line(area: Callable[[], object], name: str) -> dict[str, object]:
    try:
        found = area()
    except ArgumentError:
        return {}
    return {
        name: getattr(found, "value", np.nan),
        f"{name}_low": getattr(found, "low", np.nan),
        f"{name}_high": getattr(found, "high", np.nan),
    }


def _chosen(curve: ClockCurve, enough: Mapping[str, CumulativeIncidence]) -> pd.DataFrame:
    return curve.rooms[curve.rooms["profile"].isin(list(enough))]


def _tests(
    curve: ClockCurve, enough: Mapping[str, CumulativeIncidence]
) -> list[tuple[str, str, TestResult]]:
    if len(enough) < 2:
        return []
    rooms = _chosen(curve, enough)
    made = []
    for cause, name in zip((1, 2), curve.names, strict=True):
        gray = gray_test(rooms["time"], rooms["cause"], rooms["profile"], of=cause)
        pace = logrank(
            rooms["time"],
            (rooms["cause"] == cause).astype(int),
            rooms["profile"],
            cluster=rooms["interrogator"],
        )
        made += [(name, "Gray: same incidence", gray), (name, "Log-rank: same pace", pace)]
    return made


def _tests_table(tests: list[tuple[str, str, TestResult]]) -> ReportTable:
    rows = tuple(
        (
            f"{name}. {test}",
            wording.number(found.statistic),
            f"{found.df}",
            wording.p_value(found.p_value),
        )
        for name, test, found in tests
    )
    frame = pd.DataFrame(
        [
            {
                "event": name,
                "test": found.method,
                "n": found.n,
                "clustering": found.clustering,
                "statistic": found.statistic,
                "df": found.df,
                "p_value": found.p_value,
            }
            for name, _, found in tests
        ]
    )
    caption = (
        "Whether the profiles differ at all. The log-rank tests are clustered by interrogator."
    )
    head = ("Test", "Chi-squared", "Df", "p")
    return ReportTable(name="profiles-tests", caption=caption, head=head, rows=rows, frame=frame)


def _pairs(
    curve: ClockCurve, enough: Mapping[str, CumulativeIncidence]
) -> LostTimeDifferences | None:
    if len(enough) < 2:
        return None
    rooms = _chosen(curve, enough).sort_values("profile", kind="stable")
    try:
        return time_lost_differences(
            rooms["time"],
            rooms["cause"],
            rooms["profile"],
            tau=curve.tau,
            cluster=room_clusters(curve.study, rooms["room"]),
        )
    except ArgumentError:
        return None


def _pairs_table(pairs: LostTimeDifferences, curve: ClockCurve) -> ReportTable:
    size, unit = curve.unit.size, curve.unit.short
    rows = []
    for line in pairs.table.to_dict("records"):
        value, low, high = (
            float(x) / size for x in (line["difference"], line["low"], line["high"])
        )
        cells = [wording.number(value, low, high), wording.p_value(line["p_value"])]
        cells += [wording.p_value(line["p_holm"])] if len(pairs.value) > 1 else []
        rows.append((f"{line['first']} less {line['second']}", *cells))
    caption = (
        f"Differences of the mean time lost to detection, up to {curve.words(curve.tau)}, with "
        "95 % intervals. Above 0: the first is detected sooner or more often."
    )
    return ReportTable(
        name="profiles-differences",
        caption=caption,
        head=("Profiles", f"Difference, {unit}", "p", "p, Holm")[: len(rows[0])],
        rows=tuple(rows),
        frame=pairs.table,
    )
