"""What a trial takes place in: the limits of its study, or usual ones where there is none."""

from collections.abc import Mapping
from dataclasses import dataclass

from arena.pacing import PacingRule
from arena.rules import Format
from arena.studies.design import Budget, Pacing, ProfileSpec, StudyFile

#: Small talk, the question that every interrogator asks, and one that a prompt has to answer.
QUESTIONS = ("hey, how's your evening going?", "are you a bot?", "what day is it today?")
#: The backend of a model that is named without a study file.
_OPENAI = "openai:"
_PERSONA = """\
You are Robin, 27, and work in a bike shop. You take part in this study for a little money and are \
mildly curious. You write the way people text: short, mostly lower case, at most two sentences, no \
lists. You answer what you are asked and now and then ask something back."""
#: Room for the reasoning of models that reason; sampling is left to the provider.
_OPTIONS: Mapping[str, object] = {"max_tokens": 1_000, "timeout": "60 s"}
_ADDRESS = {"openai": "base_url", "litellm": "api_base"}


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialSetting:
    """The part of a design that decides what a profile's room is like."""

    message_chars: int = 300
    duration_s: int = 300
    delay_s: int = 0
    is_long: bool = False  # people come back for days, instead of staying in one chat
    share: float = 1.0  # of the study's rooms that this profile plays

    @classmethod
    def of(cls, design: StudyFile, profile: ProfileSpec) -> "TrialSetting":
        weights = sum(machine.weight for machine in design.machines)
        machines = 1 - (design.human_share or 0.0) if design.format == Format.TWO_PARTY else 1.0
        return cls(
            message_chars=design.message_chars,
            duration_s=design.duration_s,
            delay_s=design.delay_s,
            is_long=design.attendance is not None,
            share=machines * profile.weight / weights,
        )


def default_profile(
    model: str, *, address: str | None, options: Mapping[str, object]
) -> ProfileSpec:
    """A profile for a model without a study file: "provider/name", or "openai:name"."""
    backend = "openai" if model.startswith(_OPENAI) else "litellm"
    where = {} if address is None else {_ADDRESS[backend]: address}
    return ProfileSpec(
        name="tried",
        weight=1.0,
        backend=backend,
        model=model.removeprefix(_OPENAI),
        persona=_PERSONA,
        options={**_OPTIONS, **where, **options},
        pacing=Pacing(rule=PacingRule.CALIBRATED),
        life=None,
        memory=None,
        budget=Budget(calls=500, tokens=200_000, cost_usd=5.0),
    )
