"""The section of a report on how human witnesses typed, where the study recorded it."""

import pandas as pd

from analysis.dataset.study import Study
from analysis.outcomes.inclusion import IncludedStudy, included
from analysis.outcomes.relaying import LEAST_AWAY_S, LEAST_CHARS, PASTED_SHARE, relayed
from analysis.report import wording
from analysis.report.page import ReportSection, ReportTable
from analysis.report.sections.either_rule import under_either

#: Other shares that were pasted, and seconds away, under which texts are counted.
SHARES = (0.5, 0.8, 1.0)
AWAY_S = (0.0, 5.0, 30.0)


def typing_section(study: Study, own: IncludedStudy) -> ReportSection | None:
    """How many texts look relayed, and the verdicts without their rooms; None if not recorded.

    `own` are the rooms that count by the study's rules; their labels may be permuted.
    """
    if not len(study.typing):
        return None
    found = relayed(study)
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
        tables=(_by_rule(study, own), _by_threshold(study)),
        assumes="Browsers counted what they were asked to. To leave such rooms out assumes that "
        "they are like the others in all else.",
    )


def _by_rule(study: Study, own: IncludedStudy) -> ReportTable:
    rules = {rule: included(study, relayed=rule) for rule in ("exclude", "count")}
    return under_either(
        rules,
        name="typing-rules",
        caption="Verdicts with and without rooms in which a text looks relayed, with 95 % "
        "intervals clustered by interrogator.",
        blinded=own.blinded,
    )


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
