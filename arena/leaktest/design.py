"""The study that is tested: the host's own, so that every room holds a matched pair."""

from arena.rehearsal.design import rehearsed, with_keys
from arena.studies.design import StudyFile
from arena.studies.file import parse

#: What is changed for all plays, as YAML. Both kinds have to sit in every room.
_STUDY = {
    "format": "three_party",
    "human_share": None,
    "lobby_wait": "7 days",
    "reveal": "at_end",
    "verdict_grace": "2 min",
}
_BUDGET = "{calls: 10000, tokens: 100000000, cost_usd: 1000}"


def matched(text: str, *, provider_url: str, minutes: int) -> str:
    """The study for plays in real time: a stand-in model for every machine, none of them asleep."""
    changed = rehearsed(text, provider_url=provider_url, scripts=True)
    study = _STUDY | {"duration": f"{minutes} min", "attendance": "none"}
    return with_keys(changed, study=study, machines={"life": "none", "budget": _BUDGET})


def long_matched(text: str, *, provider_url: str) -> str:
    """The study for a season on a fast clock: machines keep their lives, people their reminders."""
    changed = rehearsed(text, provider_url=provider_url, scripts=True)
    return with_keys(changed, study=_STUDY, machines={"budget": _BUDGET})


def what_was_changed(design: StudyFile) -> tuple[str, ...]:
    """What of a study is otherwise in the test, in sentences."""
    said = ["A stand-in model answers for every machine, and says what a person would."]
    if design.format != "three_party":
        said.append("Rooms have two witnesses, so that each holds a matched pair.")
    if any(machine.life is not None for machine in design.machines):
        said.append("Machines neither sleep nor are away in the plays in real time.")
    return tuple(said)


def paced(text: str, *, rule: str) -> str:
    """The study with another pacing rule for all machines."""
    return with_keys(text, study={}, machines={"pacing": f"{{rule: {rule}}}"})


def rules(text: str) -> tuple[str, ...]:
    """The pacing rules of a study's machines, each once."""
    return tuple(dict.fromkeys(str(machine.pacing.rule) for machine in parse(text).machines))
