"""The decision of every room of a study in memory, dated without looking past the event."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import pandas as pd

from analysis.dataset.study import Study
from analysis.numerics.arrays import Ints
from analysis.outcomes.clocks import ActiveTime, Clock, active_cap_ms
from analysis.outcomes.commitment import NEVER, Commitment, Rule, committed_reports, study_rule
from analysis.outcomes.inclusion import IncludedStudy
from analysis.outcomes.time_up import AtEnd, ForcedVerdict


class WitnessKind(StrEnum):
    """Whose rooms are dated in a study of two parties."""

    MACHINE = "machine"
    HUMAN = "human"


def date(study: IncludedStudy, on: Clock, rule: Rule | None, *, kind: WitnessKind) -> pd.DataFrame:
    """Date the decisions of a study; the rule is its own unless another is given."""
    rule = study_rule(study) if rule is None else rule
    rooms = _analysed(study, kind)
    if rule.commitment is Commitment.THRESHOLD:
        commitments = _commitments(study, rooms, rule, on=on)
    else:
        commitments = _nothing(len(rooms))
    return _dated(study, rooms, commitments, on=on)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Commitments:
    """For each room the first commitment: its time and its side."""

    time: Ints
    cause: Ints


def of_kind(rooms: pd.DataFrame, kind: WitnessKind) -> pd.Series:
    """Whether each room has a witness of the kind in question."""
    return (rooms["format"] == "three_party") | (rooms["witness_kind"] == kind)


def verdict_erased(study: Study) -> pd.Series:
    """Whether each room ended in a verdict that is not there any more."""
    has_verdict = study.rooms["room"].isin(study.verdicts["room"])
    return (study.rooms["end_reason"] == "verdict") & ~has_verdict


def _analysed(study: Study, kind: WitnessKind) -> pd.DataFrame:
    rooms = study.rooms
    chosen = rooms["started_at"].notna() & of_kind(rooms, kind) & ~verdict_erased(study)
    return rooms[chosen].reset_index(drop=True)


def _dated(
    study: IncludedStudy, rooms: pd.DataFrame, commitments: _Commitments, *, on: Clock
) -> pd.DataFrame:
    verdicts = study.verdicts.set_index("room").reindex(rooms["room"])
    given, right = verdicts["seq"].notna().to_numpy(bool), verdicts["correct"].eq(True).to_numpy()
    late = (verdicts["elapsed_ms"].array > rooms["duration_ms"].array) & given
    forced = np.asarray(late, dtype=bool) & (study.forced_verdict is not ForcedVerdict.COUNT)
    decided = given & ~forced
    column = "n_messages" if on is Clock.MESSAGES else "elapsed_ms"
    end = rooms[column].to_numpy(np.int64)
    verdict = verdicts[column].astype("Int64").fillna(NEVER).to_numpy(np.int64)
    verdict = np.where(forced, NEVER, verdict)
    # A commitment reached by a message precedes a verdict given after that message.
    first = commitments.time <= verdict if on is Clock.MESSAGES else commitments.time < verdict
    committed = (commitments.time <= end) & first
    time = np.where(committed, commitments.time, np.where(decided, verdict, end))
    if on is Clock.ACTIVE:
        active = ActiveTime(study, list(rooms["room"]), active_cap_ms(study))
        time = active.read(np.arange(len(rooms)), time)
    by_verdict = np.where(decided, np.where(right, 1, 2), 0)
    said = np.where(forced, np.where(right, AtEnd.RIGHT, AtEnd.WRONG), AtEnd.NOTHING)
    undecided = ~committed & ~decided & (rooms["end_reason"] == "time_up").to_numpy(bool)
    return pd.DataFrame(
        {
            "room": rooms["room"],
            "interrogator": rooms["interrogator"],
            "profile": rooms["profile"],
            "witness_kind": rooms["witness_kind"],
            "time": time,
            "cause": np.where(committed, commitments.cause, by_verdict),
            "decided_by": np.where(committed, "commitment", np.where(decided, "verdict", "")),
            "at_end": np.where(undecided, said, ""),
            "end_reason": rooms["end_reason"],
            "n_messages": rooms["n_messages"],
            "simulated": rooms["simulated"],
        }
    )


def _nothing(n: int) -> _Commitments:
    never = np.full(n, NEVER, dtype=np.int64)
    return _Commitments(time=never, cause=np.zeros(n, dtype=np.int64))


def _commitments(study: Study, rooms: pd.DataFrame, rule: Rule, *, on: Clock) -> _Commitments:
    number_of = {room: i for i, room in enumerate(rooms["room"])}
    reports = study.beliefs[study.beliefs["room"].isin(number_of)].sort_values(["room", "seq"])
    room = reports["room"].map(number_of).to_numpy(np.int64)
    # Active time is another ruler for the same moments, so it shares the wall clock's dwell.
    by_message = on is Clock.MESSAGES
    at = reports["n_messages" if by_message else "elapsed_ms"].to_numpy(np.int64)
    dwell = rule.dwell_messages if by_message else rule.dwell_ms
    found = committed_reports(
        room,
        at,
        reports["p_true"].to_numpy(np.float64),
        tau=rule.tau,
        dwell=dwell,
        until_sent=by_message,
    )
    result = _nothing(len(rooms))
    chosen = room[found.report]
    # Reports are in order, so writing backwards leaves the first of each room.
    result.time[chosen[::-1]] = (at[found.report] + dwell)[::-1]
    result.cause[chosen[::-1]] = found.side[::-1]
    return result
