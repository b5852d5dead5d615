"""The section of a report on rooms that were paused, and what they do to the numbers."""

from analysis.dataset.study import Study
from analysis.outcomes.clocks import Clock
from analysis.outcomes.inclusion import InclusionRule, agent_rooms, included, stated_rules
from analysis.plots import axis
from analysis.report import by_rule, wording
from analysis.report.curves import estimate
from analysis.report.page import ReportSection

#: What such rooms are, in a sentence and as the name of a row.
_MADE = {
    InclusionRule.EXCLUDE: "left out",
    InclusionRule.CENSOR_AT_FIRST: "read up to the last act before the first pause",
    InclusionRule.COUNT: "counted, without the time of the pause",
}
_ROWS = {
    InclusionRule.EXCLUDE: "Left out",
    InclusionRule.CENSOR_AT_FIRST: "Censored",
    InclusionRule.COUNT: "Counted",
}


def pauses_section(study: Study) -> ReportSection | None:
    """Paused rooms and the numbers under each rule; None where no room was paused."""
    rooms = study.rooms[~study.rooms["room"].isin(agent_rooms(study))]
    paused = rooms[rooms["started_at"].notna() & (rooms["paused_ms"] > 0)]
    if not len(paused):
        return None
    stated = stated_rules(study).paused_room
    by = "by the study's rule" if stated else "as the study states no rule"
    middle = axis.words(float(paused["paused_ms"].median()), Clock.WALL)
    n = wording.count(len(paused), "room")
    verb, they = ("was", "It is") if len(paused) == 1 else ("were", "They are")
    kinds = ("machine",) if study.format == "three_party" else ("machine", "human")
    tables = []
    for kind in kinds:
        curves = {
            name: estimate(included(study, paused_room=rule), Clock.WALL, witness=kind)
            for rule, name in _ROWS.items()
        }
        tables.append(by_rule.numbers(curves, name="pause-rules", head="Paused rooms are"))
    return ReportSection(
        key="pauses",
        title="Pauses",
        intro=(
            f"{n} {verb} paused, in the median for {middle} in all. {they} "
            f"{_MADE[stated or InclusionRule.COUNT]}, {by}. Nobody could write or decide "
            "meanwhile, and no clock ran; but people think.",
        ),
        tables=tuple(tables),
        assumes="To leave such rooms out assumes that they are like the others; to censor them, "
        "that they would have gone on like those still open; to count them, that nothing is found "
        "out in a pause.",
        methods=("The numbers were repeated under each rule for rooms that were paused.",),
    )
