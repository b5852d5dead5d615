"""A table of the verdicts with and without some rooms, whatever the study's rule for them is."""

from collections.abc import Mapping

import pandas as pd

from analysis.classification.proportions import accuracy
from analysis.dataset.blinding import permuted
from analysis.dataset.study import Study
from analysis.numerics.limits import lacking_of
from analysis.outcomes.inclusion import IncludedStudy
from analysis.report import wording
from analysis.report.page import ReportTable
from analysis.report.sections.verdict import best_interval, who_decided

_NAMES = {"exclude": "Left out", "count": "Counted"}


def under_either(
    rules: Mapping[str, IncludedStudy], *, name: str, caption: str, blinded: bool
) -> ReportTable:
    """Rooms and right verdicts under each rule, given the rooms that count by it."""
    rows, frame = [], []
    for rule, counted in rules.items():
        kept = permuted(counted) if blinded and not counted.blinded else counted
        right, n = int(kept.verdicts["correct"].sum()), len(kept.verdicts)
        n_live = int(kept.rooms["started_at"].notna().sum())
        rows.append((_NAMES[rule], f"{n_live}", f"{right} of {n}", _share_right(kept)))
        frame.append({"rule": rule, "n_rooms": n_live, "n_right": right, "n": n})
    return ReportTable(
        name=name,
        caption=caption,
        head=("Such rooms are", "Rooms", "Right, of verdicts", "Share right"),
        rows=tuple(rows),
        frame=pd.DataFrame(frame),
    )


def _share_right(kept: Study) -> str:
    who = who_decided(kept)
    if lacking_of(who):
        return wording.TOO_FEW
    found = accuracy(kept.verdicts["correct"], cluster=who)
    share = wording.percent(float(found.proportion[0]))
    return wording.ranged(share, wording.percent_range(*best_interval(found, 0)))
