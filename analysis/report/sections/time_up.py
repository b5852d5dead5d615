"""The section of a report on verdicts that the clock asked for: given once time was up."""

from dataclasses import replace

import numpy as np
import pandas as pd

from analysis.classification.proportions import accuracy
from analysis.classification.verdict_timing import AFTER, IN_TIME
from analysis.dataset.study import Study
from analysis.outcomes.clocks import Clock
from analysis.outcomes.inclusion import IncludedStudy, included
from analysis.outcomes.time_up import ForcedVerdict, is_forced, stated_forced_verdict
from analysis.plots import axis
from analysis.report import by_rule, wording
from analysis.report.curves import ClockCurve, estimate
from analysis.report.page import Headline, ReportSection, ReportTable
from analysis.report.sections.verdict import INTERVALS, accuracy_headline, row_of, who_decided
from analysis.survival.end_states import STATES, EndStates, end_states

#: What such verdicts are, in a sentence and as the name of a row.
_MADE = {
    ForcedVerdict.SEPARATE: "kept apart from the curve, as an end of their own",
    ForcedVerdict.COUNT: "counted as decisions at the time at which they were given",
    ForcedVerdict.EXCLUDE: "not counted at all",
}
_ROWS = {
    ForcedVerdict.SEPARATE: "Kept apart",
    ForcedVerdict.COUNT: "Counted when given",
    ForcedVerdict.EXCLUDE: "Left out",
}


def asked_first(study: Study) -> tuple[str, ...]:
    """What stands at the head of a report about verdicts given once time was up."""
    n_late, n = _late(study), len(_counted(study).verdicts)
    if not n_late:
        return ()
    stated = stated_forced_verdict(study)
    rule = stated or ForcedVerdict.SEPARATE
    by = (
        "by the study's rule"
        if stated
        else "as the study states no rule and the measure is time to detection while time ran"
    )
    share = wording.percent(n_late / n)
    planned = axis.words(study.duration_ms, Clock.WALL)
    return (
        f"{n_late} of {wording.count(n, 'verdict')} ({share}) came after the planned {planned}: "
        "the interrogator was asked because time was up. They are " + f"{_MADE[rule]}, {by}.",
    )


def end_headlines(curve: ClockCurve) -> tuple[Headline, ...]:
    """The share of rooms that were right only once time was up, at the head of the report."""
    ends = ends_of(curve)
    if curve.missing or not ends.n_rooms[2:4].any():
        return ()
    found = ends.at("right_at_end")
    interval = wording.percent_range(found.low, found.high)
    name = "Right only once time was up"
    return (Headline(value=wording.percent(found.value), name=name, interval=interval),)


def ends_of(curve: ClockCurve) -> EndStates:
    """What became of the rooms of a curve on the wall clock."""
    return end_states(curve.rooms)


def time_up_section(study: Study, wall: ClockCurve) -> ReportSection | None:
    """Verdicts given once time was up; None where there is none."""
    said = asked_first(study)
    if not said:
        return None
    kinds = ("machine",) if study.format == "three_party" else ("machine", "human")
    tables: list[ReportTable] = []
    for kind in kinds:
        apart = included(study, forced_verdict=ForcedVerdict.SEPARATE)
        curve = estimate(apart, Clock.WALL, witness=kind)
        tables += [_ends(curve)] if not curve.missing else []
    tables.append(_timing(_counted(study)))
    for kind in kinds:
        curves = {
            name: estimate(included(study, forced_verdict=rule), Clock.WALL, witness=kind)
            for rule, name in _ROWS.items()
        }
        head = "Such verdicts are"
        tables.append(by_rule.numbers(curves, name="time-up-rules", head=head, own_ends=True))
    return ReportSection(
        key="time-up",
        title="Verdicts after time was up",
        intro=(
            *said,
            "Such a verdict tells what was believed when the room had to be closed, not how long "
            "it took: taken for a time to detection, it would be the timer's.",
        ),
        tables=tuple(tables),
        assumes="Rooms lost before their end would have gone on like those still open. Who decides "
        "early differs from who waits, so the two shares of right verdicts compare kinds of rooms.",
        methods=(
            "Verdicts given after the planned end of a room were "
            f"{_MADE[wall.study.forced_verdict]}; the numbers were repeated under each rule. The "
            "shares of rooms in each state at the end are Aalen-Johansen, with what was said then "
            "as a step just after it.",
        ),
    )


def _counted(study: Study) -> IncludedStudy:
    """The rooms that count, with every verdict they have."""
    if isinstance(study, IncludedStudy):
        return study
    return included(study, forced_verdict=ForcedVerdict.SEPARATE)


def _late(study: Study) -> int:
    return int(is_forced(_counted(study)).sum())


def _names(curve: ClockCurve) -> dict[str, str]:
    first, second = curve.names
    return dict(
        zip(
            STATES,
            (
                f"{first} while time ran",
                f"{second} while time ran",
                "Undecided; right once time was up",
                "Undecided; wrong once time was up",
                "Undecided; no verdict",
            ),
            strict=True,
        )
    )


def _ends(curve: ClockCurve) -> ReportTable:
    ends, names = ends_of(curve), _names(curve)
    rows = []
    for state, n in zip(STATES, ends.n_rooms.tolist(), strict=True):
        rows.append((names[state], f"{n}", wording.share(ends.at(state))))
    lost = ends.n - int(ends.n_rooms.sum())
    more = f" {wording.count(lost, 'room')} were lost before the end." if lost > 1 else ""
    more = " 1 room was lost before the end." if lost == 1 else more
    return ReportTable(
        name="ends" + by_rule.suffix(curve),
        caption="What had become of rooms when their time was up, as shares of all of them, with "
        f"95 % intervals clustered by interrogator.{more}",
        head=("End", "Rooms", "Share of rooms"),
        rows=tuple(rows),
        frame=ends.table,
    )


def _timing(study: IncludedStudy) -> ReportTable:
    """Right verdicts before and after time was up: of all rooms, then by machine."""
    rooms = study.rooms.set_index("room")
    profile = study.verdicts["room"].map(rooms["profile"]).replace("", "(human)").to_numpy(object)
    timing = np.where(is_forced(study), AFTER, IN_TIME).astype(object)
    who = who_decided(study)
    rows, frame = [], []
    for name in ("", *sorted(set(map(str, profile)))):
        here = np.ones(len(profile), dtype=bool) if not name else profile == name
        found = accuracy(study.verdicts["correct"][here], by=timing[here], cluster=who[here])
        for when in (IN_TIME, AFTER):
            if when in found.groups:
                label = f"{name or 'All'}, {when}"
                rows.append(row_of(label, found, list(found.groups).index(when)))
        frame.append(found.table.assign(profile=name or "(all)"))
    return ReportTable(
        name="verdict-timing",
        caption="Right verdicts, of those given while time ran and of those given after it was up. "
        + INTERVALS,
        head=("Verdicts", "Right", "Share", "Wilson"),
        rows=tuple(rows),
        frame=pd.concat(frame, ignore_index=True),
        spread=True,
    )


def accuracy_headlines(study: IncludedStudy) -> tuple[Headline, ...]:
    """Shares of right verdicts, before and after time was up, at the head of the report."""
    forced = is_forced(study)
    if not forced.any():
        return accuracy_headline(study)
    parts = (
        ("Verdicts right while time ran", ~forced),
        ("Right, of verdicts after time was up", forced),
    )
    return tuple(
        replace(headline, name=name)
        for name, chosen in parts
        for headline in accuracy_headline(replace(study, verdicts=study.verdicts[chosen]))
    )
