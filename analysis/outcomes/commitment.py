"""What counts as the moment of decision: the verdict, or before it a belief that is held."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from analysis.dataset.study import Study, number
from analysis.errors import ArgumentError, DataError
from analysis.numerics.arrays import Floats, Ints

#: Later than any moment.
NEVER = np.iinfo(np.int64).max


class Commitment(StrEnum):
    """What counts as the moment of decision."""

    VERDICT_ONLY = "verdict_only"
    THRESHOLD = "threshold"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """When a room counts as decided.

    With ``threshold``: at the verdict, or earlier once a belief of at least `tau` on one side has
    been held for `dwell_ms` (on the message clock: for `dwell_messages`) without a report below.
    """

    commitment: Commitment = Commitment.VERDICT_ONLY
    tau: float = 0.8
    dwell_ms: int = 300_000
    dwell_messages: int = 3

    def __post_init__(self) -> None:
        if not 0.5 < self.tau <= 1:
            raise ArgumentError(f"`tau` must be above 0.5 and at most 1 (got {self.tau!r}).")
        if self.dwell_ms < 0 or self.dwell_messages < 0:
            raise ArgumentError(
                f"`dwell_ms` and `dwell_messages` must be 0 or more (got {self.dwell_ms} and "
                f"{self.dwell_messages})."
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


@dataclass(frozen=True, slots=True, kw_only=True)
class CommittedReports:
    """Reports that began a commitment: their positions, and the side (1 right, 2 wrong)."""

    report: Ints
    side: Ints


def committed_reports(
    room: Ints, at: Ints, p_true: Floats, *, tau: float, dwell: int, until_sent: bool = False
) -> CommittedReports:
    """Find the reports from which a belief of at least `tau` was held for `dwell`.

    Reports are sorted by room and order. A later report on another side or below `tau` breaks the
    belief if it comes within ``(at, at + dwell]``; with `until_sent` a report made after the
    message that completes the dwell no longer does.
    """
    slack = 1e-9  # 1 - 0.2 must reach 0.8
    if not len(p_true):
        return CommittedReports(report=np.zeros(0, np.int64), side=np.zeros(0, np.int64))
    side = np.where(p_true >= tau - slack, 1, np.where(1 - p_true >= tau - slack, 2, 0))
    n = len(side)
    same = np.zeros(n, dtype=bool)
    same[1:] = (room[1:] == room[:-1]) & (side[1:] == side[:-1])
    starts = np.flatnonzero(~same)
    following = np.append(starts[1:], n)
    inside = (following < n) & (room[np.minimum(following, n - 1)] == room[starts])
    broken = np.where(inside, at[np.minimum(following, n - 1)], NEVER)
    complete = at[starts] + dwell
    stood = (broken >= complete) if until_sent else (broken > complete)
    keep = stood & (side[starts] > 0)
    return CommittedReports(report=starts[keep], side=side[starts][keep])
