"""The section of a report on how human witnesses typed, where the study recorded it."""

import pandas as pd

from analysis.classification.proportions import accuracy
from analysis.dataset.study import Study
from analysis.numerics.limits import lacking
from analysis.outcomes.inclusion import included
from analysis.outcomes.relaying import LEAST_AWAY_S, LEAST_CHARS, PASTED_SHARE, relayed
from analysis.report import wording
from analysis.report.page import ReportSection, ReportTable
from analysis.report.sections.verdict import best_interval, who_decided

#: Other shares that were pasted, and seconds away, under which texts are counted.
SHARES = (0.5, 0.8, 1.0)
AWAY_S = (0.0, 5.0, 30.0)


def typing_section(study: Study) -> ReportSection | None:
    """How many texts look relayed, and the verdicts without their rooms; None if not recorded."""
    if not len(study.typing):
        return None
    own, found = included(study), relayed(study)
    n_rooms = found["room"].nunique()
    made = {"count": "counted like the others", "exclude": "left out"}[own.relayed]
    return ReportSection(
        key="typing",
        title="How witnesses typed",
        intro=(
            f"Of {wording.count(len(study.typing), 'message')} of human witnesses {len(found)}, in "
            f"{wording.count(n_rooms, 'room')}, look relayed: {LEAST_CHARS} characters or more, at "
            f"least {PASTED_SHARE:.0%} of them pasted, after {LEAST_AWAY_S:g} s or more away from "
            "the page. It is a sign and no proof, and no judgement of a person. By the study’s "
            f"rules such rooms are {made}.",
        ),
        tables=(_by_rule(study), _by_threshold(study)),
        assumes="Browsers counted what they were asked to. To leave such rooms out assumes that "
        "they are like the others in all else.",
    )


def _by_rule(study: Study) -> ReportTable:
    rows, frame = [], []
    for rule, name in (("exclude", "Left out"), ("count", "Counted")):
        kept = included(study, relayed=rule)
        right = int(kept.verdicts["correct"].sum())
        n_live = int(kept.rooms["started_at"].notna().sum())
        cells = (f"{n_live}", f"{right} of {len(kept.verdicts)}", _share_right(kept))
        rows.append((name, *cells))
        frame.append({"rule": rule, "n_rooms": n_live, "n_right": right, "n": len(kept.verdicts)})
    return ReportTable(
        name="typing-rules",
        caption="Verdicts with and without rooms in which a text looks relayed, with 95 % "
        "intervals clustered by interrogator.",
        head=("Such rooms are", "Rooms", "Right, of verdicts", "Share right"),
        rows=tuple(rows),
        frame=pd.DataFrame(frame),
    )


def _share_right(kept: Study) -> str:
    who = who_decided(kept)
    if lacking(len(who), len(set(who))):
        return wording.TOO_FEW
    found = accuracy(kept.verdicts["correct"], cluster=who)
    share = wording.percent(float(found.proportion[0]))
    return wording.ranged(share, wording.percent_range(*best_interval(found, 0)))


def _by_threshold(study: Study) -> ReportTable:
    rows, frame = [], []
    for share in SHARES:
        for away_s in AWAY_S:
            found = relayed(study, pasted_share=share, least_away_s=away_s)
            n_rooms = found["room"].nunique()
            name = f"{share:.0%} pasted, {away_s:g} s away"
            rows.append((name, f"{len(found)}", f"{n_rooms}"))
            line = {"pasted_share": share, "least_away_s": away_s}
            frame.append({**line, "n_messages": len(found), "n_rooms": n_rooms})
    return ReportTable(
        name="typing-thresholds",
        caption="Messages and rooms that look relayed by other thresholds.",
        head=("At least", "Messages", "Rooms"),
        rows=tuple(rows),
        frame=pd.DataFrame(frame),
    )
