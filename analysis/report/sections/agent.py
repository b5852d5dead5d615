"""The section of a report on rooms in which a program interrogated, apart from those of people."""

from analysis.classification.proportions import accuracy
from analysis.dataset.study import Study
from analysis.numerics.limits import FEW_ROOMS
from analysis.outcomes.inclusion import agent_rooms, included
from analysis.report import wording
from analysis.report.page import ReportSection, ReportTable


def agents_section(study: Study) -> ReportSection | None:
    """How right each program was; None where no program took a seat."""
    n_rooms = study.rooms["room"].isin(agent_rooms(study)).sum()
    if not n_rooms:
        return None
    kept = included(study, agents="only")
    intro = (
        f"In {wording.count(int(n_rooms), 'room')} a program took a person's seat. These rooms are "
        "in no other number: a program that judges alike in all its rooms is one interrogator, "
        "and no sample of people.",
    )
    if not len(kept.verdicts):
        missing = ("Not enough data for a number here: it needs verdicts of programs.",)
        return ReportSection(
            key="agents", title="Programs as interrogators", intro=intro, missing=missing
        )
    rooms = kept.rooms.set_index("room")
    live = kept.rooms[kept.rooms["started_at"].notna()]
    found = accuracy(kept.verdicts["correct"], by=kept.verdicts["room"].map(rooms["interrogator"]))
    rows = []
    for k, name in sorted(enumerate(map(str, found.groups)), key=lambda pair: pair[1]):
        n = int(found.n[k])
        interval = wording.percent_range(float(found.wilson_low[k]), float(found.wilson_high[k]))
        share = wording.ranged(wording.percent(float(found.proportion[k])), interval)
        played = int((live["interrogator"] == name).sum())
        right = f"{found.n_correct[k]} of {n}"
        rows.append((name, f"{played}", right, share if n >= FEW_ROOMS else wording.TOO_FEW))
    table = ReportTable(
        name="agents",
        caption="Verdicts of programs, with Wilson's 95 % intervals: rooms of one program are "
        "taken as independent.",
        head=("Program", "Rooms", "Right, of verdicts", "Share right"),
        rows=tuple(rows),
        frame=found.table,
    )
    return ReportSection(
        key="agents", title="Programs as interrogators", intro=intro, tables=(table,)
    )
