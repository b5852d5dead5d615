"""The section of a report on replies of machines that came too late to be hidden."""

import numpy as np
import pandas as pd

from analysis.dataset.study import Study
from analysis.numerics.intervals import wilson
from analysis.report import wording
from analysis.report.page import ReportSection, ReportTable

#: Above this share waits may tell a machine from a person, whatever else is done.
MOST_LATE = 0.001


def lateness_section(study: Study) -> ReportSection | None:
    """How many replies of each machine were late; None where no export says when one was drawn."""
    calls = study.machine_calls
    drawn = calls[calls["drawn_at"].notna() & calls["due_at"].notna()]
    if not len(drawn):
        return None
    late = (drawn["due_at"] - drawn["drawn_at"]).dt.total_seconds()
    table = _table(late, drawn["profile"].astype(str))
    delay_s = study.config.get("delay_s")
    has = f"the study's delay of {delay_s} s" if delay_s else "no delay in the study"
    intro = (
        f"A reply is late if its words came after the moment that the pacing drew, with {has} to "
        "hide it. No person is late in this way, so the waits of late replies may tell a machine "
        "from a person. Waits are what the interrogator saw: until a message was shown, not until "
        "it was written.",
    )
    told = bool((table.values["share_late"] > MOST_LATE).any())
    missing = (
        f"More than {wording.percent(MOST_LATE)} of a machine's replies were late: do not take "
        "the waits of this study for blind. `machine try` says which delay hides a model.",
    )
    return ReportSection(
        key="late-replies",
        title="Late replies",
        intro=intro,
        missing=missing if told else (),
        tables=(table,),
    )


def _table(late_s: pd.Series, profile: pd.Series) -> ReportTable:
    """Late replies by machine, given how late (s) each reply was and whose it is."""
    rows, frame = [], []
    for name, part in late_s.groupby(profile):
        n, n_late = len(part), int((part > 0).sum())
        low, high = (
            float(x[0]) for x in wilson(np.array([n_late * 1.0]), np.array([n * 1.0]), 0.95)
        )
        over = part[part > 0]
        most = f"{over.max():.1f} s" if n_late else ""
        middle = f"{over.median():.1f} s" if n_late else ""
        share = wording.ranged(wording.percent(n_late / n), wording.percent_range(low, high))
        rows.append((str(name), f"{n}", f"{n_late}", share, middle, most))
        frame.append(
            {
                "profile": name,
                "n_replies": n,
                "n_late": n_late,
                "share_late": n_late / n,
                "share_low": low,
                "share_high": high,
                "median_late_s": float(over.median()) if n_late else None,
                "max_late_s": float(over.max()) if n_late else None,
            }
        )
    return ReportTable(
        name="late-replies",
        caption="Replies that came too late to be hidden, with Wilson's 95 % intervals: replies "
        "are taken as independent.",
        head=("Machine", "Replies", "Late", "Share late", "Late by, median", "At most"),
        rows=tuple(rows),
        frame=pd.DataFrame(frame),
    )
