"""Sensitivity to informative censoring: drop-out treated in four ways, side by side."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from numpy.typing import ArrayLike

from analysis.errors import ArgumentError
from analysis.numerics import arrays
from analysis.numerics.arrays import Floats, Ints
from analysis.numerics.result import Result
from analysis.survival.cumulative_incidence import (
    CAUSES,
    CumulativeIncidence,
    fitted,
    one_cause,
)

if TYPE_CHECKING:
    import pandas as pd

#: End reasons that a participant caused.
REASONS = ("withdrawn", "dropped_out")

#: The number of drop-out as a competing cause.
DROPPED_OUT = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class DropoutSensitivity(Result):
    """Incidence with drop-out as censoring, as a third cause, and at its two extremes.

    `never` keeps lost rooms undecided to the end, `at_drop` decides them when they were lost:
    whatever the lost rooms would have done, the incidence of `of` is between these two. The bounds
    do not include sampling error; each curve has its own interval for that.
    """

    source: ClassVar[str] = (
        "Aalen and Johansen, Scandinavian Journal of Statistics 5 (1978) 141-150"
    )
    as_censoring: CumulativeIncidence
    as_cause: CumulativeIncidence
    never: CumulativeIncidence
    at_drop: CumulativeIncidence
    of: int
    n: int
    n_dropouts: int
    reasons: tuple[str, ...]

    @property
    def n_clusters(self) -> int | None:
        """Number of clusters, or None without clustering."""
        return self.as_censoring.n_clusters

    @property
    def level(self) -> float:
        """Confidence level of each curve."""
        return self.as_censoring.level

    @property
    def method(self) -> str:
        """How each curve was estimated."""
        return self.as_censoring.method

    @property
    def versions(self) -> Mapping[str, CumulativeIncidence]:
        """The four curves by name."""
        return {
            "as_censoring": self.as_censoring,
            "as_cause": self.as_cause,
            "never": self.never,
            "at_drop": self.at_drop,
        }

    @property
    def table(self) -> "pd.DataFrame":
        """The tables of all curves below each other, with a column `version` in front."""
        import pandas as pd

        parts = [curve.table.assign(version=name) for name, curve in self.versions.items()]
        table = pd.concat(parts, ignore_index=True)
        return table[["version", *table.columns.drop("version")]]

    def at(self, time: float) -> "pd.DataFrame":
        """Incidence of `of` by `time`: one row per version with incidence, low and high."""
        import pandas as pd

        found = {name: curve.at(time, self.of) for name, curve in self.versions.items()}
        rows = [(name, e.value, e.std_error, e.low, e.high) for name, e in found.items()]
        return pd.DataFrame(rows, columns=["version", "incidence", "std_error", "low", "high"])

    def _repr_html_(self) -> str:
        last = float(self.never.times[-1]) if self.n else 0.0
        head = f"<p>{self.n_dropouts} of {self.n} rooms dropped out ({', '.join(self.reasons)}). "
        return head + f"Cause {self.of} by {last:g}:</p>" + self.at(last).to_html(index=False)


def dropout_sensitivity(
    detections: "pd.DataFrame | Mapping[str, ArrayLike]",
    *,
    of: int = 1,
    reasons: tuple[str, ...] = REASONS,
    cluster: str | None = "interrogator",
    level: float = 0.95,
) -> DropoutSensitivity:
    """Estimate the incidence of one cause under different assumptions about lost rooms.

    As censoring, drop-out is assumed not to be informative. As a third cause it competes with the
    decisions, and no such assumption is made. The bounds keep every lost room undecided to the end
    of the longest room, and decide every lost room as `of` at the moment it was lost.

    Parameters
    ----------
    detections : DataFrame or mapping
        Columns time, cause (0, 1, 2) and end_reason, as from `detections`.
    of : {1, 2}
        The cause the bounds are for.
    reasons : tuple of str
        End reasons of undecided rooms that count as drop-out. Other undecided rooms are censored
        in all versions.
    cluster : str or None
        Column with who decided; None for none.
    level : float
        Confidence level of the pointwise intervals.

    Returns
    -------
    DropoutSensitivity
        With ``.table``, ``.at(t)`` and the curves ``.as_censoring``, ``.as_cause``, ``.never``,
        ``.at_drop``. In ``.as_cause`` cause 3 is the drop-out.

    Examples
    --------
    >>> import analysis as ta
    >>> rooms = {"time": [1, 2, 3, 4], "cause": [1, 0, 1, 0],
    ...          "end_reason": ["verdict", "dropped_out", "verdict", "time_up"]}
    >>> result = ta.dropout_sensitivity(rooms, cluster=None)
    >>> [float(round(x, 3)) for x in result.at(4)["incidence"]]
    [0.625, 0.5, 0.5, 0.75]
    """
    one_cause(of)
    needed = ("time", "cause", "end_reason", *([cluster] if cluster else []))
    missing = [name for name in needed if name not in detections]
    if missing:
        raise ArgumentError(
            f"`detections` must have the columns {', '.join(needed)} "
            f"(missing: {', '.join(missing)})."
        )
    time = arrays.times(detections["time"])
    cause = arrays.codes(detections["cause"], name="cause", allowed=(0, *CAUSES), n=len(time))
    reason = np.asarray(detections["end_reason"], dtype=object)
    arrays.refuse_length(reason, "end_reason", len(time))
    lost = (cause == 0) & np.isin(reason.astype(str), reasons)
    who = None if cluster is None else np.asarray(detections[cluster])

    def curve(when: Ints | Floats, what: Ints, causes: tuple[int, ...]) -> CumulativeIncidence:
        return fitted(when, what, causes, cluster=who, level=level)

    last = time.max(initial=0)
    return DropoutSensitivity(
        as_censoring=curve(time, cause, CAUSES),
        as_cause=curve(time, np.where(lost, DROPPED_OUT, cause), (*CAUSES, DROPPED_OUT)),
        never=curve(np.where(lost, last, time), cause, CAUSES),
        at_drop=curve(time, np.where(lost, of, cause), CAUSES),
        of=of,
        n=len(time),
        n_dropouts=int(lost.sum()),
        reasons=tuple(reasons),
    )
