"""One number after another under each of several rules: curves over each other, and a table."""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial

import pandas as pd

from analysis.plots.compare import plot_groups
from analysis.report import wording
from analysis.report.curves import ClockCurve, drawing
from analysis.report.page import Drawing, ReportTable
from analysis.report.sections.verdict import accuracy_headline


def enough(curves: Mapping[str, ClockCurve]) -> bool:
    """Whether there are numbers under every rule."""
    return not any(curve.missing for curve in curves.values())


def overlay(curves: Mapping[str, ClockCurve], *, name: str) -> Drawing:
    """The curves under each rule over each other."""
    longest = max(curves.values(), key=lambda curve: curve.end)
    first, second = longest.names
    draw = partial(
        plot_groups,
        {rule: curve.result for rule, curve in curves.items()},
        clock=longest.clock,
        horizon=longest.end,
        log_from=longest.log_from,
        names=longest.names,
    )
    caption = f"{first} (above) and {second.lower()} (below) under each rule, with 95 % bands."
    return drawing(draw, longest.study, name=name + suffix(longest), caption=caption)


def suffix(curve: ClockCurve) -> str:
    """What is added to the names of files on rooms with a human witness."""
    return "" if curve.witness == "machine" else f"-{curve.witness}"


def numbers(
    curves: Mapping[str, ClockCurve], *, name: str, head: str, own_ends: bool = False
) -> ReportTable:
    """The numbers at the head of the report, under each rule; `head` is that of the rules.

    Incidence is that by the end of the longest axis, or of each rule's own axis.
    """
    longest = max(curves.values(), key=lambda curve: curve.end)
    rows, frame = [], []
    for rule, curve in curves.items():
        end, n = curve.end if own_ends else longest.end, len(curve.rooms)
        by = (longest.words(end),) if own_ends else ()
        cells = [wording.TOO_FEW] * (4 + curve.has_net)
        line: dict[str, object] = {"rule": rule, "n_rooms": n, "by": end}
        if not curve.missing:
            shares = [curve.result.at(end, cause) for cause in (1, 2)]
            shares += [curve.result.net().at(end)] if curve.has_net else []
            median = curve.result.quantile(0.5)
            cells = [wording.share(each) for each in shares]
            cells += [wording.moment(median, curve.clock, longest.unit), right(curve)]
            for measure, each in zip(("cause_1", "cause_2", "net"), shares, strict=False):
                line |= {measure: each.value, f"{measure}_low": each.low}
                line |= {f"{measure}_high": each.high}
            line |= {"median": median.value, "median_low": median.low, "median_high": median.high}
        rows.append((rule, f"{n}", *by, *cells))
        frame.append(line)
    net = ("Net",) if longest.has_net else ()
    until = "" if own_ends else f" by {longest.end_words}"
    return ReportTable(
        name=name + suffix(longest),
        caption=f"Under each rule: incidence{until}, median time to detection and "
        "verdicts right, with 95 % intervals clustered by interrogator.",
        head=(
            *(head, "Rooms", *(("By",) if own_ends else ())),
            *(*longest.names, *net, "Median", "Verdicts right"),
        ),
        rows=tuple(rows),
        frame=pd.DataFrame(frame),
        spread=True,
    )


def right(curve: ClockCurve) -> str:
    """The share of right verdicts in the rooms of a curve."""
    verdicts = curve.study.verdicts
    here = verdicts[verdicts["room"].isin(curve.rooms["room"])]
    for headline in accuracy_headline(replace(curve.study, verdicts=here)):
        return wording.ranged(headline.value, headline.interval)
    return wording.TOO_FEW
