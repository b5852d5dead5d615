"""The section of a report that rates interrogators and machines on one scale."""

from functools import partial

import pandas as pd

from analysis.classification.abilities import Abilities
from analysis.classification.rasch import ratings
from analysis.dataset.study import Study
from analysis.numerics.limits import FEW_ROOMS, lacking_of
from analysis.plots.forest import Whiskers, plot_forest
from analysis.report import wording
from analysis.report.curves import drawing
from analysis.report.page import Drawing, ReportSection, ReportTable, sentences
from analysis.report.sections.verdict import who_decided

#: Interrogators that a figure of ratings can show, and that a table can list.
MAX_RATED = 40
MAX_LISTED = 8


def ratings_section(study: Study) -> ReportSection:
    """Skill of interrogators and deception of machines on one scale."""
    title = "Ratings"
    intro = (
        "The average interrogator is right half the time about a machine of deception 0; "
        "the log-odds of a right verdict are the interrogator's skill less the "
        "machine's deception. There is no ranking by points: a rank is the range that the data "
        "leave open.",
    )
    machine = study.verdicts["room"].map(study.rooms.set_index("room")["profile"]).fillna("")
    chosen = (machine != "").to_numpy(bool)
    who, which = who_decided(study)[chosen], machine[chosen].to_numpy(object)
    missing = lacking_of(who)
    if missing:
        return ReportSection(key="ratings", title=title, intro=intro, missing=(missing,))
    found = ratings(who, which, study.verdicts["correct"][chosen].to_numpy(bool))
    counts = pd.Series(which).value_counts()
    rare = [str(name) for name in counts.index if counts[name] < FEW_ROOMS]
    machines, people = found.machines, found.interrogators
    names = [str(name) for name in machines.names]
    drawings = [_rated(study, machines, "machines", labels=names)]
    if len(people.names) <= MAX_RATED:
        drawings.append(
            _rated(study, people, "interrogators", labels=[str(n) for n in people.names])
        )
    return ReportSection(
        key="ratings",
        title=title,
        intro=intro,
        missing=sentences(
            f"Few verdicts on {wording.listed(rare)}: the prior says most of what is shown."
            if rare
            else ""
        ),
        drawings=tuple(drawings),
        tables=(_rating_table(machines, "machines"), *_people_table(people)),
        assumes="Skill and deception add up on the log-odds scale and do not change from room to "
        "room. Those with few rooms are drawn towards 0 by the prior. Only rooms with a verdict "
        "count. Intervals of one kind hold together for all its names.",
        methods=(
            f"Ratings of machines: {machines.method}; of interrogators: {people.method}. Priors "
            "have standard deviations 1 (skill) and 2 (deception) in log-odds; intervals are "
            "Bonferroni-simultaneous, ranks those that all pairs leave open.",
        ),
    )


def _rated(study: Study, of: Abilities, name: str, *, labels: list[str]) -> Drawing:
    whiskers = Whiskers(name=name, value=of.ability, low=of.low, high=of.high)
    axis = {"machines": "Deception (log-odds)", "interrogators": "Skill (log-odds)"}[name]
    draw = partial(plot_forest, labels, whiskers, axis=axis, null=0.0)
    caption = f"{axis.partition(' ')[0]} of {name}, with simultaneous 95 % intervals; by name."
    return drawing(draw, study, name=f"ratings-{name}", caption=caption)


def _rating_table(of: Abilities, name: str) -> ReportTable:
    rows = []
    for k, label in enumerate(of.names):
        ability = wording.number(float(of.ability[k]), float(of.low[k]), float(of.high[k]))
        low, high = int(of.rank_low[k]), int(of.rank_high[k])
        rows.append(
            (str(label), f"{of.n[k]}", ability, f"{low}" if low == high else f"{low}–{high}")
        )
    head = (
        ("Machine profile", "Verdicts", "Deception")
        if name == "machines"
        else ("Interrogator", "Verdicts", "Skill")
    )
    return ReportTable(
        name=f"ratings-{name}",
        caption="Log-odds with simultaneous 95 % intervals, and the ranks left open (1: ablest).",
        head=(*head, "Ranks"),
        rows=tuple(rows),
        frame=of.table,
    )


def _people_table(people: Abilities) -> tuple[ReportTable, ...]:
    whole = _rating_table(people, "interrogators")
    if len(people.names) <= MAX_LISTED:
        return (whole,)
    above, below = int((people.low > 0).sum()), int((people.high < 0).sum())
    rows = (
        ("Above the average (the whole interval)", f"{above}"),
        ("Below it (the whole interval)", f"{below}"),
        ("Not distinguished from it", f"{len(people.names) - above - below}"),
    )
    caption = f"{len(people.names)} interrogators, each of whom the file of this table lists."
    head = ("Skill", "Interrogators")
    return (ReportTable(name=whole.name, caption=caption, head=head, rows=rows, frame=whole.frame),)
