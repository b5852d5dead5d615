"""The section of a report that may be looked at while a study runs."""

from functools import partial

import numpy as np
import pandas as pd

from analysis.dataset.study import Study
from analysis.numerics.limits import lacking_of
from analysis.plots.sequential import plot_sequential
from analysis.report import wording
from analysis.report.curves import ClockCurve, drawing
from analysis.report.page import ReportSection, ReportTable, sentences
from analysis.report.sections.verdict import who_decided
from analysis.sequential.anytime import Sequential
from analysis.sequential.multiple import e_holm
from analysis.sequential.rates import mixture_win_rate
from analysis.sequential.times import logrank_mixture

#: Events a comparison of times is tuned to. Fixed in the software: any number fixed beforehand
#: is valid, a good one is quick.
PLANNED_EVENTS = 200

_LEANING = (
    "Watching a win rate needs a null that holds by design: three-party rooms, or two-party rooms "
    "of which half have a human witness. Here the share of human witnesses is {share}."
)


def watching_section(study: Study, curve: ClockCurve) -> ReportSection:
    """Estimates, confidence sequences and e-values, each with the null it is valid for."""
    title = "Watching the study"
    intro = (
        "Everything above is for one look at a study of a size fixed in advance. What stands here "
        "may be looked at after every room, and the study stopped or prolonged at will: the "
        "intervals hold at all looks together, and an e-value of 20 or more at any look refutes "
        "the null it is for at 5 %.",
    )
    verdicts = study.verdicts.sort_values(["at", "room"])
    who = pd.Series(who_decided(study), index=study.verdicts.index)[verdicts.index]
    missing = lacking_of(who)
    share = study.config.get("human_share")
    fair = study.format == "three_party" or share == 0.5
    times = _times(curve)
    if not fair:
        missing = _LEANING.format(share=share)
    if missing:
        tables = (_times_table(times),) if times else ()
        return ReportSection(
            key="watching", title=title, intro=intro, missing=(missing,), tables=tables
        )
    right = verdicts["correct"].astype(int).to_numpy()
    everybody = mixture_win_rate(right)
    people = mixture_win_rate(right, cluster=who.to_numpy(object))
    caption = (
        "Above: share of right verdicts so far with its 95 % confidence sequence. Below: the "
        "e-value against “nobody can tell”, on a logarithmic axis that ends at 10¹²; the dashed "
        "line at 20 refutes it."
    )
    draw = partial(plot_sequential, everybody, label="Verdicts right")
    return ReportSection(
        key="watching",
        title=title,
        intro=intro,
        missing=sentences("" if times else "Times of profiles cannot be compared yet: see above."),
        drawings=(drawing(draw, study, name="watching", caption=caption),),
        tables=(_rates_table(everybody, people), *((_times_table(times),) if times else ())),
        assumes=_ASSUMES,
        data=(("watching-verdicts", everybody.table), ("watching-first-verdicts", people.table)),
        methods=_methods(everybody, times),
    )


_ASSUMES = (
    "“Nobody can tell” means that every verdict is right with probability one half, whatever came "
    "before it. That follows from the draw of who sits where, however often people return and "
    "however they differ. It is not the null “right half the time on average, some people more "
    "often”: that is what the row of first verdicts is for, which uses one verdict of each "
    "interrogator. Where the draw is balanced over a batch of rooms, its rooms are not quite "
    "independent; the evidence is then cautious, unless somebody keeps count of what was revealed "
    "before. Verdicts enter in the order in which they were given, rooms in that in which they "
    "ended. The comparison of profiles is not for profiles that people chose."
)


def _methods(everybody: Sequential, times: list[tuple[str, Sequential]]) -> tuple[str, ...]:
    said = [
        f"Shares of right verdicts watched while the study runs: {everybody.method}, for “nobody "
        "can tell” over all verdicts and for the average of people over first verdicts "
        f"({everybody.source})."
    ]
    if times:
        found = times[0][1]
        said.append(
            f"Times of each profile against the others: {found.method} ({found.source}); adjusted "
            "by e-Holm. All of these hold at every look."
        )
    return tuple(said)


def _rates_table(everybody: Sequential, people: Sequential) -> ReportTable:
    parts = (
        ("Nobody can tell (all verdicts)", everybody),
        ("Average of people (first verdicts)", people),
    )
    rows, frame = [], []
    for name, found in parts:
        value, low, high = (float(x[-1]) for x in (found.estimate, found.low, found.high))
        share = wording.ranged(wording.percent(value), wording.percent_range(low, high))
        log_e = float(found.log_e_value[-1])
        rows.append((name, f"{found.n}", share, wording.evidence(log_e), _refuted(found)))
        frame.append(_line(name, found))
    return ReportTable(
        name="watching",
        caption="Share of right verdicts with its 95 % confidence sequence, and the evidence "
        "against one half, after the last verdict.",
        head=("Null", "Verdicts", "Share right", "E-value", "Refuted after"),
        rows=tuple(rows),
        frame=pd.DataFrame(frame),
    )


def _refuted(found: Sequential) -> str:
    return "never" if found.refuted_at is None else f"{found.refuted_at}"


def _line(name: str, found: Sequential) -> dict[str, object]:
    return {
        "null": name,
        "n": found.n,
        "estimate": found.estimate[-1],
        "low": found.low[-1],
        "high": found.high[-1],
        "log_e_value": found.log_e_value[-1],
        "refuted_at": found.refuted_at,
        "valid_for": found.null,
        "not_valid_for": found.not_for,
        "method": found.method,
    }


def _times(curve: ClockCurve) -> list[tuple[str, Sequential]]:
    """Times to detection of each profile with enough rooms against those of all others."""
    rooms = _in_order(curve)
    of_profile = rooms.groupby("profile")["interrogator"]
    names = [str(name) for name, who in of_profile if not lacking_of(who)]
    if len(names) < 2:
        return []
    event = (rooms["cause"] == 1).astype(int)
    chosen = names if len(names) > 2 else names[:1]
    return [
        (
            name,
            logrank_mixture(
                rooms["time"],
                event,
                (rooms["profile"] == name).astype(int),
                planned_events=PLANNED_EVENTS,
                cluster=rooms["interrogator"],
            ),
        )
        for name in chosen
    ]


def _in_order(curve: ClockCurve) -> pd.DataFrame:
    ended = curve.study.rooms.set_index("room")["ended_at"]
    rooms = curve.rooms.assign(ended=ended.reindex(curve.rooms["room"]).to_numpy())
    return rooms.sort_values(["ended", "room"], ignore_index=True)


def _times_table(times: list[tuple[str, Sequential]]) -> ReportTable:
    with np.errstate(over="ignore"):
        last = np.minimum(np.exp([found.log_e_value[-1] for _, found in times]), 1e300)
    together = e_holm(last)
    rows = []
    for k, (name, found) in enumerate(times):
        ends = (float(x[-1]) for x in (found.estimate, found.low, found.high))
        adjusted = float(np.log(max(together.adjusted[k], 1e-300)))
        cells = (wording.evidence(float(found.log_e_value[-1])), wording.evidence(adjusted))
        rows.append((f"{name} against the others", wording.number(*ends), *cells, _refuted(found)))
    frame = pd.DataFrame(
        [
            {**_line(name, found), "e_holm": together.adjusted[k]}
            for k, (name, found) in enumerate(times)
        ]
    )
    return ReportTable(
        name="watching-times",
        caption="Hazard ratio of detection with its 95 % confidence sequence. The null: the "
        "profile, drawn by the study, makes no difference to times. An approximation for many "
        "events, with errors clustered by interrogator.",
        head=("Profile", "Hazard ratio", "E-value", "E-Holm", "Refuted after"),
        rows=tuple(rows),
        frame=frame,
    )
