"""The sections of a report about strategies: agreement first, then accuracy, then pace."""

import dataclasses
from functools import partial

import numpy as np
import pandas as pd

from analysis.classification.accuracy_models import AccuracyComparison, compare_accuracy
from analysis.classification.proportions import accuracy_by_strategy, strategy_rooms
from analysis.classification.strategy_coding import agreement_by_strategy
from analysis.dataset.study import Study
from analysis.errors import ArgumentError
from analysis.numerics.limits import FEW_ROOMS
from analysis.numerics.multiplicity import benjamini_hochberg
from analysis.plots.forest import Whiskers, plot_forest
from analysis.report import wording
from analysis.report.curves import drawing
from analysis.report.page import Drawing, ReportSection, ReportTable, sentences
from analysis.report.sections.verdict import FEW_GROUPS, INTERVALS, enough_of, row_of

#: Draws of the bootstrap of agreement: enough for the two digits that are shown.
RESAMPLES = 1000

_NONE = "Not enough data for a number here: it needs messages tagged with strategies."
_BY_MODEL = (
    "Only a model has coded the strategies. A machine's codes are not used as if they were true: "
    "code a random sample of the rooms by people."
)
_ASSOCIATION = (
    "This is association, not effect, unless the study drew the strategies: long rooms have had "
    "time for more of them, and a strategy may answer a suspicion already there. Tags are taken "
    "as the people who coded them gave them."
)


def by_people(study: Study) -> Study:
    """The study with the tags that people gave."""
    tags = study.strategies
    return dataclasses.replace(study, strategies=tags[tags["source"] != "model"])


def agreement_section(study: Study) -> ReportSection:
    """Who coded the strategies, and how far coders agree."""
    tags, title = study.strategies, "Coding of strategies"
    if not len(tags):
        return ReportSection(key="agreement", title=title, missing=(_NONE,))
    coders = np.where(tags["source"] == "interrogator", "the interrogator", tags["coder"])
    named = tags.assign(coder=coders)
    several = int((named.groupby("message")["coder"].nunique() > 1).sum())
    intro = (
        "What coders do not agree on cannot be compared. Alpha is 1 for perfect agreement and 0 "
        "for what chance gives.",
    )
    tables, missing = [_sources(tags, study)], ""
    if several < FEW_ROOMS:
        missing = (
            f"Agreement is not known: it needs at least {FEW_ROOMS} messages coded by two coders "
            f"or more ({several} so far). What follows rests on single coders."
        )
    else:
        tables.append(_alphas(dataclasses.replace(study, strategies=named)))
    return ReportSection(
        key="agreement",
        title=title,
        intro=intro,
        missing=sentences(missing),
        tables=tuple(tables),
        assumes="A coder counts for a message if he or she tagged it with anything. The interval "
        "is a percentile bootstrap of rooms from a fixed seed."
        if not missing
        else "",
        methods=()
        if missing
        else (
            "Agreement on each strategy is Krippendorff's alpha (nominal), with a percentile "
            f"bootstrap of rooms ({RESAMPLES} draws).",
        ),
    )


def accuracy_section(study: Study) -> ReportSection:
    """Accuracy among the rooms in which each strategy was used, and how strategies compare."""
    title, people = "Accuracy by strategy", by_people(study)
    intro = (
        "The share of right verdicts among the rooms in which the strategy was used in at least "
        "one message before the verdict. A room counts once for each strategy used in it, so the "
        "groups overlap.",
    )
    missing = _lack_of_tags(study, people)
    if not missing and not len(strategy_rooms(people)):
        missing = (
            "Not enough data for a number here: it needs tagged messages in rooms with a verdict."
        )
    if missing:
        return ReportSection(key="strategies", title=title, intro=intro, missing=(missing,))
    found = accuracy_by_strategy(people)
    order = np.argsort(-found.n, kind="stable")
    rows = tuple(row_of(str(found.groups[k]), found, int(k)) for k in order)
    head = ("Strategy", "Right, of rooms", "Share right", "Wilson")
    table = ReportTable(
        name="accuracy-strategy", caption=INTERVALS, head=head, rows=rows, frame=found.table
    )
    enough = enough_of(found)
    model, left_out = _model(people, [str(group) for group in enough.groups])
    few = FEW_GROUPS if len(enough.groups) < len(found.groups) else ""
    drawings = (_forest(study, model),) if model else ()
    return ReportSection(
        key="strategies",
        title=title,
        intro=intro,
        missing=sentences(few, left_out),
        drawings=drawings,
        tables=(*((_compared(model),) if model else ()), table),
        assumes=_ASSOCIATION,
        methods=_methods(model),
    )


def _methods(model: AccuracyComparison | None) -> tuple[str, ...]:
    if model is None:
        return ()
    return (
        "Strategies were compared by a model of right verdicts on the strategy, adjusted for the "
        f"machine profile, one row per room and strategy used in it: {model.method}. Probabilities "
        "are standardised over all rows, and p-values of differences adjusted after Holm and after "
        "Benjamini and Hochberg.",
    )


def _lack_of_tags(study: Study, people: Study) -> str:
    if not len(study.strategies):
        return _NONE
    return "" if len(people.strategies) else _BY_MODEL


def _sources(tags: pd.DataFrame, study: Study) -> ReportTable:
    sent = study.messages
    n_sent = int((sent["seat"] == "interrogator").sum())
    rows, frame = [], []
    names = {"interrogator": "The interrogators themselves", "coder": "Coders", "model": "A model"}
    for source, part in tags.groupby("source", sort=True):
        counts = (part["coder"].nunique(), part["message"].nunique(), len(part))
        rows.append((names[str(source)], *(f"{n}" for n in counts)))
        frame.append(
            {"source": source, "n_coders": counts[0], "n_messages": counts[1], "n_tags": counts[2]}
        )
    caption = f"Who tagged the {n_sent} messages that interrogators sent."
    return ReportTable(
        name="coding-sources",
        caption=caption,
        head=("Tagged by", "Coders", "Messages", "Tags"),
        rows=tuple(rows),
        frame=pd.DataFrame(frame),
    )


def _alphas(study: Study) -> ReportTable:
    found = agreement_by_strategy(study, n_resamples=RESAMPLES)
    rows = []
    for line in found.to_dict("records"):
        alpha = wording.number(float(line["alpha"]), float(line["low"]), float(line["high"]))
        rows.append((str(line["strategy"]), f"{line['n_messages']}", f"{line['n_tags']}", alpha))
    return ReportTable(
        name="agreement",
        caption="Krippendorff's alpha with 95 % intervals; messages tagged by two coders or more.",
        head=("Strategy", "Messages", "Tags", "Alpha"),
        rows=tuple(rows),
        frame=found,
    )


def _model(people: Study, names: list[str]) -> tuple[AccuracyComparison | None, str]:
    """The comparison of strategies that have enough rooms, and what was left out."""
    rows = strategy_rooms(people)
    rows = rows[rows["strategy"].isin(names)]
    rooms = people.rooms.set_index("room")
    share = rows.groupby("strategy")["correct"].mean()
    certain = sorted(str(name) for name in share.index[(share == 0) | (share == 1)])
    rows = rows[~rows["strategy"].isin(certain)]
    said = (
        f"Not compared, because all its verdicts are alike: {wording.listed(certain)}."
        if certain
        else ""
    )
    if rows["strategy"].nunique() < 2:
        return None, said or "A comparison needs two strategies with enough rooms."
    profile = rows["room"].map(rooms["profile"]).replace("", "(human)")
    try:
        model = compare_accuracy(
            rows["correct"],
            by=rows["strategy"].to_numpy(object),
            covariates={"profile": profile} if profile.nunique() > 1 else None,
            cluster=rows["room"].map(rooms["interrogator"]).to_numpy(object),
            reference=str(rows["strategy"].value_counts().index[0]),
        )
    except ArgumentError as error:
        return None, f"{said} Strategies cannot be compared: {error}".strip()
    return model, said


def _forest(study: Study, model: AccuracyComparison) -> Drawing:
    found = model.standardised
    labels = [f"{name} ({n})" for name, n in zip(found.levels, found.n, strict=True)]
    whiskers = Whiskers(name="right", value=found.value, low=found.low, high=found.high)
    draw = partial(
        plot_forest, labels, whiskers, scale="share", axis="Verdicts right, standardised"
    )
    caption = (
        "Share of right verdicts if every row had used the strategy, machines as they are mixed "
        "in all rows; 95 % intervals clustered by interrogator. In brackets: rooms."
    )
    return drawing(draw, study, name="strategies-accuracy", caption=caption)


def _compared(model: AccuracyComparison) -> ReportTable:
    shares = model.standardised.table.set_index("level")
    gaps = model.differences.table.set_index("level")
    gaps = gaps.assign(p_bh=benjamini_hochberg(gaps["p_value"]))
    rows = []
    for name in shares.index:
        line = shares.loc[name]
        cells = [_share(line, "probability")]
        if name in gaps.index:
            gap = gaps.loc[name]
            cells += [_share(gap, "difference")]
            cells += [wording.p_value(float(gap[p])) for p in ("p_holm", "p_bh")]
        else:
            cells += ["reference", "", ""]
        rows.append((str(name), *cells))
    caption = (
        f"Standardised shares, and differences from {model.reference} (the strategy with the most "
        "rooms). Quote Holm's p for comparisons planned in writing, Benjamini and Hochberg's for a "
        "search through all."
    )
    named = {name: f"difference_{name}" for name in ("n", "std_error", "df", "low", "high")}
    frame = shares.join(gaps.rename(columns=named)).reset_index()
    return ReportTable(
        name="strategies-compared",
        caption=caption,
        head=("Strategy", "Share right", "Difference", "p, Holm", "p, BH"),
        rows=tuple(rows),
        frame=frame,
    )


def _share(line: "pd.Series", name: str) -> str:
    interval = wording.percent_range(float(line["low"]), float(line["high"]))
    return wording.ranged(wording.percent(float(line[name])), interval)
