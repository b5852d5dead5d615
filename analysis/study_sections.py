"""The sections of a report that say what was done: rooms counted, rules, methods, how to check."""

import json
from collections import Counter
from collections.abc import Mapping

import pandas as pd

from analysis import axis
from analysis.clocks import Clock
from analysis.detection import detections, exclusions, study_rule
from analysis.page import Section, Table
from analysis.study import Study

_ENDS = {
    "verdict": "Verdict",
    "time_up": "Time was up",
    "withdrawn": "A participant withdrew",
    "dropped_out": "A participant dropped out",
    "no_show": "Somebody did not come",
    "technical": "A technical fault",
}

_METHODS = (
    "Detection and false accusation compete, so each has its cumulative incidence, estimated by "
    "the Aalen-Johansen method with tied times handled exactly; times are whole milliseconds, or "
    "message counts. One minus a Kaplan-Meier curve with false accusations censored would "
    "overstate detection and is not used. Rooms that ended without a decision are censored at "
    "their end.",
    "Standard errors are infinitesimal-jackknife errors with influences summed within "
    "interrogator, multiplied by G/(G−1) for G interrogators; intervals are symmetric on the "
    "log(−log) scale (plain for net detection and time lost) with t quantiles on G−1 degrees of "
    "freedom. Median times invert the bands. Time lost is the area under a curve up to the end of "
    "the axis.",
    "Shares of right verdicts come with Wilson score intervals, which take verdicts as "
    "independent, and with clustered intervals: residuals summed within interrogator, "
    "times G/(G−1), t quantiles on G−1 degrees of freedom, on the logit scale.",
    "All intervals are for a sample size fixed in advance. Looking at them again and again while a "
    "study runs, and stopping when they look good, makes them too optimistic. No correction is "
    "made for the number of groups compared.",
)


def rooms_section(study: Study) -> Section:
    """Which rooms are counted and how they ended."""
    flow = exclusions(study)
    rows = [
        (str(step), _signed(int(n))) for step, n in zip(flow["step"], flow["n_rooms"], strict=True)
    ]
    if study.n_rooms_not_ended:
        rows.insert(0, ("Not ended yet (sealed, not in the export)", f"{study.n_rooms_not_ended}"))
    rooms = detections(study)
    ended = Counter(zip(rooms["end_reason"], rooms["cause"], strict=True))
    ends = [(_ENDS[end], _outcome(int(cause)), f"{n}") for (end, cause), n in sorted(ended.items())]
    tables = [
        Table(caption="From the export to the analysis.", head=("Step", "Rooms"), rows=tuple(rows))
    ]
    if ends:
        caption = "How the analysed rooms ended, and what they count as."
        tables.append(Table(caption=caption, head=("End", "Counts as", "Rooms"), rows=tuple(ends)))
    return Section(
        key="rooms",
        title="Rooms",
        says=("Every room that went live is counted. Nothing is left out by hand.",),
        tables=tuple(tables),
        data=(("rooms-flow", flow),),
    )


def rules_section(study: Study) -> Section:
    """The rules the study was registered with."""
    facts = [
        ("Format", study.format.replace("_", "-")),
        ("Planned time", axis.words(study.duration_ms, Clock.WALL)),
        ("A room is decided by", str(study_rule(study))),
        ("A silence counts in active time up to", _seconds(study.config.get("active_gap_cap_s"))),
        ("Belief asked for every", _seconds(study.config.get("belief_every_s"))),
        ("SHA-256 of the rules", study.sha256),
    ]
    tables = [Table(caption="", head=("Rule", "Value"), rows=tuple(facts), numbers=False)]
    machines = study.config.get("machines")
    listed = [m for m in machines if isinstance(m, Mapping)] if isinstance(machines, list) else []
    if listed:
        keys = ("name", "backend", "model", "weight")
        rows = tuple(tuple(_cell(m.get(key)) for key in keys) for m in listed)
        head = ("Machine profile", "Backend", "Model", "Weight")
        tables.append(Table(caption="Machine profiles.", head=head, rows=rows, numbers=False))
    return Section(
        key="rules",
        title="The study's rules",
        says=("The hash covers every rule. It was on each room before the room began.",),
        tables=tuple(tables),
    )


def methods_section(study: Study) -> Section:
    """How the numbers were made, and how to check the export."""
    return Section(
        key="methods",
        title="Methods",
        says=(*_METHODS, f"Made from an export of {study.software}, {study.exported_at}, with "
        f"numpy {_version('numpy')}, scipy {_version('scipy')} and pandas {pd.__version__}. "
        "`python -m analysis verify PATH` checks every file, chain and seal of the export."),
    )  # fmt: skip


def _signed(n: int) -> str:
    return f"{n}".replace("-", "−")


def _outcome(cause: int) -> str:
    return ("Censored", "Right", "Wrong")[cause]


def _seconds(value: object) -> str:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return axis.words(float(value) * 1000, Clock.WALL)
    return "never" if value is None else str(value)


def _cell(value: object) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value)


def _version(package: str) -> str:
    from importlib.metadata import version

    return version(package)
