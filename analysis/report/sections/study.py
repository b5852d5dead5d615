"""The sections of a report that say what was done: rooms counted, rules, methods, how to check."""

import json
import platform
from collections import Counter
from collections.abc import Iterable, Mapping
from importlib.metadata import PackageNotFoundError, version

import pandas as pd

from analysis.dataset.study import Study
from analysis.outcomes.clocks import Clock
from analysis.outcomes.commitment import study_rule
from analysis.outcomes.detection import detections
from analysis.outcomes.flow import exclusions
from analysis.outcomes.inclusion import IncludedStudy, included
from analysis.outcomes.time_up import ForcedVerdict
from analysis.plots import axis
from analysis.report import wording
from analysis.report.curves import ClockCurve
from analysis.report.page import ReportSection, ReportTable, sentences
from analysis.report.sections.either_rule import under_either

#: Packages that did the work, in the order in which they are named.
PACKAGES = ("numpy", "scipy", "pandas", "matplotlib")

_ENDS = {
    "verdict": "Verdict",
    "time_up": "Time was up",
    "withdrawn": "A participant withdrew",
    "dropped_out": "A participant dropped out",
    "no_show": "Somebody did not come",
    "technical": "A technical fault",
    "unanswered": "A question was left unanswered, and the rest is not counted",
    "paused": "It was paused, and the rest is not counted",
}
#: What is added where something was said once time was up.
_THEN = dict.fromkeys(("right", "wrong"), ", then a verdict")
_OUTCOMES = {
    ("three_party", "machine"): ("censored", "machine detected", "human falsely accused"),
    ("two_party", "machine"): ("censored", "machine detected", "machine taken for a human"),
    ("two_party", "human"): ("censored", "human recognised", "human falsely accused"),
}


def rooms_section(study: Study, own: IncludedStudy) -> ReportSection:
    """Which rooms are counted and how they ended.

    `own` are the rooms that count by the study's rules; their labels may be permuted.
    """
    kinds = ("machine", "human") if study.format == "two_party" else ("machine",)
    tables = _before(study.config)
    for kind in kinds:
        suffix = "" if kind == "machine" else "-human"
        of = f", rooms with a {kind} witness" if len(kinds) > 1 else ""
        flow = [] if own.blinded else [_flow(study, kind, (suffix, of))]
        tables += [*flow, *_ends(own, kind, (suffix, of))]
    if own.blinded:
        tables.insert(0, _whole_flow(study, own))
    early = study.rooms[study.rooms["unsealed_at"].notna()]
    if len(early) and not isinstance(study, IncludedStudy):
        tables.append(_either_way(study, own))
    return ReportSection(
        key="rooms",
        title="Rooms",
        intro=(
            "Every room that went live is counted. The rules of exclusion are code and the same "
            "for every study, but for what the study's own rules make of questions left "
            "unanswered, of pauses, of verdicts after time was up, of texts that look relayed and "
            "of rooms that a host unsealed; nothing is left out by hand.",
            *_unsealed(list(early["room"]), own),
        ),
        tables=tuple(tables),
    )


def _unsealed(rooms: list[str], own: IncludedStudy) -> tuple[str, ...]:
    """Rooms whose host was not blind to the end, and what the study's rule makes of them."""
    if not rooms:
        return ()
    made = {"count": "counted like the others", "exclude": "left out"}[own.unsealed]
    return (
        f"In {wording.count(len(rooms), 'room')} a host saw who is who before the end: "
        f"{', '.join(rooms)}. By the study’s rules such rooms are {made}; events.jsonl has who "
        "asked and why.",
    )


def _either_way(study: Study, own: IncludedStudy) -> ReportTable:
    return under_either(
        {rule: included(study, unsealed=rule) for rule in ("exclude", "count")},
        name="rooms-unsealed",
        caption="Verdicts with and without rooms that a host unsealed before their end, with 95 % "
        "intervals clustered by interrogator.",
        blinded=own.blinded,
    )


def _whole_flow(study: Study, own: IncludedStudy) -> ReportTable:
    """From the export to the analysis in one step: by its steps, kinds would be known."""
    live = study.rooms["started_at"].notna()
    n_kept = int(own.rooms["started_at"].notna().sum())
    steps = [
        ("Rooms that ended", len(live)),
        ("Never went live", -int((~live).sum())),
        ("Counted separately, or left out by a rule", n_kept - int(live.sum())),
        ("Counted", n_kept),
    ]
    return ReportTable(
        name="rooms-flow",
        caption="From the export to the analysis; by which rule a room is left out is not shown "
        "while labels are permuted.",
        head=("Step", "Rooms"),
        rows=tuple((step, wording.signed(n)) for step, n in steps),
        frame=pd.DataFrame(steps, columns=["step", "n_rooms"]),
    )


def _before(config: Mapping[str, object]) -> list[ReportTable]:
    """What was left out before these tables were made, where the data are published ones."""
    given = config.get("exclusions")
    if not isinstance(given, list) or not given:
        return []
    rows = tuple((str(step), wording.signed(int(n))) for step, n in given)
    return [
        ReportTable(
            name="rooms-before",
            caption="From the published data to the tables read here.",
            head=("Step", "Rooms"),
            rows=rows,
            frame=pd.DataFrame(given, columns=["step", "n_rooms"]),
        )
    ]


def _flow(study: Study, kind: str, named: tuple[str, str]) -> ReportTable:
    flow = exclusions(study, witness=kind)
    rows = [
        (str(step), wording.signed(int(n)))
        for step, n in zip(flow["step"], flow["n_rooms"], strict=True)
    ]
    if study.n_rooms_not_ended:
        rows.insert(0, ("Not ended yet (sealed, not in the export)", f"{study.n_rooms_not_ended}"))
    return ReportTable(
        name=f"rooms-flow{named[0]}",
        caption=f"From the export to the analysis{named[1]}.",
        head=("Step", "Rooms"),
        rows=tuple(rows),
        frame=flow,
    )


def _ends(study: Study, kind: str, named: tuple[str, str]) -> list[ReportTable]:
    rooms = detections(study, witness=kind)
    if not len(rooms):
        return []
    outcomes = _OUTCOMES[study.format, kind]
    # Under the rule that counts them, a decision later than the planned end is a forced one.
    late = (rooms["time"] > study.duration_ms) & (rooms["cause"] != 0)
    columns = ("end_reason", "cause", "decided_by", "at_end")
    counts = Counter(zip(*(rooms[name] for name in columns), late, strict=True))
    rows, frame = [], []
    for (end, cause, by, said, is_late), n in sorted(counts.items()):
        early = " (belief before it)" if by == "commitment" else ""
        after = " after time was up" if is_late else _THEN.get(said, "")
        apart = f"; {said} once time was up" if said in _THEN else ""
        rows.append((_ENDS[end] + early + after, outcomes[int(cause)] + apart, f"{n}"))
        line = dict(zip(columns, (end, cause, by, said), strict=True))
        frame.append({**line, "after_time_up": is_late, "n_rooms": n})
    caption = f"How the analysed rooms ended, and what they count as{named[1]}."
    return [
        ReportTable(
            name=f"rooms-ends{named[0]}",
            caption=caption,
            head=("End", "Counts as", "Rooms"),
            rows=tuple(rows),
            numbers=False,
            frame=pd.DataFrame(frame),
        )
    ]


def rules_section(study: Study) -> ReportSection:
    """The rules the study was registered with."""
    config = study.config
    facts = [
        ("Format", study.format.replace("_", "-")),
        ("Planned time", axis.words(study.duration_ms, Clock.WALL)),
        *_optional(config, "verdict_grace_s", "Time for the verdict after that"),
        ("A room is decided by", str(study_rule(study))),
        ("A silence counts in active time up to", _seconds(config.get("active_gap_cap_s"))),
        ("Belief asked for every", _seconds(config.get("belief_every_s"))),
        *_silences(config),
        *_stated(config, "paused_room", "A room was paused"),
        *_stated(config, "forced_verdict", "A verdict came after time was up"),
        *_share(config),
        *_reveal(config),
        *_strategies(config),
        ("SHA-256 of the rules", study.sha256),
        ("Rooms made under this hash", _same_hash(study)),
    ]
    every = pd.DataFrame(
        [
            (key, value if isinstance(value, str) else json.dumps(value))
            for key, value in config.items()
        ],
        columns=["rule", "value"],
    )
    tables = [
        ReportTable(
            name="rules",
            caption="The rules that bear on the analysis; the file of this table has every rule.",
            head=("Rule", "Value"),
            rows=tuple(facts),
            numbers=False,
            frame=every,
        )
    ]
    return ReportSection(
        key="rules",
        title="The study’s rules",
        intro=("The hash covers every rule. It was on each room before the room began.",),
        tables=(*tables, *_machines(config)),
    )


def methods_section(wall: ClockCurve, sections: Iterable[ReportSection]) -> ReportSection:
    """How the numbers were made, and how to check the export."""
    used = [" ".join(section.methods) for section in sections]
    study, rooms = wall.study, wall.rooms
    people = rooms["interrogator"].nunique()
    design = (
        f"The unit of analysis is the room ({len(rooms)} analysed), the unit of independence the "
        f"interrogator ({people}). A room is decided by {study_rule(study)}. Rooms that ended "
        f"without a decision are censored at their end{_limit(study)}; rooms that never went live "
        "are not counted."
    )
    looks = (
        "Levels are 95 % and tests two-sided. Fixed-sample intervals and p-values are for a sample "
        "size fixed in advance; only what stands under “Watching the study” may be looked at "
        "while a study runs. No number is shown from fewer than 10 rooms or 5 interrogators."
    )
    return ReportSection(
        key="methods",
        title="Methods",
        intro=(
            design,
            *sentences(*used),
            looks,
            f"Made from an export of {study.software}, {study.exported_at}, with {versions()}. "
            "`python -m analysis verify PATH` checks every file, chain and seal of the export; "
            "`python -m analysis report PATH --out DIR` makes this report again, to the byte.",
        ),
    )


def _limit(study: IncludedStudy) -> str:
    counts = study.forced_verdict is ForcedVerdict.COUNT
    return "" if counts else ", at the planned one at the latest"


def versions() -> str:
    """What made the report."""
    own = f"turing-arena {_version('turing-arena')}".strip()
    python = f"Python {platform.python_version()}"
    return wording.listed([own, python, *(f"{name} {_version(name)}" for name in PACKAGES)])


def _optional(config: Mapping[str, object], key: str, name: str) -> list[tuple[str, str]]:
    return [(name, _seconds(config[key]))] if config.get(key) is not None else []


def _silences(config: Mapping[str, object]) -> list[tuple[str, str]]:
    failure, silence = config.get("machine_failure"), config.get("human_silence")
    facts = []
    if failure is not None:
        facts.append(("A machine left a question unanswered", _made(failure)))
    if isinstance(silence, Mapping):
        after = _seconds(silence.get("after_s"))
        facts.append((f"A person said nothing for {after} after one", _made(silence.get("rule"))))
    if isinstance(typed := config.get("witness_input"), Mapping):
        facts.append(("A witness’s text looks relayed", _made(typed.get("relayed"))))
    if config.get("unsealed") is not None:
        facts.append(("A host saw before the end who is who", _made(config["unsealed"])))
    return facts


def _stated(config: Mapping[str, object], key: str, name: str) -> list[tuple[str, str]]:
    return [(name, _made(config[key]))] if config.get(key) is not None else []


def _made(rule: object) -> str:
    return f"{rule}".replace("_", " ")


def _share(config: Mapping[str, object]) -> list[tuple[str, str]]:
    share = config.get("human_share")
    return [] if share is None else [("Share of rooms with a human witness", f"{share}")]


def _reveal(config: Mapping[str, object]) -> list[tuple[str, str]]:
    reveal = config.get("reveal")
    return [("Who was who is revealed", str(reveal).replace("_", " "))] if reveal else []


def _strategies(config: Mapping[str, object]) -> list[tuple[str, str]]:
    given = config.get("strategies")
    names = (
        [str(s.get("id")) for s in given if isinstance(s, Mapping)]
        if isinstance(given, list)
        else []
    )
    return [("Strategies a message may be tagged with", ", ".join(names))] if names else []


def _same_hash(study: Study) -> str:
    same = int((study.rooms["study_sha256"] == study.sha256).sum())
    return f"{same} of {len(study.rooms)}"


def _machines(config: Mapping[str, object]) -> list[ReportTable]:
    machines = config.get("machines")
    found = [m for m in machines if isinstance(m, Mapping)] if isinstance(machines, list) else []
    if not found:
        return []
    keys = [
        key
        for key in ("name", "backend", "model", "weight", "pacing")
        if any(key in m for m in found)
    ]
    names = {
        "name": "Machine profile",
        "backend": "Backend",
        "model": "Model",
        "weight": "Weight",
        "pacing": "Pacing",
    }
    rows = tuple(tuple(_cell(m.get(key)) for key in keys) for m in found)
    return [
        ReportTable(
            name="machines",
            caption="Machine profiles. Personas and options are in the file of the rules.",
            head=tuple(names[key] for key in keys),
            rows=rows,
            numbers=False,
        )
    ]


def _seconds(value: object) -> str:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return axis.words(float(value) * 1000, Clock.WALL)
    return "never" if value is None else str(value)


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, Mapping) and set(value) == {"rule"}:
        return str(value["rule"])
    return value if isinstance(value, str) else json.dumps(value)


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:  # Run from a source tree that was not installed.
        return ""
