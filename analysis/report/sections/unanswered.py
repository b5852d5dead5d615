"""The section of a report on questions left unanswered: where, why, and what they do to numbers."""

from collections import Counter
from functools import partial

import pandas as pd

from analysis.classification.proportions import accuracy
from analysis.dataset.study import Study
from analysis.numerics.limits import lacking_of
from analysis.outcomes.clocks import Clock
from analysis.outcomes.inclusion import (
    IncludedStudy,
    Inclusion,
    InclusionRule,
    agent_rooms,
    included,
    rules_of,
    stated_rules,
)
from analysis.outcomes.unanswered import questions, silent_after_ms, unanswered
from analysis.plots import axis
from analysis.plots.compare import plot_groups
from analysis.report import wording
from analysis.report.curves import ClockCurve, drawing, estimate
from analysis.report.page import Drawing, ReportSection, ReportTable, sentences
from analysis.report.sections.verdict import best_interval, who_decided

#: Rooms that the page lists; the file of the table has all.
MAX_LISTED = 8

#: What such rooms are, in a sentence and as the name of a curve.
_MADE = {
    InclusionRule.EXCLUDE: "left out",
    InclusionRule.CENSOR_AT_FIRST: "censored at the first such question",
    InclusionRule.COUNT: "counted all the same",
}
_CURVES = {
    InclusionRule.EXCLUDE: "Left out",
    InclusionRule.CENSOR_AT_FIRST: "Censored",
    InclusionRule.COUNT: "Counted",
}
_OWN = "By the study’s rules"
_WITNESS = {"machine": "the machine", "human": "the human witness"}
_NO_SPAN = "A silence is not looked for, as the study's rules do not say how long one is."


def said_first(study: Study) -> tuple[str, ...]:
    """What stands at the head of a report about rooms with unanswered questions."""
    return _named(study, _found(study))


def unanswered_section(study: Study, wall: ClockCurve) -> ReportSection:
    """Rooms with unanswered questions, what rule is applied, and the numbers under each rule."""
    found = _found(study)
    title, after = "Unanswered questions", silent_after_ms(study)
    span = "" if after is None else f", or if it said nothing for {axis.words(after, Clock.WALL)}"
    intro = (
        "A machine that fails is not a machine that was found out. A witness left a question "
        f"unanswered if the log says that it failed{span}. {_rule_words(study)}",
    )
    said = _named(study, found) or ("No question was left unanswered.",)
    tables = [_reliability(study, found)]
    drawings: tuple[Drawing, ...] = ()
    if len(found):
        kinds = ("machine",) if study.format == "three_party" else _kinds(found)
        compared = {kind: _by_rule(study, kind) for kind in kinds}
        drawings = tuple(_overlay(curves) for curves in compared.values() if _enough(curves))
        tables = [*map(_numbers, compared.values()), _rooms(found), *tables]
    return ReportSection(
        key="unanswered",
        title=title,
        intro=(*intro, *said),
        missing=sentences("" if after is not None else _NO_SPAN),
        drawings=drawings,
        tables=tuple(tables),
        assumes="Failures come whatever the interrogator believes. To leave such rooms out assumes "
        "that they are like the others; to censor them, that they would have gone on like those "
        "still open; to count them, that a silence tells nothing. Where the three differ, the "
        "failures decide the answer."
        if drawings
        else "",
        methods=_methods(wall.study) if len(found) else (),
    )


def _found(study: Study) -> pd.DataFrame:
    """The unanswered questions in rooms of people."""
    found = unanswered(study)
    return found[~found["room"].isin(agent_rooms(study))]


def _kinds(found: pd.DataFrame) -> tuple[str, ...]:
    return tuple(kind for kind in ("machine", "human") if (found["kind"] == kind).any())


def _named(study: Study, found: pd.DataFrame) -> tuple[str, ...]:
    """One sentence for each kind of witness that left questions unanswered."""
    stated, rules, said = stated_rules(study), rules_of(study, Inclusion()), []
    for kind in _kinds(found):
        part = found[found["kind"] == kind]
        why = Counter(part["why"].where(part["why"] != "", part["cause"]))
        reasons = ", ".join(name for name, _ in why.most_common())
        own = stated.machine_failure if kind == "machine" else stated.human_silence
        rule = rules.machine_failure if kind == "machine" else rules.human_silence
        n_rooms = part["room"].nunique()
        they = "It is" if n_rooms == 1 else "They are"
        made = _MADE[rule or InclusionRule.COUNT]
        by = "by the study's rule" if own is not None else "as the study states no rule"
        said.append(
            f"{wording.count(n_rooms, 'room')}: {_WITNESS[kind]} left "
            f"{wording.count(len(part), 'question')} unanswered ({reasons}). {they} {made}, {by}."
        )
    return tuple(said)


def _rule_words(study: Study) -> str:
    stated = stated_rules(study)
    if stated.machine_failure is None and stated.human_silence is None:
        return "The study's rules do not say what becomes of such rooms, so all of them count."
    machine, human = (
        _MADE[rule or InclusionRule.COUNT]
        for rule in (stated.machine_failure, stated.human_silence)
    )
    if machine == human:
        return f"By the study's rules a room in which a witness did is {machine}."
    return (
        f"By the study's rules a room in which the machine did is {machine}, and one in which the "
        f"human witness did is {human}."
    )


def _by_rule(study: Study, witness: str) -> dict[str, ClockCurve]:
    """The curve under the study's own rules, and under each rule for all witnesses."""
    spans = silent_after_ms(study) is not None
    own = included(study)
    made = {}
    if own.machine_failure != own.human_silence and spans:
        made[_OWN] = estimate(own, Clock.WALL, witness=witness)
    for rule in InclusionRule:
        kept = included(study, machine_failure=rule, human_silence=rule if spans else None)
        made[_CURVES[rule]] = estimate(kept, Clock.WALL, witness=witness)
    return made


def _enough(curves: dict[str, ClockCurve]) -> bool:
    return not any(curve.missing for curve in curves.values())


def _overlay(curves: dict[str, ClockCurve]) -> Drawing:
    longest = max(curves.values(), key=lambda curve: curve.end)
    first, second = longest.names
    draw = partial(
        plot_groups,
        {name: curve.result for name, curve in curves.items()},
        clock=longest.clock,
        horizon=longest.end,
        log_from=longest.log_from,
        names=longest.names,
    )
    caption = f"{first} (above) and {second.lower()} (below) under each rule, with 95 % bands."
    name = "unanswered-rules" + _suffix(longest)
    return drawing(draw, longest.study, name=name, caption=caption)


def _suffix(curve: ClockCurve) -> str:
    return "" if curve.witness == "machine" else f"-{curve.witness}"


def _numbers(curves: dict[str, ClockCurve]) -> ReportTable:
    """The numbers at the head of the report, under each rule."""
    longest = max(curves.values(), key=lambda curve: curve.end)
    rows, frame = [], []
    for name, curve in curves.items():
        n = len(curve.rooms)
        cells = [wording.TOO_FEW] * (4 + curve.has_net)
        line: dict[str, object] = {"rule": name, "n_rooms": n}
        if not curve.missing:
            shares = [curve.result.at(longest.end, cause) for cause in (1, 2)]
            shares += [curve.result.net().at(longest.end)] if curve.has_net else []
            median = curve.result.quantile(0.5)
            cells = [wording.share(each) for each in shares]
            cells += [wording.moment(median, curve.clock, longest.unit), _right(curve)]
            for measure, each in zip(("cause_1", "cause_2", "net"), shares, strict=False):
                line |= {measure: each.value, f"{measure}_low": each.low}
                line |= {f"{measure}_high": each.high}
            line |= {"median": median.value, "median_low": median.low, "median_high": median.high}
        rows.append((name, f"{n}", *cells))
        frame.append(line)
    net = ("Net",) if longest.has_net else ()
    return ReportTable(
        name="unanswered-rules" + _suffix(longest),
        caption=f"Under each rule: incidence by {longest.end_words}, median time to detection and "
        "verdicts right, with 95 % intervals clustered by interrogator.",
        head=("Such rooms are", "Rooms", *longest.names, *net, "Median", "Verdicts right"),
        rows=tuple(rows),
        frame=pd.DataFrame(frame),
        spread=True,
    )


def _right(curve: ClockCurve) -> str:
    """The share of right verdicts in the rooms of a curve."""
    verdicts = curve.study.verdicts
    here = verdicts["room"].isin(curve.rooms["room"]).to_numpy(bool)
    who = who_decided(curve.study)[here]
    if lacking_of(who):
        return wording.TOO_FEW
    found = accuracy(verdicts["correct"][here], cluster=who)
    return wording.ranged(
        wording.percent(float(found.proportion[0])),
        wording.percent_range(*best_interval(found, 0)),
    )


def _rooms(found: pd.DataFrame) -> ReportTable:
    rows = []
    for (room, kind), part in found.groupby(["room", "kind"], sort=False):
        why = Counter(part["why"].where(part["why"] != "", part["cause"]))
        first = axis.words(float(part["asked_at_ms"].min()), Clock.WALL)
        reasons = ", ".join(name for name, _ in why.most_common())
        rows.append((str(room), str(kind), f"{len(part)}", reasons, first))
    more = f" The first {MAX_LISTED} of {len(rows)}." if len(rows) > MAX_LISTED else ""
    return ReportTable(
        name="unanswered-questions",
        caption="Rooms with unanswered questions; the file of this table has every question."
        + more,
        head=("Room", "Witness", "Questions", "Why", "First at"),
        rows=tuple(rows[:MAX_LISTED]),
        frame=found,
    )


def _reliability(study: Study, found: pd.DataFrame) -> ReportTable:
    """Calls, failures and unanswered questions of each machine, and of people beside them."""
    rooms = study.rooms[~study.rooms["room"].isin(agent_rooms(study))].set_index("room")
    asked, calls = questions(study), study.machine_calls
    calls = calls[calls["room"].isin(rooms.index)]
    asked = asked[asked["room"].isin(rooms.index)]
    of = {"asked": asked, "left": found}
    names = {key: _who(table, rooms) for key, table in of.items()}
    rows, frame = [], []
    everybody = {*names["asked"], *calls["profile"]}
    for name in sorted(everybody, key=lambda name: (name == _HUMAN, name)):
        n = int((names["asked"] == name).sum())
        left = found[(names["left"] == name).to_numpy(bool)]
        own = calls[calls["profile"] == name]
        failed = own[own["outcome"] != "ok"]
        kinds = Counter(failed["outcome"]).most_common()
        per_100 = f"{100 * len(left) / n:.1f}" if n else ""
        said = ", ".join(f"{kind} {k}" for kind, k in kinds)
        made = ("", "") if name == _HUMAN else (f"{len(own)}", said or "0")
        rows.append((name, f"{n}", f"{len(left)}", per_100, *made))
        frame.append(
            {
                "witness": name,
                "n_questions": n,
                "n_failure": int((left["cause"] == "failure").sum()),
                "n_silence": int((left["cause"] == "silence").sum()),
                "n_calls": len(own),
                "n_failed_calls": len(failed),
                **{f"n_{kind}": k for kind, k in sorted(kinds)},
            }
        )
    return ReportTable(
        name="reliability",
        caption="Questions put to each machine and to people, those left unanswered, and calls to "
        "backends: each question may take several.",
        head=("Witness", "Questions", "Unanswered", "Of 100", "Calls", "Failed"),
        rows=tuple(rows),
        frame=pd.DataFrame(frame),
    )


_HUMAN = "(human)"


def _who(table: pd.DataFrame, rooms: pd.DataFrame) -> pd.Series:
    """The machine profile that was asked, or that it was a person."""
    profile = table["room"].map(rooms["profile"]).astype(object)
    return profile.where(table["kind"] == "machine", _HUMAN)


def _methods(kept: IncludedStudy) -> tuple[str, ...]:
    return (
        f"Rooms whose machine left a question unanswered were {_MADE[kept.machine_failure]}, those "
        f"whose human witness did were {_MADE[kept.human_silence]}; the numbers were repeated "
        "under each rule.",
    )
