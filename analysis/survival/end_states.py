"""What has become of rooms once their time is up: decided before, forced to decide, or neither."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from numpy.typing import ArrayLike

from analysis.errors import ArgumentError
from analysis.numerics import arrays
from analysis.numerics.arrays import Ints
from analysis.numerics.estimate import NOTHING, Estimate
from analysis.numerics.result import Result
from analysis.outcomes.time_up import AtEnd
from analysis.survival.cumulative_incidence import CAUSES, CumulativeIncidence, fitted

if TYPE_CHECKING:
    import pandas as pd

#: The states, in the order of the table: decided while time ran, then what was said at its end.
STATES = ("right_in_time", "wrong_in_time", "right_at_end", "wrong_at_end", "nothing_at_end")

_AT_END = {AtEnd.RIGHT: 3, AtEnd.WRONG: 4, AtEnd.NOTHING: 5}


@dataclass(frozen=True, slots=True, kw_only=True)
class EndStates(Result):
    """Probability of each state of a room once its time is up; they sum to 1 if any got there."""

    source: ClassVar[str] = (
        "Aalen and Johansen, Scandinavian Journal of Statistics 5 (1978) 141-150"
    )
    curve: CumulativeIncidence  # causes 1 to 5 are the states, the last three just after the end
    n: int

    @property
    def n_clusters(self) -> int | None:
        """Number of clusters, or None without clustering."""
        return self.curve.n_clusters

    @property
    def level(self) -> float:
        """Confidence level of each interval."""
        return self.curve.level

    @property
    def method(self) -> str:
        """How the probabilities were estimated."""
        return self.curve.method

    @property
    def n_rooms(self) -> Ints:
        """Rooms observed to get into each state; the others were lost before."""
        return np.asarray(self.curve.n_events.sum(axis=1), dtype=np.int64)

    def at(self, state: str) -> Estimate:
        """Probability of one of `STATES`, with its interval."""
        if state not in STATES:
            raise ArgumentError(f"`state` must be one of {', '.join(STATES)} (got {state!r}).")
        if not self.n:
            return Estimate.of(self, NOTHING)
        curve, k = self.curve, STATES.index(state)
        columns = (curve.incidence, curve.std_error, curve.low, curve.high)
        value, error, low, high = (float(column[k, -1]) for column in columns)
        return Estimate.of(self, (value, error, low, high))

    @property
    def table(self) -> "pd.DataFrame":
        """One row per state: state, n_rooms, probability, std_error, low, high."""
        import pandas as pd

        rows = [
            (state, n, found.value, found.std_error, found.low, found.high)
            for state, n in zip(STATES, self.n_rooms.tolist(), strict=True)
            for found in (self.at(state),)
        ]
        columns = ["state", "n_rooms", "probability", "std_error", "low", "high"]
        return pd.DataFrame(rows, columns=columns)

    def _repr_html_(self) -> str:
        return self.table.to_html(index=False)


def end_states(
    detections: "pd.DataFrame | Mapping[str, ArrayLike]",
    *,
    cluster: str | None = "interrogator",
    level: float = 0.95,
) -> EndStates:
    """Estimate what becomes of rooms by the time they are up, and of the undecided just then.

    The estimand: the probability that a room is decided rightly, or wrongly, while time runs; and
    that it is not, and is then called rightly, wrongly, or not at all. The last three are a step
    just after the planned end, one room's whole mass each: they are no time to detection. What
    matters most is that rooms lost before the end would have gone on like those still open.

    Parameters
    ----------
    detections : DataFrame or mapping
        Columns time, cause (0, 1, 2) and at_end (right, wrong, nothing or empty), as from
        `detections` on the wall clock, where rooms reach their end at one time.
    cluster : str or None
        Column with who decided; None for none.
    level : float
        Confidence level of each interval.

    Returns
    -------
    EndStates
        With ``.table`` and ``.at(state)``. Intervals are NaN for a state that no room got into.

    Raises
    ------
    ArgumentError
        Missing columns, unknown values, a decided room with something said at the end.

    References
    ----------
    Aalen and Johansen, Scandinavian Journal of Statistics 5 (1978) 141-150.

    Examples
    --------
    >>> import analysis as ta
    >>> rooms = {"time": [2, 5, 5, 3], "cause": [1, 0, 0, 0], "at_end": ["", "right", "wrong", ""]}
    >>> [float(round(p, 3)) for p in ta.end_states(rooms, cluster=None).table["probability"]]
    [0.25, 0.0, 0.375, 0.375, 0.0]
    """
    needed = ("time", "cause", "at_end", *([cluster] if cluster else []))
    missing = [name for name in needed if name not in detections]
    if missing:
        raise ArgumentError(
            f"`detections` must have the columns {', '.join(needed)} "
            f"(missing: {', '.join(missing)})."
        )
    time = arrays.times(detections["time"])
    cause = arrays.codes(detections["cause"], name="cause", allowed=(0, *CAUSES), n=len(time))
    said = np.asarray(detections["at_end"], dtype=object)
    arrays.refuse_length(said, "at_end", len(time))
    known = np.isin(said.astype(str), ["", *AtEnd])
    arrays.refuse(~known, said, name="at_end", expected=f"{', '.join(AtEnd)} or empty")
    arrays.refuse(
        (cause > 0) & (said != ""),
        said,
        name="at_end",
        expected="to be empty where the room was decided",
    )
    state = np.where(
        said == "", cause, [_AT_END.get(AtEnd(each), 0) if each else 0 for each in said]
    )
    # Just after the end: what was decided, or lost, in its last millisecond comes before.
    when = np.where(state > len(CAUSES), time + 1, time)
    who = None if cluster is None else np.asarray(detections[cluster])
    causes = tuple(range(1, len(STATES) + 1))
    return EndStates(curve=fitted(when, state, causes, cluster=who, level=level), n=len(time))
