"""How a study's machines did when they were last asked outside any room."""

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from arena.models import MachineTrial, Study
from arena.queries.studies import study_file
from arena.studies.design import ProfileSpec

#: The form of a trial as JSON; a field that goes or changes its meaning makes a new one.
TRIAL_FORMAT = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class TriedAnswer:
    """A question of a trial, and the messages that a room would have shown; or why none."""

    asked: str
    shown: tuple[str, ...]
    after_s: float | None
    why: str
    evaded: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LastTrial:
    """The last trial of a machine, with what a host reads of it."""

    at: dt.datetime
    ok: bool
    sentence: str
    latency_s: float | None
    late_share: float | None  # of the waits that its pacing draws, with the study's delay
    needs_delay_s: int | None  # with which hardly any is late
    tokens_in: int
    tokens_out: int
    cost_usd: float | None
    room_usd: float | None
    refused: tuple[str, ...]
    answers: tuple[TriedAnswer, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TriedMachine:
    """A machine of a study and its last trial, if it has had one."""

    name: str
    backend: str
    model: str
    is_script: bool
    last: LastTrial | None
    report: str  # the trial as JSON; empty without one


def tried_machines(study: Study) -> list[TriedMachine]:
    """Every machine of a study, in the order of its file."""
    return [_tried(machine) for machine in study_file(study).machines]


def unanswering_machines(study: Study) -> list[str]:
    """The machines that ask a model and have not answered when they were last tried, or never."""
    machines = (machine for machine in tried_machines(study) if not machine.is_script)
    return [each.name for each in machines if each.last is None or not each.last.ok]


def _tried(machine: ProfileSpec) -> TriedMachine:
    trials = MachineTrial.objects.filter(profile_sha256=machine.sha256)
    row = trials.order_by("-at", "-id").first()
    return TriedMachine(
        name=machine.name,
        backend=machine.backend,
        model=machine.model,
        is_script=machine.is_script,
        last=None if row is None else _last(row),
        report="" if row is None else row.report,
    )


def _last(row: MachineTrial) -> LastTrial:
    report = json.loads(row.report)
    timing, room = report["timing"] or {}, report["estimate"] or {}
    return LastTrial(
        at=row.at,
        ok=row.ok,
        sentence=row.sentence,
        latency_s=None if row.latency_ms is None else row.latency_ms / 1000,
        late_share=timing.get("share_late"),
        needs_delay_s=timing.get("needs_delay_s"),
        tokens_in=report["tokens"]["in"],
        tokens_out=report["tokens"]["out"],
        cost_usd=report["cost_usd"],
        room_usd=room.get("cost_usd"),
        refused=tuple(map(_refused, report["refused"])),
        answers=tuple(map(_answer, report["questions"])),
    )


def _refused(option: Mapping[str, Any]) -> str:
    said, instead = option["said"], option["instead"]
    return f"{option['option']} ({option['value']}): {said} Write instead: {instead}"


def _answer(question: Mapping[str, Any]) -> TriedAnswer:
    shown = question["shown"]
    return TriedAnswer(
        asked=question["asked"],
        shown=tuple(part["text"] for part in shown),
        after_s=shown[0]["after_s"] if shown else None,
        why="" if shown else question["calls"][-1]["why"],
        evaded=question["evaded"],
    )
