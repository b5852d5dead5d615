"""The sections of a report that show verdicts: win and pass rates, d', sides, and ratings."""

from functools import partial

import numpy as np
import pandas as pd
from scipy import special

from analysis.classification.d_prime import d_prime
from analysis.classification.proportions import Accuracy, accuracy
from analysis.classification.win_rates import Rates, pass_rate_by_profile, win_rate_by_profile
from analysis.dataset.study import Study
from analysis.numerics.arrays import Floats
from analysis.numerics.limits import (
    FEW_EFFECTIVE,
    FEW_INTERROGATORS,
    FEW_ROOMS,
    lacking,
    lacking_of,
)
from analysis.outcomes.clusters import room_clusters
from analysis.plots.incidence import plot_accuracy
from analysis.report import wording
from analysis.report.curves import drawing
from analysis.report.page import Headline, ReportSection, ReportTable, sentences

FEW_GROUPS = (
    f"Groups with fewer than {FEW_ROOMS} verdicts or {FEW_INTERROGATORS} interrogators, or with "
    f"interrogators worth fewer than {FEW_EFFECTIVE:g} of equally many rooms, have their counts "
    "only."
)
INTERVALS = (
    "Shares with their 95 % intervals clustered by interrogator, the ones to quote; beside them "
    "Wilson's, which take every verdict as independent."
)


_NO_VERDICTS = "Not enough data for a number here: it needs verdicts, and there are none yet."
_CHOICE = (
    "Only rooms with a verdict count, and giving one is itself a choice: who is unsure may run out "
    "of time instead. The curves above do not have this fault."
)


def accuracy_headline(study: Study) -> tuple[Headline, ...]:
    """Share of right verdicts, at the head of the report."""
    cluster = room_clusters(study, study.verdicts["room"])
    found = accuracy(study.verdicts["correct"], cluster=cluster)
    if too_few(found, 0):
        return ()
    low, high = best_interval(found, 0)
    value = wording.percent(float(found.proportion[0]))
    interval = wording.percent_range(low, high)
    return (Headline(value=value, name="Verdicts right", interval=interval),)


def who_decided(study: Study) -> np.ndarray[tuple[int], np.dtype[np.object_]]:
    """The interrogator of each verdict."""
    interrogator = study.rooms.set_index("room")["interrogator"]
    return study.verdicts["room"].map(interrogator).to_numpy(object)


def rates_section(study: Study) -> ReportSection:
    """How often each machine is taken for the human."""
    three = study.format == "three_party"
    key, title = ("win-rates", "Win rates and d′") if three else ("pass-rates", "Pass rates and d′")
    intro = (
        (
            "The share of verdicts that took the machine for the human. Nobody able to tell would "
            "give one half, so a machine that is hard to tell comes near it; above one half it is "
            "taken for the human more often than the human is."
        )
        if three
        else (
            "The share of verdicts that called the witness human. One half is no natural yardstick "
            "here, because people lean to one answer: compare machines with the humans, (human)."
        )
    )
    if not len(study.verdicts):
        return ReportSection(key=key, title=title, intro=(intro,), missing=(_NO_VERDICTS,))
    found = win_rate_by_profile(study) if three else pass_rate_by_profile(study)
    enough = enough_of(found.shares)
    label = "Machine taken for the human" if three else "Called human"
    caption = (
        f"{label}, by profile: thick the clustered 95 % interval, thin Wilson's."
        + " Dashed: one half." * three
    )
    draw = partial(plot_accuracy, enough, chance=0.5 if three else None, label=label)
    tables = [_rates(found, label)]
    tables += _chosen_between(found) if three else _discrimination(found)
    return ReportSection(
        key=key,
        title=title,
        intro=(intro,),
        missing=sentences(FEW_GROUPS if len(enough.groups) < len(found.groups) else ""),
        drawings=(drawing(draw, study, name=key, caption=caption),) if enough.groups else (),
        tables=tuple(tables),
        assumes=_CHOICE + (_coin() if three else ""),
        methods=(f"Shares of verdicts: {found.method}.",) if enough.groups else (),
    )


def _coin() -> str:
    return (
        " The exact p-value is for “nobody can tell”, for which the draw of sides makes every "
        "verdict a fair coin; the clustered one is for “one half on average, some people more "
        "often”."
    )


def _rates(found: Rates, label: str) -> ReportTable:
    shares, rows = found.shares, []
    for k in np.argsort(-shares.n, kind="stable"):
        cells = row_of(str(found.groups[k]), shares, int(k))
        tested = cells[2] != wording.TOO_FEW
        p = [wording.p_value(float(x[k])) for x in (found.p_cluster, found.p_exact)]
        rows.append((*cells, *(p if tested else ["", ""])))
    return ReportTable(
        name="rates",
        caption=INTERVALS + " p-values are against one half, as published ones are, not adjusted.",
        head=("Profile", label, "Share", "Wilson", "p, clustered", "p, exact"),
        rows=tuple(rows),
        frame=found.table,
    )


def _chosen_between(found: Rates) -> list[ReportTable]:
    """d' of each machine in the choice between it and a human."""
    shares = enough_of(found.shares)
    frame = pd.DataFrame(
        {
            "profile": pd.Series(shares.groups, dtype="object"),
            "d_prime": _of_two(1 - shares.proportion),
            "low": _of_two(1 - shares.cluster_high),
            "high": _of_two(1 - shares.cluster_low),
        }
    )
    caption = (
        "Sensitivity in the choice between two, √2 Φ⁻¹(share right): 0 for somebody who guesses. "
        "The intervals are those of the share, clustered by interrogator."
    )
    return _d_primes(frame, caption)


def _of_two(right: Floats) -> Floats:
    return np.asarray(np.sqrt(2) * special.ndtri(right))


def _discrimination(found: Rates) -> list[ReportTable]:
    """d' of each machine against the humans of the same study."""
    groups = [str(group) for group in found.groups]
    if "(human)" not in groups:
        return []
    shares, human = found.shares, groups.index("(human)")
    called, lines = int(shares.n_correct[human]), []
    for k, name in enumerate(groups):
        n, passed = int(shares.n[k]), int(shares.n_correct[k])
        if k == human or too_few(shares, k) or shares.n[human] < FEW_ROOMS:
            continue
        d = d_prime(
            n - passed,
            passed,
            false_alarms=int(shares.n[human]) - called,
            correct_rejections=called,
        )
        lines.append({"profile": name, "d_prime": d.value, "low": d.low, "high": d.high})
    caption = (
        "Sensitivity of calling machines machines, apart from how readily somebody says so: 0 for "
        "somebody who guesses. The intervals take rooms as independent and are too short where "
        "interrogators come back."
    )
    return _d_primes(pd.DataFrame(lines), caption)


def _d_primes(frame: pd.DataFrame, caption: str) -> list[ReportTable]:
    rows = [
        (str(line["profile"]), wording.number(line["d_prime"], line["low"], line["high"]))
        for line in frame.to_dict("records")
    ]
    head = ("Machine profile", "d′, 95 % interval")
    table = ReportTable(name="d-prime", caption=caption, head=head, rows=tuple(rows), frame=frame)
    return [table] if rows else []


def side_section(study: Study) -> ReportSection | None:
    """Whether assignment and verdicts favour a pane; None where there is one pane."""
    if study.format != "three_party":
        return None
    rooms = study.rooms[study.rooms["started_at"].notna()]
    title, intro = (
        "Sides",
        (
            "Witnesses are put behind A and B by chance, so the first share should be near one "
            "half. The second may lean to a side without harm: sides are drawn, so a leaning moves "
            "verdicts towards chance and favours no machine.",
        ),
    )
    missing = lacking_of(rooms["interrogator"])
    if missing:
        return ReportSection(key="sides", title=title, intro=intro, missing=(missing,))
    placed = accuracy(rooms["human_pane"] == "A", cluster=rooms["interrogator"])
    named = [("The human sat in pane A", placed)]
    if len(study.verdicts):
        called = accuracy(study.verdicts["human"] == "A", cluster=who_decided(study))
        named.append(("Pane A was called human", called))
    rows = tuple(row_of(name, found, 0) for name, found in named)
    frame = pd.concat([found.table.assign(group=name) for name, found in named])
    head = ("", "Rooms", "Share", "Wilson")
    table = ReportTable(name="sides", caption=INTERVALS, head=head, rows=rows, frame=frame)
    return ReportSection(
        key="sides",
        title=title,
        intro=intro,
        tables=(table,),
        assumes="Sides are drawn, not chosen, and balanced within each profile.",
    )


def enough_of(found: Accuracy) -> Accuracy:
    """The groups that have enough verdicts and interrogators for a number."""
    return found.only([k for k in range(len(found.groups)) if not too_few(found, k)])


def too_few(found: Accuracy, k: int) -> str:
    """What a group lacks for a number, as a sentence; empty if there is enough."""
    return lacking(int(found.n[k]), int(found.n_clusters[k]), float(found.n_effective[k]))


def best_interval(found: Accuracy, k: int) -> tuple[float, float]:
    """The clustered interval, or Wilson's where there is none."""
    clustered = (float(found.cluster_low[k]), float(found.cluster_high[k]))
    if np.isfinite(clustered).all():
        return clustered
    return float(found.wilson_low[k]), float(found.wilson_high[k])


def row_of(name: str, found: Accuracy, k: int) -> tuple[str, ...]:
    """Name, counts, share with its clustered interval, Wilson's; or that there is too little."""
    n, people = int(found.n[k]), int(found.n_clusters[k])
    counts = (name, f"{found.n_correct[k]} of {n} ({wording.count(people, 'person')})")
    if too_few(found, k):
        return (*counts, wording.TOO_FEW, "")
    wilson = wording.percent_range(float(found.wilson_low[k]), float(found.wilson_high[k]))
    cluster = wording.percent_range(float(found.cluster_low[k]), float(found.cluster_high[k]))
    share = wording.percent(float(found.proportion[k]))
    return (*counts, wording.ranged(share, cluster), wilson)
