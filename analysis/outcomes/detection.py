"""One row per room: when it was decided, rightly or wrongly, on the clock of your choice.

The rule is the study's own unless another is given. Nothing here looks past the moment at which
an event is dated.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

import numpy as np
import pandas as pd

from analysis.dataset.study import Study, number
from analysis.errors import ArgumentError, DataError
from analysis.numerics.arrays import Floats, Ints
from analysis.outcomes import partitioned
from analysis.outcomes.clocks import ActiveTime, Clock, active_cap_ms

_NEVER = np.iinfo(np.int64).max

_Kind = TypeVar("_Kind", bound=StrEnum)


class Commitment(StrEnum):
    """What counts as the moment of decision."""

    VERDICT_ONLY = "verdict_only"
    THRESHOLD = "threshold"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """When a room counts as decided.

    With ``threshold``: at the verdict, or earlier once a belief of at least `tau` on one side has
    stood for `dwell_ms` (on the clock of messages: for `dwell_messages`) without a report below.
    """

    commitment: Commitment = Commitment.VERDICT_ONLY
    tau: float = 0.8
    dwell_ms: int = 300_000
    dwell_messages: int = 3

    def __post_init__(self) -> None:
        if not 0.5 < self.tau <= 1:
            raise ArgumentError(f"{self.tau!r} is no threshold; give a probability above 0.5.")
        if self.dwell_ms < 0 or self.dwell_messages < 0:
            raise ArgumentError(
                f"A dwell of {self.dwell_ms} ms or {self.dwell_messages} messages is below 0; "
                "give 0 or more."
            )

    def __str__(self) -> str:
        if self.commitment is Commitment.VERDICT_ONLY:
            return "the verdict"
        return (
            f"the verdict, or before it a belief of at least {self.tau:g} held for "
            f"{self.dwell_ms / 1000:g} s (on the message clock {self.dwell_messages} messages)"
        )


def study_rule(study: Study) -> Rule:
    """The rule the study was registered with."""
    given = study.config.get("commitment")
    if not isinstance(given, Mapping) or given.get("rule") not in set(Commitment):
        raise DataError(
            (f"study.json: `commitment` is {given!r}; verdict_only or threshold was expected.",)
        )
    if given["rule"] == Commitment.VERDICT_ONLY:
        return Rule()
    return Rule(
        commitment=Commitment.THRESHOLD,
        tau=number(given, "tau"),
        dwell_ms=round(number(given, "dwell_s") * 1000),
        dwell_messages=round(number(given, "dwell_messages")),
    )


def detections(
    study: Study | str | Path,
    clock: str = "wall",
    rule: Rule | None = None,
    *,
    witness: str = "machine",
    scheduler: str | None = None,
) -> pd.DataFrame:
    """Date the decision of every room that went live.

    Parameters
    ----------
    study : Study, str or Path
        From `load`; or the path of an export, of which one part at a time is read if it is
        partitioned by room.
    clock : {"wall", "active", "messages"}
        Live milliseconds without pauses; the same with each silence counted up to the study's
        cap; or messages the interrogator had sent.
    rule : Rule, optional
        When a room counts as decided; the study's own rule by default.
    witness : {"machine", "human"}
        In a ``two_party`` study, which rooms: those with a machine (a right decision detects it)
        or those with a human (a wrong one is a false accusation). In a ``three_party`` study
        every room has both, and this changes nothing.
    scheduler : str, optional
        Address of a dask scheduler, as ``"tcp://10.0.0.1:8786"``. The parts of a partitioned
        export are then read and reduced by its workers, who must see the same path. The frame is
        the same to the last bit.

    Returns
    -------
    DataFrame
        One row per room, in the order of the export: room, interrogator, profile, witness_kind,
        time (whole numbers), cause (1 right, 2 wrong, 0 censored), decided_by (verdict,
        commitment or empty), end_reason, n_messages, simulated. Rooms that never went live, and
        rooms whose verdict was erased, are left out; the report counts them.

    Examples
    --------
    >>> import tempfile, analysis as ta
    >>> folder = tempfile.mkdtemp()
    >>> truth = ta.simulate(folder, n_rooms=3, n_interrogators=2, seed=1)
    >>> list(ta.detections(ta.load(folder), clock="messages")["cause"].isin([0, 1, 2]))
    [True, True, True]
    """
    on, kind = _choice(Clock, clock, "clock"), _choice(_Witness, witness, "witness")
    if not isinstance(study, Study) or scheduler is not None:
        path = study.path if isinstance(study, Study) else Path(study)
        order = partitioned.Order(path=path, clock=on, rule=rule, witness=kind)
        return partitioned.reduce_all(order, scheduler)
    rule = study_rule(study) if rule is None else rule
    rooms = _analysed(study, kind)
    if rule.commitment is Commitment.THRESHOLD:
        held = _commitments(study, rooms, rule, on)
    else:
        held = _nothing(len(rooms))
    return _dated(study, rooms, held, on)


def exclusions(study: Study, *, witness: str = "machine") -> pd.DataFrame:
    """Count the rooms from the export to the analysis: columns step, n_rooms."""
    rooms, kind = study.rooms, _choice(_Witness, witness, "witness")
    live = rooms["started_at"].notna()
    other = live & ~_of_kind(rooms, kind)
    erased = live & ~other & _verdict_erased(study)
    rest = {_Witness.MACHINE: "a human", _Witness.HUMAN: "a machine"}[kind]
    steps = [("Rooms that ended", len(rooms)), ("Never went live", -int((~live).sum()))]
    if study.format == "two_party":
        steps.append((f"The witness was {rest}: counted separately", -int(other.sum())))
    steps.append(("The verdict was erased on request", -int(erased.sum())))
    steps.append(("Analysed", int((live & ~other & ~erased).sum())))
    return pd.DataFrame(steps, columns=["step", "n_rooms"])


class _Witness(StrEnum):
    MACHINE = "machine"
    HUMAN = "human"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Commitments:
    """For each room the first commitment: its time and its side."""

    time: Ints
    cause: Ints


def _choice(kinds: type[_Kind], value: str, name: str) -> _Kind:
    try:
        return kinds(value)
    except ValueError:
        known = ", ".join(kinds)
        raise ArgumentError(f"{value!r} is no {name}; choose one of {known}.") from None


def _of_kind(rooms: pd.DataFrame, kind: _Witness) -> pd.Series:
    return (rooms["format"] == "three_party") | (rooms["witness_kind"] == kind)


def _verdict_erased(study: Study) -> pd.Series:
    has_verdict = study.rooms["room"].isin(study.verdicts["room"])
    return (study.rooms["end_reason"] == "verdict") & ~has_verdict


def _analysed(study: Study, kind: _Witness) -> pd.DataFrame:
    rooms = study.rooms
    chosen = rooms["started_at"].notna() & _of_kind(rooms, kind) & ~_verdict_erased(study)
    return rooms[chosen].reset_index(drop=True)


def _dated(study: Study, rooms: pd.DataFrame, held: _Commitments, on: Clock) -> pd.DataFrame:
    verdicts = study.verdicts.set_index("room").reindex(rooms["room"])
    decided = verdicts["seq"].notna().to_numpy(bool)
    column = "n_messages" if on is Clock.MESSAGES else "elapsed_ms"
    end = rooms[column].to_numpy(np.int64)
    verdict = verdicts[column].astype("Int64").fillna(_NEVER).to_numpy(np.int64)
    right = verdicts["correct"].eq(True).to_numpy(bool)
    # A commitment reached by a message precedes a verdict given after that message.
    first = held.time <= verdict if on is Clock.MESSAGES else held.time < verdict
    committed = (held.time <= end) & first
    time = np.where(committed, held.time, np.where(decided, verdict, end))
    if on is Clock.ACTIVE:
        active = ActiveTime(study, list(rooms["room"]), active_cap_ms(study))
        time = active.read(np.arange(len(rooms)), time)
    by_verdict = np.where(decided, np.where(right, 1, 2), 0)
    return pd.DataFrame(
        {
            "room": rooms["room"],
            "interrogator": rooms["interrogator"],
            "profile": rooms["profile"],
            "witness_kind": rooms["witness_kind"],
            "time": time,
            "cause": np.where(committed, held.cause, by_verdict),
            "decided_by": np.where(committed, "commitment", np.where(decided, "verdict", "")),
            "end_reason": rooms["end_reason"],
            "n_messages": rooms["n_messages"],
            "simulated": rooms["simulated"],
        }
    )


def _nothing(n: int) -> _Commitments:
    never = np.full(n, _NEVER, dtype=np.int64)
    return _Commitments(time=never, cause=np.zeros(n, dtype=np.int64))


def _commitments(study: Study, rooms: pd.DataFrame, rule: Rule, on: Clock) -> _Commitments:
    number_of = {room: i for i, room in enumerate(rooms["room"])}
    reports = study.beliefs[study.beliefs["room"].isin(number_of)].sort_values(["room", "seq"])
    room = reports["room"].map(number_of).to_numpy(np.int64)
    # Active time is another ruler for the same moments, so it shares the wall clock's dwell.
    by_message = on is Clock.MESSAGES
    at = reports["n_messages" if by_message else "elapsed_ms"].to_numpy(np.int64)
    dwell = rule.dwell_messages if by_message else rule.dwell_ms
    stood = standing(
        room,
        at,
        reports["p_true"].to_numpy(np.float64),
        tau=rule.tau,
        dwell=dwell,
        until_sent=by_message,
    )
    result = _nothing(len(rooms))
    chosen = room[stood.report]
    # Reports are in order, so writing backwards leaves the first of each room.
    result.time[chosen[::-1]] = (at[stood.report] + dwell)[::-1]
    result.cause[chosen[::-1]] = stood.side[::-1]
    return result


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Reports that began a commitment: their positions, and the side (1 right, 2 wrong)."""

    report: Ints
    side: Ints


def standing(
    room: Ints, at: Ints, p_true: Floats, *, tau: float, dwell: int, until_sent: bool = False
) -> Standing:
    """Find the reports from which a belief of at least `tau` stood for `dwell`.

    Reports are sorted by room and order. A later report on another side or below `tau` breaks the
    belief if it comes within ``(at, at + dwell]``; with `until_sent` a report made after the
    message that completes the dwell no longer does.
    """
    slack = 1e-9  # 1 - 0.2 must reach 0.8
    if not len(p_true):
        return Standing(report=np.zeros(0, np.int64), side=np.zeros(0, np.int64))
    side = np.where(p_true >= tau - slack, 1, np.where(1 - p_true >= tau - slack, 2, 0))
    n = len(side)
    same = np.zeros(n, dtype=bool)
    same[1:] = (room[1:] == room[:-1]) & (side[1:] == side[:-1])
    starts = np.flatnonzero(~same)
    following = np.append(starts[1:], n)
    inside = (following < n) & (room[np.minimum(following, n - 1)] == room[starts])
    broken = np.where(inside, at[np.minimum(following, n - 1)], _NEVER)
    complete = at[starts] + dwell
    stood = (broken >= complete) if until_sent else (broken > complete)
    keep = stood & (side[starts] > 0)
    return Standing(report=starts[keep], side=side[starts][keep])
