"""Whole studies with a known truth, written as exports: for tests, teaching and planning.

Everything it writes says that it is simulated.
"""

import random
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from scipy import special

from analysis.dataset import chain
from analysis.errors import ArgumentError
from analysis.outcomes.commitment import Commitment, Rule
from analysis.outcomes.inclusion import InclusionRule
from analysis.outcomes.time_up import ForcedVerdict
from analysis.planning.simulated_rooms import (
    STRATEGIES,
    Event,
    Fate,
    Late,
    StudyScript,
    play,
)
from analysis.planning.simulated_strategies import Course, StrategyEffect, Switching
from analysis.planning.writing import write_export


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """A machine profile: how fast it is decided on, and how often rightly."""

    name: str
    rate_per_min: float
    p_right: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Design:
    """What is simulated.

    Decisions come after an exponential time, faster for some interrogators (gamma frailty of mean 1
    and shape `pace_shape`), and are right with a probability that is high for some of them
    (beta with concentration `skill_concentration`). Rooms are lost at `loss_per_min` times
    ``pace ** loss_by_pace``: other than 0, censoring is informative. With `strategies`, one is
    drawn at the start and again at a rate of `switches_per_min`. In a share `down_share` of rooms
    the machine fails from some moment on, in `mute_share` the human witness falls silent; neither
    moves a decision, unless `told_by_silence_s` says after what time a failed machine is called one
    for its silence. With `verdict_grace_s` every interrogator who is undecided when time is up says
    something then, rightly in a share `right_at_end`. `machine_failure`, `human_silence` and
    `forced_verdict` are the study's rules for all that.
    """

    format: str = "three_party"
    human_share: float = 0.5
    duration_s: int = 300
    rule: Rule = field(default_factory=Rule)
    machines: tuple[Machine, ...] = (
        Machine(name="plain-model", rate_per_min=0.35, p_right=0.62),
        Machine(name="persona-model", rate_per_min=0.25, p_right=0.45),
        Machine(name="eliza-doctor", rate_per_min=0.6, p_right=0.85),
    )
    pace_shape: float = 4.0
    skill_concentration: float = 8.0
    loss_per_min: float = 0.02
    loss_by_pace: float = 0.0
    strategies: tuple[StrategyEffect, ...] = ()
    switches_per_min: float = 0.5
    no_show_share: float = 0.03
    message_gap_s: float = 14.0
    belief_every_s: int = 60
    down_share: float = 0.0
    mute_share: float = 0.0
    machine_failure: str = InclusionRule.COUNT
    human_silence: str = InclusionRule.COUNT
    silent_after_s: int = 60
    told_by_silence_s: int | None = None
    verdict_grace_s: int = 0
    right_at_end: float = 0.5
    forced_verdict: str = ForcedVerdict.SEPARATE

    @property
    def switching(self) -> Switching | None:
        """How strategies change; None if they make no difference."""
        if not self.strategies:
            return None
        return Switching(effects=self.strategies, per_ms=self.switches_per_min / 60_000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """The incidence that a study of this design estimates when the verdict alone decides.

    It is that of decisions while time runs, moved by no failure and no silence.
    """

    design: Design

    def incidence(self, time_ms: float, cause: int = 1, *, machine: str | None = None) -> float:
        """Probability of a verdict of this cause by `time_ms`, over all machines or for one."""
        chosen = [m for m in self.design.machines if machine in (None, m.name)]
        return sum(self._of(m, time_ms, cause) for m in chosen) / len(chosen)

    def _of(self, machine: Machine, time_ms: float, cause: int) -> float:
        shape, rate = self.design.pace_shape, machine.rate_per_min / 60_000
        switching = self.design.switching
        if switching is None:
            waiting = (1 + rate * time_ms / shape) ** -shape
        else:
            waiting = switching.undecided(time_ms, rate_per_ms=rate, pace_shape=shape)
        share = machine.p_right if cause == 1 else 1 - machine.p_right
        return float(share * (1 - waiting))


def simulate(
    out: str | Path,
    *,
    n_rooms: int,
    n_interrogators: int,
    seed: int,
    design: Design | None = None,
) -> Truth:
    """Write a simulated export into the directory `out`, and return the truth behind it.

    The same arguments write the same rooms. Every chain and seal verifies.

    Examples
    --------
    >>> import tempfile, analysis as ta
    >>> truth = ta.simulate(tempfile.mkdtemp(), n_rooms=2, n_interrogators=1, seed=7)
    >>> round(truth.incidence(300_000), 3)
    0.511
    """
    check_size(n_rooms, n_interrogators)
    design = Design() if design is None else design
    rng = random.Random(seed)
    config = study_config(design)
    script = StudyScript(
        study="simulated-study",
        study_sha256=chain.sha256(config),
        format=design.format,
        duration_ms=design.duration_s * 1000,
        message_gap_s=design.message_gap_s,
        belief_every_ms=design.belief_every_s * 1000,
    )
    people = [_Person.draw(rng, design) for _ in range(n_interrogators)]
    logged: list[list[Event]] = []
    for number in range(n_rooms):
        who = number % n_interrogators
        machine = design.machines[(number // n_interrogators + who) % len(design.machines)]
        fate = _fate(rng, design, people[who], machine=machine)
        logged.append(play(script, fate, number=number, interrogator=who, rng=rng))
    write_export(Path(out), title="Simulated study", config=config, rooms=logged)
    return Truth(design=design)


def check_size(n_rooms: int, n_interrogators: int) -> None:
    """Check how much is to be simulated."""
    if n_rooms < 0 or n_interrogators < 1:
        raise ArgumentError(
            "`n_rooms` must be 0 or more and `n_interrogators` at least 1 "
            f"(got {n_rooms} and {n_interrogators})."
        )


def study_config(design: Design) -> dict[str, object]:
    """The rules of a simulated study, as its export states them."""
    rule = design.rule
    commitment: dict[str, object] = {"rule": rule.commitment}
    if rule.commitment is Commitment.THRESHOLD:
        commitment |= {
            "tau": rule.tau,
            "dwell_s": rule.dwell_ms / 1000,
            "dwell_messages": rule.dwell_messages,
        }
    return {
        "study": "simulated-study",
        "title": "Simulated study",
        "simulated": True,
        "format": design.format,
        "human_share": design.human_share if design.format == "two_party" else None,
        "duration_s": design.duration_s,
        "verdict_grace_s": design.verdict_grace_s,
        "commitment": commitment,
        "forced_verdict": design.forced_verdict if design.verdict_grace_s else None,
        "paused_room": InclusionRule.COUNT,
        "machine_failure": design.machine_failure,
        "human_silence": {"after_s": design.silent_after_s, "rule": design.human_silence},
        "active_gap_cap_s": 120,
        "belief_every_s": design.belief_every_s,
        "machines": [{"name": m.name, "backend": "scripted"} for m in design.machines],
        "strategies": [{"id": name} for name in strategy_names(design)],
    }


def strategy_names(design: Design) -> tuple[str, ...]:
    """What messages are tagged with."""
    return tuple(effect.name for effect in design.strategies) or STRATEGIES


@dataclass(frozen=True, slots=True, kw_only=True)
class _Person:
    pace: float
    skill: float  # rank among interrogators, 0-1

    @classmethod
    def draw(cls, rng: random.Random, design: Design) -> "_Person":
        pace = rng.gammavariate(design.pace_shape, 1 / design.pace_shape)
        return cls(pace=pace, skill=rng.random())

    def p_right(self, machine: Machine, concentration: float) -> float:
        a, b = machine.p_right * concentration, (1 - machine.p_right) * concentration
        return float(special.betaincinv(a, b, self.skill))


def _fate(rng: random.Random, design: Design, person: _Person, *, machine: Machine) -> Fate:
    decided = rng.expovariate(machine.rate_per_min * person.pace / 60_000)
    course: Course = ()
    if (switching := design.switching) is not None:
        decided, course = switching.play(rng, decided, design.duration_s * 1000)
    losing = design.loss_per_min * person.pace**design.loss_by_pace
    lost = rng.expovariate(losing / 60_000) if losing else np.inf
    human = design.format == "two_party" and rng.random() < design.human_share
    return Fate(
        profile="" if human else machine.name,
        human_witness=human,
        shows_up=rng.random() >= design.no_show_share,
        decided_ms=int(decided) + 1,
        right=rng.random() < person.p_right(machine, design.skill_concentration),
        lost_ms=int(min(lost, 1e15)) + 1,
        strategies=course,
        down_ms=_begins(rng, design.down_share, design),
        mute_ms=_begins(rng, design.mute_share, design),
        told_after_ms=design.told_by_silence_s and design.told_by_silence_s * 1000,
        late=_late(rng, design),
    )


def _late(rng: random.Random, design: Design) -> Late | None:
    """What is said when time is up; None where nothing may be."""
    if not design.verdict_grace_s:
        return None
    after_ms = rng.randrange(design.verdict_grace_s * 1000) + 1
    return Late(after_ms=after_ms, right=rng.random() < design.right_at_end)


def _begins(rng: random.Random, share: float, design: Design) -> int | None:
    """When something begins that happens in a share of rooms; None where it does not."""
    if not share or rng.random() >= share:
        return None
    return rng.randrange(design.duration_s * 1000)
