"""The sections of a report on strategies over time, and on strategies that a model coded."""

from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd

from analysis.dataset.study import Study
from analysis.errors import ArgumentError
from analysis.numerics.limits import lacking_of
from analysis.numerics.multiplicity import benjamini_hochberg, holm
from analysis.outcomes.clocks import Clock
from analysis.outcomes.episodes import NONE, strategy_episodes
from analysis.plots.forest import Whiskers, plot_forest
from analysis.report import wording
from analysis.report.curves import ClockCurve, drawing
from analysis.report.page import Drawing, ReportSection, ReportTable, sentences
from analysis.report.sections.strategy import by_people
from analysis.survival.cox import Cox, cox
from analysis.survival.discrete_time import BREAKS, discrete_hazard
from analysis.survival.hazard_model import HazardModel
from analysis.survival.proportionality import Proportionality

#: Decisions of a kind per term below which a fit says more about its own error than about people.
EVENTS_PER_TERM = 5

_ASSUMES = (
    "A room counts for a strategy only while it is in use: from the message that uses it to the "
    "next one, so nothing is coded by what came later. Hazard ratios compare rooms still open at "
    "the same time, with time in which none of these strategies was in use as the reference (from "
    "a message that nobody tagged, or before the first); they are taken "
    "as constant over time, and are no ratios of probabilities. This is association, not effect, "
    "unless the study drew the strategies: they also answer what is already believed."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Fits:
    right: Cox
    wrong: Cox | None
    per_message: HazardModel | None
    check: Proportionality
    n_rooms: pd.Series  # by strategy
    rare: tuple[str, ...]  # too little for terms of their own


def pace_section(study: Study, curve: ClockCurve) -> ReportSection:
    """Hazard ratios of strategies that change within a room."""
    title, key = "Strategies and the pace of decisions", "strategies-time"
    intro = (
        "How much sooner rooms are decided while a strategy is in use: cause-specific hazard "
        "ratios from rows that are cut where the strategy changes.",
    )
    people = by_people(study)
    missing = curve.missing
    if not missing and not len(people.strategies):
        missing = "Not enough data for a number here: it needs messages that people have tagged."
    if not missing:
        fits = _fits(people, curve.witness)
        missing = fits if isinstance(fits, str) else ""
    if missing or isinstance(fits, str):
        return ReportSection(key=key, title=title, intro=intro, missing=(missing,))
    no_second_model = (
        "" if fits.wrong else f"Too few rooms ended as “{curve.names[1].lower()}” for a model."
    )
    rare = ""
    if fits.rare:
        rare = "Used too little for a term, and so part of the reference: "
        rare += f"{wording.listed(list(fits.rare))}."
    return ReportSection(
        key=key,
        title=title,
        intro=intro,
        missing=sentences(no_second_model, rare),
        drawings=(_forest(study, fits, curve),),
        tables=(_table(fits, curve), _check_table(fits.check)),
        assumes=_ASSUMES,
        methods=_methods(fits),
    )


def _methods(fits: _Fits) -> tuple[str, ...]:
    said = (
        "Strategies over time entered cause-specific models on (start, stop] rows, stratified by "
        f"machine profile: {fits.right.method}."
    )
    if fits.per_message is None:
        return (said,)
    return (said, f"On the message clock, with terms for profiles: {fits.per_message.method}.")


def _fits(study: Study, witness: str) -> _Fits | str:
    rows = strategy_episodes(study, witness=witness)
    used, rare = _terms(rows)
    if used.empty:
        return "No strategy was in use in at least 10 rooms of 5 interrogators."
    n_right = int((rows["event"] == 1).sum())
    if n_right < EVENTS_PER_TERM * used.shape[1]:
        needs = EVENTS_PER_TERM * used.shape[1]
        return (
            f"Not enough data for a model here: {used.shape[1]} strategies need at least {needs} "
            f"detections ({n_right} so far)."
        )
    right = _cox(rows, used, 1)
    if isinstance(right, str):
        return right
    wrong = _cox(rows, used, 2)
    return _Fits(
        right=right,
        wrong=None if isinstance(wrong, str) else wrong,
        per_message=_per_message(study, witness, list(used.columns)),
        check=right.proportional_hazards(),
        n_rooms=_n_rooms(rows, used),
        rare=rare,
    )


def _terms(rows: pd.DataFrame) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """A 0/1 column for each strategy in use, and those used too little for one."""
    used = rows["strategy"].str.get_dummies("+").drop(columns=NONE, errors="ignore")
    rare = []
    for name in used.columns:
        part = rows[used[name] == 1]
        if lacking_of(part.drop_duplicates("room")["interrogator"]):
            rare.append(str(name))
    return used.drop(columns=rare), tuple(rare)


def _n_rooms(rows: pd.DataFrame, used: pd.DataFrame) -> pd.Series:
    counts = {name: rows.loc[used[name] == 1, "room"].nunique() for name in used.columns}
    return pd.Series(counts)


def _cox(rows: pd.DataFrame, used: pd.DataFrame, cause: int) -> Cox | str:
    event = (rows["event"] == cause).astype(int)
    if event.sum() < EVENTS_PER_TERM * used.shape[1]:
        return "Too few decisions."
    try:
        return cox(
            rows["start"],
            rows["stop"],
            event,
            used,
            strata=rows["profile"],
            cluster=rows["interrogator"],
        )
    except ArgumentError as error:
        return f"The model cannot be fitted: {error}"


def _per_message(study: Study, witness: str, names: list[str]) -> HazardModel | None:
    rows = strategy_episodes(study, Clock.MESSAGES, witness=witness)
    used = rows["strategy"].str.get_dummies("+")
    profiles = pd.get_dummies(rows["profile"], prefix="profile", drop_first=True, dtype=int)
    event = rows["event"] == 1
    try:
        return discrete_hazard(
            rows["start"],
            rows["stop"],
            event.astype(int),
            pd.concat([used[names], profiles], axis=1),
            breaks=_breaks(rows.loc[event, "stop"].to_numpy(np.int64)),
            cluster=rows["interrogator"],
        )
    except (ArgumentError, KeyError):
        return None


def _breaks(stops: "np.ndarray[tuple[int], np.dtype[np.int64]]") -> tuple[int, ...]:
    """The usual stretches of messages, joined where one would hold no event."""
    kept: list[int] = []
    for end in BREAKS:
        after = kept[-1] if kept else 0
        if ((stops > after) & (stops <= end)).any() and (stops > end).any():
            kept.append(end)
    return tuple(kept)


def _forest(study: Study, fits: _Fits, curve: ClockCurve) -> Drawing:
    terms = list(fits.right.terms)
    labels = [f"{name} ({fits.n_rooms[name]})" for name in terms]
    parts = [_whiskers(fits.right, curve.names[0])]
    if fits.wrong:
        parts.append(_whiskers(fits.wrong, curve.names[1]))
    draw = partial(
        plot_forest, labels, *parts, scale="ratio", null=1.0, axis="Hazard ratio (logarithmic)"
    )
    caption = (
        "Cause-specific hazard ratios against time without these strategies, 95 % intervals "
        "clustered by interrogator. In brackets: rooms in which the strategy was in use."
    )
    return drawing(draw, study, name="strategies-pace", caption=caption)


def _whiskers(model: HazardModel, name: str) -> Whiskers:
    table = model.table
    return Whiskers(name=name, value=table["hazard_ratio"], low=table["low"], high=table["high"])


def _table(fits: _Fits, curve: ClockCurve) -> ReportTable:
    right = fits.right.table.set_index("term")
    right = right.assign(p_holm=holm(right["p_value"]), p_bh=benjamini_hochberg(right["p_value"]))
    others = [
        (curve.names[1], fits.wrong.table.set_index("term") if fits.wrong else None),
        ("Per message", fits.per_message.table.set_index("term") if fits.per_message else None),
    ]
    shown = [(name, table) for name, table in others if table is not None]
    rows = []
    for term in right.index:
        line = right.loc[term]
        cells = [_ratio(line), *(wording.p_value(float(line[p])) for p in ("p_holm", "p_bh"))]
        cells += [_ratio(table.loc[term]) for _, table in shown]
        rows.append((str(term), *cells))
    right = right.assign(n_rooms=fits.n_rooms)
    frames = [right.assign(model="cause 1"), *(t.assign(model=n) for n, t in shown)]
    head = ("Strategy", curve.names[0], "p, Holm", "p, BH", *(n for n, _ in shown))
    caption = (
        "Hazard ratios with 95 % intervals. p-values are those of detection: Holm's for "
        "comparisons planned in writing, Benjamini and Hochberg's for a search."
    )
    if fits.per_message:
        caption += " “Per message” is detection on the message clock."
    return ReportTable(
        name="strategies-pace",
        caption=caption,
        head=head,
        rows=tuple(rows),
        frame=pd.concat(frames).reset_index(),
    )


def _ratio(line: "pd.Series") -> str:
    value, low, high = (float(line[name]) for name in ("hazard_ratio", "low", "high"))
    return wording.number(value, low, high)


def _check_table(check: Proportionality) -> ReportTable:
    table = check.table
    rows = tuple(
        (
            "All together" if line["term"] == "all" else str(line["term"]),
            wording.number(float(line["statistic"])),
            f"{line['df']}",
            wording.p_value(float(line["p_value"])),
        )
        for line in table.to_dict("records")
    )
    return ReportTable(
        name="strategies-proportional",
        caption="Whether the hazard ratios of detection change over time: a small p says they do. "
        "Clusters are not allowed for, so this is a rough guide.",
        head=("Strategy", "Chi-squared", "Df", "p"),
        rows=rows,
        frame=table,
    )
