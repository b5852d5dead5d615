"""The section of a report on what rooms that were lost may hide."""

from functools import partial

import numpy as np
import pandas as pd

from analysis.classification.proportions import accuracy
from analysis.plots.compare import plot_dropout
from analysis.report import wording
from analysis.report.curves import ClockCurve, drawing
from analysis.report.page import ReportSection, ReportTable
from analysis.survival.informative_censoring import DropoutSensitivity, dropout_sensitivity

_VERSIONS = {
    "as_censoring": "Lost rooms go on like those still open (the curves above)",
    "as_cause": "Being lost is an outcome of its own",
    "never": "No lost room would have been decided this way",
    "at_drop": "Every lost room was about to be decided this way",
}


def dropout_section(curve: ClockCurve) -> ReportSection:
    """What rooms that were lost may hide."""
    title = "Drop-out"
    intro = (
        "Rooms that ended because somebody withdrew or dropped out hide what would have been "
        "decided in them. Here are four readings of the same rooms.",
    )
    if curve.missing:
        return ReportSection(key="drop-out", title=title, intro=intro, missing=(curve.missing,))
    versions = tuple(dropout_sensitivity(curve.rooms, of=cause) for cause in (1, 2))
    shares = _lost_shares(curve)
    if not versions[0].n_dropouts:
        none = "No analysed room was lost, so all readings are the same."
        return ReportSection(key="drop-out", title=title, intro=(*intro, none), tables=(shares,))
    caption = (
        "Solid: lost rooms taken as censored. Dashed: being lost as an outcome of its own. Shaded: "
        "the range that any fate of the lost rooms leaves, sampling error not included."
    )
    draw = partial(
        plot_dropout,
        versions,
        clock=curve.clock,
        horizon=curve.end,
        log_from=curve.log_from,
        names=curve.names,
    )
    return ReportSection(
        key="drop-out",
        title=title,
        intro=intro,
        drawings=(drawing(draw, curve.study, name="drop-out", caption=caption),),
        tables=(_readings(versions, curve), shares),
        assumes="The first reading assumes that being lost tells nothing about the decision to "
        "come; the last two assume nothing about it. Wide bounds mean that drop-out decides the "
        "answer. Intervals add the sampling error, clustered by interrogator.",
        methods=(
            "Drop-out was read as censoring, as a third competing outcome, and at both extremes.",
        ),
    )


def _readings(versions: tuple[DropoutSensitivity, ...], curve: ClockCurve) -> ReportTable:
    rows = []
    for version, reading in _VERSIONS.items():
        each = [found.versions[version].at(curve.end, found.of) for found in versions]
        rows.append((reading, *(wording.share(one) for one in each)))
    frame = pd.concat([found.at(curve.end).assign(cause=found.of) for found in versions])
    return ReportTable(
        name="drop-out",
        caption=f"Incidence by {curve.end_words} with 95 % intervals, under each reading.",
        head=("Reading", *curve.names),
        rows=tuple(rows),
        frame=frame,
    )


def _lost_shares(curve: ClockCurve) -> ReportTable:
    rooms = curve.rooms
    lost_rooms = (
        (rooms["cause"] == 0) & rooms["end_reason"].isin(["withdrawn", "dropped_out"])
    ).astype(int)
    found = accuracy(
        lost_rooms, by=rooms["profile"].replace("", "(human)"), cluster=rooms["interrogator"]
    )
    rows = []
    for k, name in sorted(enumerate(map(str, found.groups)), key=lambda pair: pair[1]):
        n, people = int(found.n[k]), int(found.n_clusters[k])
        low, high = float(found.cluster_low[k]), float(found.cluster_high[k])
        if not np.isfinite([low, high]).all():
            low, high = float(found.wilson_low[k]), float(found.wilson_high[k])
        enough = n >= 10 and people >= 5
        cell = wording.ranged(
            wording.percent(float(found.proportion[k])), wording.percent_range(low, high)
        )
        rows.append((name, f"{n}", f"{found.n_correct[k]}", cell if enough else wording.TOO_FEW))
    return ReportTable(
        name="drop-out-profiles",
        caption="Rooms lost undecided, by machine profile, with 95 % intervals clustered by "
        "interrogator (Wilson where none or all were lost). Unequal shares are a warning.",
        head=("Machine profile", "Rooms", "Lost", "Share lost"),
        rows=tuple(rows),
        frame=found.table,
    )
