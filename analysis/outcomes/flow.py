"""From the export to the analysis: how many rooms were left out, and by which rule."""

from collections.abc import Iterator, Mapping

import pandas as pd

from analysis.dataset.study import Study
from analysis.errors import ArgumentError
from analysis.numerics.arrays import choice
from analysis.outcomes.dating import WitnessKind, of_kind, verdict_erased
from analysis.outcomes.inclusion import (
    Agents,
    IncludedStudy,
    Inclusion,
    InclusionRule,
    RelayedTexts,
    UnsealedRooms,
    agent_rooms,
    first_unanswered,
    include,
    read_inclusion,
    rules_of,
)
from analysis.outcomes.relaying import relayed as relayed_texts
from analysis.outcomes.time_up import ForcedVerdict, is_forced

#: What became of verdicts that were given after time was up.
_LATE = {
    ForcedVerdict.SEPARATE: "which is kept apart",
    ForcedVerdict.COUNT: "which counts when it was given",
    ForcedVerdict.EXCLUDE: "which is left out",
}

#: For each kind of cut its rule, and what rooms that are left out, or censored, are called.
_Acting = Mapping[str, tuple[InclusionRule | None, str, str]]


def exclusions(
    study: Study,
    *,
    witness: str = "machine",
    machine_failure: str | None = None,
    human_silence: str | None = None,
    paused_room: str | None = None,
    forced_verdict: str | None = None,
    agents: str = "without",
    relayed: str | None = None,
    unsealed: str | None = None,
) -> pd.DataFrame:
    """Count the rooms from the export to the analysis: columns step, n_rooms.

    The arguments are those of `detections`. Rooms that are censored at a question left unanswered
    or at a pause are analysed, and counted once more after that; so are those whose verdict came
    after time was up.
    """
    if isinstance(study, IncludedStudy):
        raise ArgumentError(
            "What was left out cannot be counted in the rooms that are left; give the study as "
            "`load` gave it."
        )
    kind = choice(WitnessKind, witness, "witness")
    asked = read_inclusion(
        machine_failure=machine_failure,
        human_silence=human_silence,
        paused_room=paused_room,
        forced_verdict=forced_verdict,
        agents=agents,
        relayed=relayed,
        unsealed=unsealed,
    )
    rules, rooms = rules_of(study, asked), study.rooms
    cut = first_unanswered(study, rules)
    steps = [("Rooms that ended", len(rooms))]
    left = pd.Series(True, index=rooms.index)

    def leave_out(step: str, out: pd.Series, *, shown: bool = True) -> None:
        nonlocal left
        if shown:
            steps.append((step, -int((left & out).sum())))
        left &= ~out

    leave_out("Never went live", rooms["started_at"].isna())
    rest = {WitnessKind.MACHINE: "a human", WitnessKind.HUMAN: "a machine"}[kind]
    leave_out(
        f"The witness was {rest}: counted separately",
        ~of_kind(rooms, kind),
        shown=study.format == "two_party",
    )
    for step, out in _by_agents(study, rules):
        leave_out(step, out)
    acting = _acting(rules)
    for who, (rule, left_out, _) in acting.items():
        out = cut["room"][(cut["kind"] == who) & (cut["rule"] == InclusionRule.EXCLUDE)]
        leave_out(left_out, rooms["room"].isin(out), shown=rule is InclusionRule.EXCLUDE)
    for step, out in _by_other_rules(study, rules):
        leave_out(step, out)
    kept = include(study, asked)
    erased = kept.rooms["room"][verdict_erased(kept)]
    leave_out("The verdict was erased on request", rooms["room"].isin(erased))
    steps.append(("Analysed", int(left.sum())))
    counted = rooms["room"][left]
    steps += _among(counted, cut, acting=acting)
    steps += _late(counted, study, cut, made=_LATE[kept.forced_verdict])
    return pd.DataFrame(steps, columns=["step", "n_rooms"])


def _by_other_rules(study: Study, rules: Inclusion) -> Iterator[tuple[str, pd.Series]]:
    """What else leaves rooms out, and which."""
    rooms = study.rooms
    if rules.relayed is RelayedTexts.EXCLUDE:
        texts = rooms["room"].isin(relayed_texts(study)["room"])
        yield "A text of the human witness looks relayed", texts
    if rules.unsealed is UnsealedRooms.EXCLUDE:
        yield "A host saw before the end who is who", rooms["unsealed_at"].notna()


def _by_agents(study: Study, rules: Inclusion) -> Iterator[tuple[str, pd.Series]]:
    """What is left out for the programs in its seats, or for having none."""
    there = study.rooms["room"].isin(agent_rooms(study))
    if rules.agents is Agents.WITHOUT and there.any():
        yield "A program took a seat: counted separately", there
    elif rules.agents is Agents.ONLY:
        yield "People took all seats: counted separately", ~there


def _acting(rules: Inclusion) -> _Acting:
    machine, human = (f"{who} left a question unanswered" for who in ("machine", "human"))
    return {
        "machine": (rules.machine_failure, f"The {machine}", f"the {machine}"),
        "human": (rules.human_silence, f"The {human}", f"the {human}"),
        "pause": (rules.paused_room, "The room was paused", "they were paused"),
    }


def _among(counted: pd.Series, cut: pd.DataFrame, *, acting: _Acting) -> Iterator[tuple[str, int]]:
    """Rooms that are analysed up to where a rule censors them."""
    for who, (rule, _, censored) in acting.items():
        if rule is InclusionRule.CENSOR_AT_FIRST:
            at = cut["room"][(cut["kind"] == who) & (cut["rule"] == rule)]
            yield f"of them censored where {censored}", int(counted.isin(at).sum())


def _late(
    counted: pd.Series, study: Study, cut: pd.DataFrame, *, made: str
) -> Iterator[tuple[str, int]]:
    """Rooms with a verdict after time was up; one that is cut before its end has none."""
    late = study.verdicts["room"][is_forced(study)]
    n = int((counted.isin(late) & ~counted.isin(cut["room"])).sum())
    if n:
        yield f"of them with a verdict after time was up, {made}", n
