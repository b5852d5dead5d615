"""The sections of a report that show how often verdicts are right, and side bias."""

import numpy as np
import pandas as pd

from analysis import page
from analysis.limits import FEW_INTERROGATORS, FEW_ROOMS, lacking
from analysis.page import Drawing, Headline, Section, Table
from analysis.plots import plot_accuracy
from analysis.proportions import Accuracy, accuracy, accuracy_by_profile, accuracy_by_strategy
from analysis.study import Study

_HEAD = ("Verdicts", "Right", "Interrogators", "Share right", "Wilson", "Clustered")
_CAPTION = (
    "95 % intervals. Wilson takes every verdict as independent; the clustered interval does not, "
    "and is the one to quote where interrogators come back."
)


def accuracy_headline(study: Study) -> tuple[Headline, ...]:
    """Share of right verdicts, at the head of the report."""
    found = _overall(study)
    if lacking(int(found.n[0]), int(found.n_clusters[0])):
        return ()
    low, high = _best_interval(found, 0)
    value = page.percent(float(found.proportion[0]))
    return (Headline(value=value, name="Verdicts right", interval=page.percent_range(low, high)),)


def profile_section(study: Study) -> Section:
    """Accuracy against each machine profile."""
    return _section(
        study,
        accuracy_by_profile(study) if len(study.verdicts) else None,
        key="accuracy-profile",
        title="Accuracy by machine profile",
        label="Machine profile",
        says=(
            "Share of right verdicts among the rooms that have one. "
            + (
                "Somebody who guesses is right in half of them."
                if study.format == "three_party"
                else "Rooms with a human witness are shown as (human)."
            ),
        ),
        assumes="Only rooms with a verdict count, and giving one is itself a choice: who is unsure "
        "may run out of time instead. The curves above do not have this fault.",
    )


def strategy_section(study: Study) -> Section:
    """Accuracy among the rooms in which a strategy was used."""
    return _section(
        study,
        accuracy_by_strategy(study) if len(study.strategies) and len(study.verdicts) else None,
        key="accuracy-strategy",
        title="Accuracy by strategy",
        label="Strategy",
        says=(
            "Share of right verdicts among the rooms in which the strategy was used in at least "
            "one message before the verdict. A room counts once for each strategy used in it, so "
            "the groups overlap.",
        ),
        assumes="This is association, not effect: long rooms have had time for more strategies, "
        "and a strategy may answer a suspicion already there. Tags are taken as given, whoever "
        "coded them; agreement between coders is not computed here.",
    )


def side_section(study: Study) -> Section | None:
    """Whether assignment and verdicts favour a pane; None where there is one pane."""
    if study.format != "three_party":
        return None
    rooms = study.rooms[study.rooms["started_at"].notna()]
    rows, lacks = [], lacking(len(rooms), rooms["interrogator"].nunique())
    if not lacks:
        placed = accuracy(rooms["human_pane"] == "A", cluster=rooms["interrogator"])
        rows.append(_row("The human sat in pane A", placed, 0))
        who = study.verdicts["room"].map(rooms.set_index("room")["interrogator"])
        if len(study.verdicts):
            called = accuracy(study.verdicts["human"] == "A", cluster=who)
            rows.append(_row("Pane A was called human", called, 0))
    head = ("", "Rooms", "Of these", "Interrogators", "Share", "Wilson", "Clustered")
    return Section(
        key="sides",
        title="Sides",
        says=("Witnesses are put behind A and B at random. Both shares should be near one half.",),
        lacks=lacks,
        tables=(Table(caption=_CAPTION, head=head, rows=tuple(rows)),) if rows else (),
    )


def _section(
    study: Study,
    found: Accuracy | None,
    *,
    key: str,
    title: str,
    label: str,
    says: tuple[str, ...],
    assumes: str,
) -> Section:
    if found is None or not found.n.sum():
        need = "tagged messages in rooms with a verdict" if label == "Strategy" else "verdicts"
        lacks = f"Not enough data for a number here: it needs {need}, and there are none yet."
        return Section(key=key, title=title, says=says, lacks=lacks)
    enough = _enough(found)
    rows = tuple(
        _row(str(found.groups[k]), found, int(k)) for k in np.argsort(-found.n, kind="stable")
    )
    few = f"Groups with fewer than {FEW_ROOMS} verdicts or {FEW_INTERROGATORS} interrogators have "
    few += "their counts only."
    table = Table(caption=_CAPTION, head=(label, *_HEAD), rows=rows)
    return Section(
        key=key,
        title=title,
        says=says,
        lacks="" if len(enough.groups) == len(found.groups) else few,
        drawings=(_drawing(enough, key, study),) if enough.groups else (),
        tables=(table,),
        assumes=assumes,
        data=((key, _frame(enough)),) if enough.groups else (),
    )


def _drawing(found: Accuracy, key: str, study: Study) -> Drawing:
    mark = "SIMULATED" if study.simulated else ""
    chance = 0.5 if study.format == "three_party" else None
    wide, narrow = (
        plot_accuracy(found, chance=chance, width=width, mark=mark) for width in ("wide", "narrow")
    )
    groups = ", ".join(str(group) for group in found.groups)
    return Drawing(
        name=key,
        description=f"{mark} Share of right verdicts with intervals: {groups}.".strip(),
        wide=wide,
        narrow=narrow,
    )


def _overall(study: Study) -> Accuracy:
    interrogator = study.rooms.set_index("room")["interrogator"]
    return accuracy(
        study.verdicts["correct"], cluster=study.verdicts["room"].map(interrogator).to_numpy(object)
    )


def _enough(found: Accuracy) -> Accuracy:
    keep = [
        k
        for k in range(len(found.groups))
        if not lacking(int(found.n[k]), int(found.n_clusters[k]))
    ]
    return found.only(keep)


def _frame(found: Accuracy) -> pd.DataFrame:
    return found.table


def _best_interval(found: Accuracy, k: int) -> tuple[float, float]:
    clustered = (float(found.cluster_low[k]), float(found.cluster_high[k]))
    if np.isfinite(clustered).all():
        return clustered
    return float(found.wilson_low[k]), float(found.wilson_high[k])


def _row(name: str, found: Accuracy, k: int) -> tuple[str, ...]:
    n, people = int(found.n[k]), int(found.n_clusters[k])
    counts = (name, f"{n}", f"{found.n_correct[k]}", f"{people}")
    if lacking(n, people):
        return (*counts, "too few", "", "")
    wilson = page.percent_range(float(found.wilson_low[k]), float(found.wilson_high[k]))
    cluster = page.percent_range(float(found.cluster_low[k]), float(found.cluster_high[k]))
    return (*counts, page.percent(float(found.proportion[k])), wilson, cluster or page.NOT_KNOWN)
