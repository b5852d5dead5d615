"""Which rooms count, and up to where: unanswered questions, pauses, and the end of the time.

Whatever counts rooms, verdicts or beliefs takes them from here, so that one rule holds for all of
it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from enum import StrEnum

import numpy as np
import pandas as pd

from analysis.dataset.study import Study
from analysis.errors import ArgumentError, DataError
from analysis.numerics.arrays import Ints, choice
from analysis.outcomes.pauses import first_pauses
from analysis.outcomes.relaying import relayed as relayed_texts
from analysis.outcomes.time_up import ForcedVerdict, cut_at_time_up, stated_forced_verdict
from analysis.outcomes.unanswered import (
    AS_PEOPLE,
    UnansweredCause,
    silent_after_ms,
    unanswered,
)


class InclusionRule(StrEnum):
    """What is made of a room in which a question was left unanswered, or that was paused."""

    EXCLUDE = "exclude"
    CENSOR_AT_FIRST = "censor_at_first"
    COUNT = "count"


class Agents(StrEnum):
    """What is made of rooms in which a program took a person's seat."""

    WITHOUT = "without"
    ONLY = "only"
    WITH = "with"


class RelayedTexts(StrEnum):
    """What is made of rooms in which a text of the human witness looks relayed."""

    COUNT = "count"
    EXCLUDE = "exclude"


class UnsealedRooms(StrEnum):
    """What is made of rooms whose host saw before their end who is who."""

    COUNT = "count"
    EXCLUDE = "exclude"


#: The end of a room that is read no further than to a question left unanswered, or to a pause.
UNANSWERED, PAUSED = "unanswered", "paused"

#: What a rule may act on, in the order in which a room is left out for it.
_MACHINE, _HUMAN, _PAUSE = "machine", "human", "pause"


@dataclass(frozen=True, slots=True, kw_only=True)
class Inclusion:
    """What is asked for; None stands for the study's own rule."""

    machine_failure: InclusionRule | None = None
    human_silence: InclusionRule | None = None
    paused_room: InclusionRule | None = None
    forced_verdict: ForcedVerdict | None = None
    agents: Agents = Agents.WITHOUT
    relayed: RelayedTexts | None = None
    unsealed: UnsealedRooms | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class IncludedStudy(Study):
    """The rooms of a study that count, each up to where it counts; the rules stand with them."""

    machine_failure: InclusionRule
    human_silence: InclusionRule
    paused_room: InclusionRule
    forced_verdict: ForcedVerdict
    agents: Agents
    relayed: RelayedTexts
    unsealed: UnsealedRooms


def included(
    study: Study,
    *,
    machine_failure: str | None = None,
    human_silence: str | None = None,
    paused_room: str | None = None,
    forced_verdict: str | None = None,
    agents: str = "without",
    relayed: str | None = None,
    unsealed: str | None = None,
) -> IncludedStudy:
    """Give the rooms of a study that count, each up to where it counts.

    `detections`, `win_rate_by_profile`, `belief_score` and everything else that takes a study
    counts these rooms, by the study's own rules; give them the result of this for other rules.
    What matters most: a rule other than the study's own was not fixed in advance.

    Parameters
    ----------
    study : Study
        From `load`.
    machine_failure : {"exclude", "censor_at_first", "count"}, optional
        What to make of a room whose machine left a question unanswered (see `unanswered`): leave
        it out; read its log no further than to the first such question; or take it as it is.
        The study's own rule by default, and ``count`` if it states none.
    human_silence : {"exclude", "censor_at_first", "count"}, optional
        The same for a witness who is a person.
    paused_room : {"exclude", "censor_at_first", "count"}, optional
        The same for a room that was paused, read no further than to the last act before that.
    forced_verdict : {"separate", "count", "exclude"}, optional
        What to make of a verdict given after time was up: no event, but a verdict all the same; an
        event at its time; or no verdict. The study's own rule by default, and ``separate`` if it
        states none.
    agents : {"without", "only", "with"}
        Rooms in which a program took a person's seat: without them, only them, or all rooms
        together, which answers no question about people.
    relayed : {"count", "exclude"}, optional
        What to make of a room in which a text of the human witness looks relayed (see `relayed`, by
        its own thresholds). The study's own rule by default, and ``count`` if it states none.
    unsealed : {"count", "exclude"}, optional
        What to make of a room whose host saw before its end who is who (``unsealed_at`` in
        ``rooms``). The study's own rule by default, and ``count`` if it states none.

    Returns
    -------
    IncludedStudy
        A `Study`. A room that is censored has `end_reason` ``unanswered`` (or ``paused``), and
        neither a verdict nor a message, tag or belief from there on. Unless forced verdicts count,
        a room that went on after its time was up has `end_reason` ``time_up``, its planned length
        and no belief from after it.

    Raises
    ------
    ArgumentError
        Unknown rules; a rule for silence in a study that does not say how long one is; other rules
        for rooms that were chosen already.

    Examples
    --------
    >>> import tempfile, analysis as ta
    >>> folder = tempfile.mkdtemp()
    >>> truth = ta.simulate(folder, n_rooms=3, n_interrogators=2, seed=1)
    >>> len(ta.included(ta.load(folder), machine_failure="exclude").rooms)
    3
    """
    asked = read_inclusion(
        machine_failure=machine_failure,
        human_silence=human_silence,
        paused_room=paused_room,
        forced_verdict=forced_verdict,
        agents=agents,
        relayed=relayed,
        unsealed=unsealed,
    )
    return include(study, asked)


def read_inclusion(
    *,
    machine_failure: str | None,
    human_silence: str | None,
    paused_room: str | None = None,
    forced_verdict: str | None = None,
    agents: str,
    relayed: str | None = None,
    unsealed: str | None = None,
) -> Inclusion:
    """Check what is asked for."""
    forced = forced_verdict
    return Inclusion(
        machine_failure=_rule(machine_failure, "machine_failure"),
        human_silence=_rule(human_silence, "human_silence"),
        paused_room=_rule(paused_room, "paused_room"),
        forced_verdict=None if forced is None else choice(ForcedVerdict, forced, "forced_verdict"),
        agents=choice(Agents, agents, "agents"),
        relayed=None if relayed is None else choice(RelayedTexts, relayed, "relayed"),
        unsealed=None if unsealed is None else choice(UnsealedRooms, unsealed, "unsealed"),
    )


def _rule(given: str | None, name: str) -> InclusionRule | None:
    return None if given is None else choice(InclusionRule, given, name)


def include(study: Study, asked: Inclusion) -> IncludedStudy:
    """Apply the rules asked for, else the study's own, to a study as it was loaded."""
    if isinstance(study, IncludedStudy):
        if asked != Inclusion():
            raise ArgumentError(
                f"The rooms of {study.title} were chosen by other rules already, and what was left "
                "out is not there any more; give the study as `load` gave it."
            )
        return study
    rules = rules_of(study, asked)
    cut = first_unanswered(study, rules)
    out = cut["room"][cut["rule"] == InclusionRule.EXCLUDE]
    by_agents = study.rooms["room"].isin(agent_rooms(study))
    stays = {Agents.WITHOUT: ~by_agents, Agents.ONLY: by_agents}.get(rules.agents, by_agents | True)
    stays &= ~study.rooms["room"].isin(out)
    if rules.relayed is RelayedTexts.EXCLUDE:
        stays &= ~study.rooms["room"].isin(relayed_texts(study)["room"])
    if rules.unsealed is UnsealedRooms.EXCLUDE:
        stays &= study.rooms["unsealed_at"].isna()
    at = cut[cut["rule"] == InclusionRule.CENSOR_AT_FIRST].set_index("room")
    frames = _frames(study, stays, at)
    forced = rules.forced_verdict or ForcedVerdict.SEPARATE
    kept = {each.name: getattr(study, each.name) for each in fields(Study)} | {**frames}
    return IncludedStudy(
        **{**kept, **cut_at_time_up(Study(**kept), forced)},
        machine_failure=rules.machine_failure or InclusionRule.COUNT,
        human_silence=rules.human_silence or InclusionRule.COUNT,
        paused_room=rules.paused_room or InclusionRule.COUNT,
        forced_verdict=forced,
        agents=rules.agents,
        relayed=rules.relayed or RelayedTexts.COUNT,
        unsealed=rules.unsealed or UnsealedRooms.COUNT,
    )


def rules_of(study: Study, asked: Inclusion) -> Inclusion:
    """The rules asked for, and where none was, those that the study states."""
    stated = stated_rules(study)
    silence = asked.human_silence
    if silence not in (None, InclusionRule.COUNT) and silent_after_ms(study) is None:
        raise ArgumentError(
            f"`human_silence` is {silence!r}, but the rules of {study.title} do not say after what "
            "time a silence counts; see `unanswered(study, after_s=...)`."
        )
    return Inclusion(
        machine_failure=asked.machine_failure or stated.machine_failure,
        human_silence=silence or stated.human_silence,
        paused_room=asked.paused_room or stated.paused_room,
        forced_verdict=asked.forced_verdict or stated.forced_verdict,
        agents=asked.agents,
        relayed=asked.relayed or stated.relayed,
        unsealed=asked.unsealed or stated.unsealed,
    )


def stated_rules(study: Study) -> Inclusion:
    """The rules that a study was registered with; None where it states none."""
    silence = study.config.get("human_silence")
    if isinstance(silence, Mapping):
        silence = silence.get("rule")
    return Inclusion(
        machine_failure=_stated("machine_failure", study.config.get("machine_failure")),
        human_silence=_stated("human_silence", silence),
        paused_room=_stated("paused_room", study.config.get("paused_room")),
        forced_verdict=stated_forced_verdict(study),
        relayed=_stated_relayed(study.config.get("witness_input")),
        unsealed=_stated_unsealed(study.config.get("unsealed")),
    )


def _stated_relayed(given: object) -> RelayedTexts | None:
    if given is None:
        return None
    rule = given.get("relayed") if isinstance(given, Mapping) else given
    if rule not in set(RelayedTexts):
        raise DataError(
            (f"study.json: `witness_input.relayed` is {rule!r}; count or exclude was expected.",)
        )
    return RelayedTexts(str(rule))


def _stated_unsealed(rule: object) -> UnsealedRooms | None:
    if rule is None:
        return None
    if not isinstance(rule, str) or rule not in set(UnsealedRooms):
        raise DataError((f"study.json: `unsealed` is {rule!r}; count or exclude was expected.",))
    return UnsealedRooms(rule)


def _stated(name: str, rule: object) -> InclusionRule | None:
    if rule is None:
        return None
    if not isinstance(rule, str) or rule not in set(InclusionRule):
        expected = ", ".join(InclusionRule)
        raise DataError((f"study.json: `{name}` is {rule!r}; one of {expected} was expected.",))
    return InclusionRule(rule)


def agent_rooms(study: Study) -> pd.Series:
    """The rooms in which a program took a person's seat."""
    return study.seats["room"][study.seats["agent"] != ""]


def first_unanswered(study: Study, rules: Inclusion) -> pd.DataFrame:
    """For each room that a rule other than `count` reaches: what the rule is, and from where on.

    Columns room, kind (of the witness, or ``pause``), rule, seq, at_ms. To leave a room out goes
    before to censor it, and leaving it out for its machine before leaving it out for its human,
    and that before leaving it out for a pause.
    """
    by_kind = {
        _MACHINE: rules.machine_failure,
        _HUMAN: rules.human_silence,
        _PAUSE: rules.paused_room,
    }
    acting = {k: rule for k, rule in by_kind.items() if rule not in (None, InclusionRule.COUNT)}
    columns = ["room", "kind", "rule", "seq", "at_ms"]
    parts = []
    if acting.keys() & {_MACHINE, _HUMAN}:
        found = unanswered(study)
        # A machine that was silent as people are goes by the rule for people.
        willing = (found["cause"] == UnansweredCause.SILENCE) & (found["why"] == AS_PEOPLE)
        rule = found["kind"].mask(willing, _HUMAN).map(acting)
        found = found.assign(rule=rule, at_ms=found["asked_at_ms"])
        parts.append(found.loc[found["rule"].notna(), columns])
    if _PAUSE in acting:
        parts.append(first_pauses(study).assign(kind=_PAUSE, rule=acting[_PAUSE])[columns])
    if not parts:
        return pd.DataFrame({name: [] for name in columns})
    cut = pd.concat(parts)
    order = cut["kind"].map({kind: n for n, kind in enumerate(by_kind)})
    cut = cut.assign(rank=order.where(cut["rule"] == InclusionRule.EXCLUDE, len(by_kind)))
    first = cut.sort_values(["rank", "seq"]).drop_duplicates("room")
    return first[columns]


def _frames(study: Study, stays: pd.Series, at: pd.DataFrame) -> Mapping[str, pd.DataFrame]:
    """The tables without the rooms that go, and with those censored up to where they count."""
    if stays.all() and not len(at):
        return {"rooms": _named(study)}
    rooms = _named(study)[stays].reset_index(drop=True)
    counted, limits = pd.Index(rooms["room"]), at["seq"].to_numpy(np.float64)
    tables = {}
    rest = ("seats", "messages", "beliefs", "verdicts", "visits", "machine_calls", "withheld")
    for name in (*rest, "typing"):
        table = getattr(study, name)
        kept = _place(table["room"], counted) >= 0
        if "seq" in table:
            limit = np.append(limits, np.inf)[_place(table["room"], at.index)]
            kept &= table["seq"].to_numpy(np.float64) < limit
        tables[name] = table[kept].reset_index(drop=True)
    tags = study.strategies
    tagged = _place(tags["message"], pd.Index(tables["messages"]["event"]).unique()) >= 0
    # A tag of a message that nobody has is of no room that is cut.
    uncut = (_place(tags["room"], counted) >= 0) & (_place(tags["room"], at.index) < 0)
    tables["strategies"] = tags[tagged | uncut].reset_index(drop=True)
    return {**tables, "rooms": _cut_rooms(rooms, tables["messages"], at)}


def _place(names: pd.Series, among: pd.Index) -> Ints:
    """Where each name is among others, -1 if it is not: far quicker than `isin` on text."""
    return np.asarray(among.get_indexer(pd.Index(names)), dtype=np.int64)


def _cut_rooms(rooms: pd.DataFrame, messages: pd.DataFrame, at: pd.DataFrame) -> pd.DataFrame:
    """The rooms as they stood before the question, or the pause, at which they are censored."""
    cut = rooms["room"].isin(at.index).to_numpy(bool)
    if not cut.any():
        return rooms
    until = at["at_ms"].astype("Int64").reindex(rooms["room"]).array
    paused = (at["kind"] == _PAUSE).reindex(rooms["room"], fill_value=False).to_numpy(bool)
    n_all = messages["room"].value_counts().reindex(rooms["room"], fill_value=0)
    own = messages["room"][messages["seat"] == "interrogator"].value_counts()
    n_own = own.reindex(rooms["room"], fill_value=0)
    return rooms.assign(
        elapsed_ms=rooms["elapsed_ms"].mask(cut, pd.Series(until)),
        end_reason=rooms["end_reason"].mask(cut, UNANSWERED).mask(cut & paused, PAUSED),
        ended_by=rooms["ended_by"].mask(cut, ""),
        n_messages=np.where(cut, n_own, rooms["n_messages"]),
        n_messages_all=np.where(cut, n_all, rooms["n_messages_all"]),
    )


def _named(study: Study) -> pd.DataFrame:
    """The rooms, with the program's name where no participant asked."""
    seats, rooms = study.seats, study.rooms
    agents = seats[(seats["seat"] == "interrogator") & (seats["agent"] != "")]
    if not len(agents):
        return rooms
    name = rooms["room"].map(agents.set_index("room")["agent"])
    return rooms.assign(
        interrogator=rooms["interrogator"]
        .where(name.isna(), name)
        .astype(rooms["interrogator"].dtype)
    )
