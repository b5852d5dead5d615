"""Verdicts that the clock asked for: given once time was up, when nothing more could be asked.

Time to detection is time while the clock ran. What is said after the planned end says nothing of
how long a machine survives, only of what was believed when the room had to be closed.
"""

from collections.abc import Mapping
from enum import StrEnum

import numpy as np
import pandas as pd

from analysis.dataset.study import Study
from analysis.errors import DataError


class ForcedVerdict(StrEnum):
    """What is made of a verdict given after time was up."""

    SEPARATE = "separate"  # no event of the curve; an end of its own, and a verdict all the same
    COUNT = "count"  # an event at the time at which it was given
    EXCLUDE = "exclude"  # no verdict: the room is one whose time was up


class AtEnd(StrEnum):
    """What a room that was undecided when its time was up said then."""

    RIGHT = "right"
    WRONG = "wrong"
    NOTHING = "nothing"


def stated_forced_verdict(study: Study) -> ForcedVerdict | None:
    """The rule that a study was registered with; None where it states none."""
    rule = study.config.get("forced_verdict")
    if rule is None:
        return None
    if not isinstance(rule, str) or rule not in set(ForcedVerdict):
        expected = ", ".join(ForcedVerdict)
        raise DataError(
            (f"study.json: `forced_verdict` is {rule!r}; one of {expected} was expected.",)
        )
    return ForcedVerdict(rule)


def is_forced(study: Study) -> pd.Series:
    """Whether each verdict was given after the planned live time of its room; at it is in time."""
    return _after_end(study.verdicts, study.rooms)


def forced_verdicts(study: Study) -> pd.DataFrame:
    """List the verdicts that were given after time was up, whatever the study's rule for them.

    Parameters
    ----------
    study : Study
        From `load`.

    Returns
    -------
    DataFrame
        One row per verdict: room, interrogator, profile, witness_kind, late_ms (live time since
        the planned end), correct, confidence.

    Examples
    --------
    >>> import tempfile, analysis as ta
    >>> folder = tempfile.mkdtemp()
    >>> truth = ta.simulate(folder, n_rooms=3, n_interrogators=2, seed=1)
    >>> len(ta.forced_verdicts(ta.load(folder)))
    0
    """
    late = study.verdicts[is_forced(study)].reset_index(drop=True)
    rooms = study.rooms.set_index("room").loc[late["room"]]
    of_room = {name: rooms[name].to_numpy() for name in ("interrogator", "profile", "witness_kind")}
    late_ms = late["elapsed_ms"].to_numpy(np.int64) - rooms["duration_ms"].to_numpy(np.int64)
    said = {"correct": late["correct"], "confidence": late["confidence"]}
    return pd.DataFrame({"room": late["room"], **of_room, "late_ms": late_ms, **said})


def cut_at_time_up(study: Study, rule: ForcedVerdict) -> Mapping[str, pd.DataFrame]:
    """The tables that change where rooms are read no further than to their planned end.

    A room that went on after it ends as `time_up` there, whatever ended it later; but one whose
    verdict was erased still says that it had one. What was believed after the end goes; a verdict
    stays, for the shares of right ones, unless the rule excludes it.
    """
    rooms = study.rooms
    over = (rooms["elapsed_ms"] > rooms["duration_ms"]).fillna(False).astype(bool)
    if rule is ForcedVerdict.COUNT or not over.any():
        return {}
    erased = (rooms["end_reason"] == "verdict") & ~rooms["room"].isin(study.verdicts["room"])
    tables = {
        "rooms": rooms.assign(
            elapsed_ms=rooms["elapsed_ms"].mask(over, rooms["duration_ms"]),
            end_reason=rooms["end_reason"].mask(over & ~erased, "time_up"),
            ended_by=rooms["ended_by"].mask(over & ~erased, ""),
        ),
        "beliefs": study.beliefs[~_after_end(study.beliefs, rooms)].reset_index(drop=True),
    }
    if rule is ForcedVerdict.EXCLUDE:
        tables["verdicts"] = study.verdicts[~is_forced(study)].reset_index(drop=True)
    return tables


def _after_end(acts: pd.DataFrame, rooms: pd.DataFrame) -> pd.Series:
    """Whether each act came after the planned live time of its room."""
    planned = rooms.set_index("room")["duration_ms"].reindex(acts["room"]).astype("Int64")
    late = acts["elapsed_ms"].astype("Int64") > planned.set_axis(acts.index)
    return late.fillna(False).astype(bool)
