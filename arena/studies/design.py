"""A study's design as frozen values, with the one form in which it is stored and hashed.

Every value is explicit: what a study file leaves open cannot get here. Reading a file is elsewhere.
"""

import dataclasses
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Self, TypeVar

from analysis.dataset import chain
from arena.pacing import PacingRule, TypingSettings
from arena.persona.day_notes import DayNote
from arena.persona.life import Life
from arena.rules import Format
from arena.studies.taxonomy import Strategy
from arena.studies.witness_input import WitnessInput

Rules = TypeVar("Rules", bound=StrEnum)

#: Backends that answer by themselves, from words that the host wrote or chose: nothing is asked.
SCRIPTS = frozenset({"eliza", "scripted"})


class CommitmentRule(StrEnum):
    VERDICT_ONLY = "verdict_only"
    THRESHOLD = "threshold"


class Reveal(StrEnum):
    AT_END = "at_end"
    WITHHELD = "withheld"


class UnansweredRule(StrEnum):
    """What the analysis makes of a room with an unanswered question, or of a paused one."""

    EXCLUDE = "exclude"
    CENSOR_AT_FIRST = "censor_at_first"
    COUNT = "count"


class ForcedVerdictRule(StrEnum):
    """What the analysis makes of a verdict given after time was up."""

    SEPARATE = "separate"
    COUNT = "count"
    EXCLUDE = "exclude"


class WhenDown(StrEnum):
    """What becomes of a room whose machine cannot answer any more."""

    PAUSE = "pause"
    END = "end"


class Initiative(StrEnum):
    """Whether a machine writes, re-opens and keeps silent unasked as people do, or only answers."""

    PEOPLE = "people"
    NONE = "none"


class Answer(StrEnum):
    TEXT = "text"
    CHOICE = "choice"
    SCALE = "scale"


@dataclass(frozen=True, slots=True, kw_only=True)
class CommitmentSettings:
    """When a belief counts as a detection before the verdict; all None with `verdict_only`."""

    rule: CommitmentRule
    tau: float | None
    sensitivity: tuple[float, ...]
    dwell_s: int | None
    dwell_messages: int | None


class UnsealedRule(StrEnum):
    """What the analysis makes of a room whose host saw before its end who is who."""

    EXCLUDE = "exclude"
    COUNT = "count"


class ReportRule(StrEnum):
    """Whether reports have false labels until somebody asks for the true ones."""

    OPEN = "open"
    BLINDED = "blinded"


@dataclass(frozen=True, slots=True, kw_only=True)
class HumanSilence:
    """When a person has left a question unanswered, and what the analysis makes of the room."""

    after_s: int
    rule: UnansweredRule


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineDown:
    """How long a machine may give no answer for reasons of its own, and what happens then."""

    after_s: int
    then: WhenDown


@dataclass(frozen=True, slots=True, kw_only=True)
class ExitQuestion:
    """A question after the reveal; `choices` for a choice, `low`, `high`, `points` for a scale."""

    id: str
    ask: tuple[str, ...]
    text: str
    answer: Answer
    choices: tuple[str, ...] = ()
    low: str = ""
    high: str = ""
    points: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Attendance:
    """What a long room asks of its people, and what happens when somebody stays away."""

    cadence_s: int
    reminders_s: tuple[int, ...]
    drop_out_s: int
    pause_s: int
    quiet_hours: str

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Self:
        return cls(**{**config, "reminders_s": tuple(config["reminders_s"])})


@dataclass(frozen=True, slots=True, kw_only=True)
class MemorySettings:
    """How much a model reads at once, in tokens, and which model keeps its memory."""

    window_tokens: int
    extractor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgeSettings:
    """The model that says of each reply whether it tells what its writer is."""

    backend: str
    model: str
    options: Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pacing:
    rule: PacingRule


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """What one machine may use up in one room."""

    calls: int
    tokens: int
    cost_usd: float


#: The lists that a persona is filled from; a value is a record, under "" where it has no parts.
Draws = Mapping[str, Sequence[Mapping[str, str]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileSpec:
    name: str
    weight: float
    backend: str
    model: str
    persona: str
    options: Mapping[str, object]
    pacing: Pacing
    life: Life | None
    memory: MemorySettings | None
    budget: Budget
    draws: Draws | None = None
    notes: tuple[DayNote, ...] | None = None
    typing: TypingSettings | None = None
    initiative: Initiative = Initiative.NONE
    judge: JudgeSettings | None = None

    @property
    def of_judge(self) -> "ProfileSpec | None":
        """The profile with the model that judges its replies in place of its own."""
        judge = self.judge
        if judge is None:
            return None
        return dataclasses.replace(
            self, backend=judge.backend, model=judge.model, options=judge.options, judge=None
        )

    @property
    def is_script(self) -> bool:
        """Whether it answers by itself, without a model that could fail to."""
        return self.backend in SCRIPTS

    def config(self) -> dict[str, Any]:
        """Every value, ready for JSON."""
        return _plain_dict(self)

    @property
    def sha256(self) -> str:
        return chain.sha256(self.config())

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Self:
        life, memory = config["life"], config["memory"]
        draws, notes, typing = config["draws"], config["notes"], config["typing"]
        judge = config["judge"]
        parts = {
            "pacing": Pacing(rule=PacingRule(config["pacing"]["rule"])),
            "life": None if life is None else Life.from_config(life),
            "memory": None if memory is None else MemorySettings(**memory),
            "budget": Budget(**config["budget"]),
            "draws": draws and {name: tuple(values) for name, values in draws.items()},
            "notes": None if notes is None else tuple(DayNote(**note) for note in notes),
            "typing": None if typing is None else TypingSettings.from_config(typing),
            "judge": None if judge is None else JudgeSettings(**judge),
            "initiative": Initiative(config["initiative"]),
        }
        return cls(**{**config, **parts})


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyFile:
    """One preregistered design, whole."""

    slug: str
    title: str
    simulated: bool
    format: Format
    human_share: float | None
    duration_s: int
    message_chars: int
    lobby_wait_s: int
    verdict_grace_s: int
    rounds_s: int | None
    delay_s: int
    attendance: Attendance | None
    machine_down: MachineDown
    machine_failure: UnansweredRule
    human_silence: HumanSilence
    paused_room: UnansweredRule | None  # None in studies made before there was a rule
    forced_verdict: ForcedVerdictRule | None  # None there, too, and without a verdict_grace
    unsealed: UnsealedRule
    witness_input: WitnessInput
    reports: ReportRule
    belief_every_s: int | None
    commitment: CommitmentSettings
    active_gap_cap_s: int
    reveal: Reveal
    contact: str
    consent: str
    debrief: str
    exit_questions: tuple[ExitQuestion, ...]
    taxonomy: str
    strategies: tuple[Strategy, ...]
    machines: tuple[ProfileSpec, ...]

    def config(self) -> dict[str, Any]:
        """Every value, ready for JSON: what is stored, exported and hashed."""
        return _plain_dict(self)

    @property
    def sha256(self) -> str:
        """SHA-256 of the canonical JSON of `config()`, in hexadecimal."""
        return chain.sha256(self.config())

    @property
    def consent_sha256(self) -> str:
        """SHA-256 of the consent text in UTF-8, in hexadecimal."""
        return hashlib.sha256(self.consent.encode()).hexdigest()

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Self:
        """The design that `config()` came from; its values were checked when it was a file."""
        parts = {
            "format": Format(config["format"]),
            "attendance": _attendance(config["attendance"]),
            "machine_down": _machine_down(config["machine_down"]),
            "machine_failure": UnansweredRule(config["machine_failure"]),
            "human_silence": _human_silence(config["human_silence"]),
            "paused_room": _stated(UnansweredRule, config.get("paused_room")),
            "forced_verdict": _stated(ForcedVerdictRule, config.get("forced_verdict")),
            "unsealed": UnsealedRule(config["unsealed"]),
            "witness_input": WitnessInput.from_config(config["witness_input"]),
            "reports": ReportRule(config["reports"]),
            "commitment": _commitment(config["commitment"]),
            "reveal": Reveal(config["reveal"]),
            "exit_questions": tuple(map(_exit_question, config["exit_questions"])),
            "strategies": tuple(Strategy(**each) for each in config["strategies"]),
            "machines": tuple(map(ProfileSpec.from_config, config["machines"])),
        }
        return cls(**{**config, **parts})


def _attendance(config: Mapping[str, Any] | None) -> Attendance | None:
    return None if config is None else Attendance.from_config(config)


def _machine_down(config: Mapping[str, Any]) -> MachineDown:
    return MachineDown(**{**config, "then": WhenDown(config["then"])})


def _human_silence(config: Mapping[str, Any]) -> HumanSilence:
    return HumanSilence(**{**config, "rule": UnansweredRule(config["rule"])})


def _stated(rules: type[Rules], name: str | None) -> Rules | None:
    return None if name is None else rules(name)


def _commitment(config: Mapping[str, Any]) -> CommitmentSettings:
    rule = CommitmentRule(config["rule"])
    return CommitmentSettings(
        **{**config, "rule": rule, "sensitivity": tuple(config["sensitivity"])}
    )


def _exit_question(config: Mapping[str, Any]) -> ExitQuestion:
    parts = {
        "ask": tuple(config["ask"]),
        "answer": Answer(config["answer"]),
        "choices": tuple(config["choices"]),
    }
    return ExitQuestion(**{**config, **parts})


def _plain_dict(value: Any) -> dict[str, Any]:
    return {field.name: _plain(getattr(value, field.name)) for field in dataclasses.fields(value)}


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value):
        return _plain_dict(value)
    if isinstance(value, Mapping):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return str(value) if isinstance(value, StrEnum) else value
