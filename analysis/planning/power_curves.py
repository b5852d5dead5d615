"""Expected width, coverage and power of a study of detection times, by simulation."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from analysis.errors import ArgumentError
from analysis.numerics import arrays
from analysis.numerics.arrays import Floats
from analysis.numerics.result import Result
from analysis.survival.cumulative_incidence import CumulativeIncidence, cumulative_incidence

if TYPE_CHECKING:
    import pandas as pd

    from analysis.planning.simulation import Design

_METHOD = "{n} simulated studies; clustered intervals; power: the interval of F1 - F2 leaves out 0"


@dataclass(frozen=True, slots=True, kw_only=True)
class CurvePlan(Result):
    """Per time and cause: truth, mean estimate, width and coverage of the intervals.

    Arrays are causes by times; `net_power` is the share of studies whose interval for net
    detection excludes 0, by time.
    """

    source: ClassVar[str] = (
        "Aalen and Johansen, Scandinavian Journal of Statistics 5 (1978) 141-150, by simulation"
    )
    times: Floats
    truth: Floats
    estimate: Floats
    width: Floats
    coverage: Floats
    naive_coverage: Floats
    net_power: Floats
    n: int
    n_interrogators: int
    replications: int
    level: float
    method: str

    @property
    def n_clusters(self) -> int:
        """Number of interrogators."""
        return self.n_interrogators

    @property
    def table(self) -> "pd.DataFrame":
        """One row per cause and time; `mc_error` is the simulation's own error of the power."""
        import pandas as pd

        error = np.sqrt(self.net_power * (1 - self.net_power) / self.replications)
        parts = [
            {
                "cause": k + 1,
                "time": self.times,
                "truth": self.truth[k],
                "estimate": self.estimate[k],
                "width": self.width[k],
                "coverage": self.coverage[k],
                "naive_coverage": self.naive_coverage[k],
                "net_power": self.net_power,
                "mc_error": error,
            }
            for k in (0, 1)
        ]
        return pd.concat([pd.DataFrame(part) for part in parts], ignore_index=True)

    def _repr_html_(self) -> str:
        head = f"<p>{self.n} rooms of {self.n_interrogators} interrogators, level {self.level:g}. "
        return head + f"{self.method}.</p>" + self.table.to_html(index=False)


def power_of_curves(
    design: "Design",
    *,
    times_ms: Sequence[float],
    n_interrogators: int,
    rooms_each: int,
    replications: int = 500,
    seed: int,
    level: float = 0.95,
) -> CurvePlan:
    """Simulate a study many times: width and coverage of its incidence curves, power of F1 - F2.

    Parameters
    ----------
    design : Design
        Machines, people, losses and strategies, as for `simulate`.
    times_ms : sequence of numbers
        Where the curves are read, within the duration of a room.
    n_interrogators, rooms_each : int
    replications : int
    seed : int
    level : float

    Examples
    --------
    >>> import analysis as ta
    >>> size = {"n_interrogators": 20, "rooms_each": 6}
    >>> plan = ta.power_of_curves(
    ...     ta.Design(), times_ms=[300_000], **size, replications=20, seed=1
    ... )
    >>> plan.n, plan.width.shape
    (120, (2, 1))
    """
    from analysis.planning.simulated_times import draw_times
    from analysis.planning.simulation import Truth

    level, n = arrays.level(level), n_interrogators * rooms_each
    times = _times(times_ms, design.duration_s * 1000)
    rng = np.random.default_rng(seed)
    seen = []
    for _ in range(replications):
        rooms = draw_times(design, n_rooms=n, n_interrogators=n_interrogators, rng=rng)
        people = rooms.interrogator
        clustered = cumulative_incidence(rooms.time, rooms.cause, cluster=people, level=level)
        naive = cumulative_incidence(rooms.time, rooms.cause, level=level)
        seen.append(np.concatenate([_read(clustered, times), _read(naive, times)[1:3]]))
    truth = np.array([[Truth(design=design).incidence(t, k) for t in times] for k in (1, 2)])
    value, low, high, net, naive_low, naive_high = np.stack(seen, axis=1)
    return CurvePlan(
        times=times,
        truth=truth,
        estimate=np.nanmean(value, axis=0),
        width=np.nanmedian(high - low, axis=0),
        coverage=np.mean((low <= truth) & (truth <= high), axis=0),
        naive_coverage=np.mean((naive_low <= truth) & (truth <= naive_high), axis=0),
        net_power=np.mean(net[:, 0], axis=0),
        n=n,
        n_interrogators=n_interrogators,
        replications=replications,
        level=level,
        method=_METHOD.format(n=replications),
    )


def _times(times_ms: Sequence[float], duration_ms: int) -> Floats:
    times = np.asarray(times_ms, dtype=np.float64)
    if times.ndim != 1 or not times.size or not ((times > 0) & (times <= duration_ms)).all():
        raise ArgumentError(
            f"`times_ms` must be one or more times above 0, and at most the {duration_ms} ms of a "
            f"room (got {times_ms!r})."
        )
    return times


def _read(curve: CumulativeIncidence, times: Floats) -> Floats:
    """Incidence, its interval, and whether that of the net one excludes 0; each causes by times."""
    place = np.searchsorted(curve.times, times, side="right") - 1
    started, at = place >= 0, np.maximum(place, 0)
    net = curve.net()
    without_0 = np.tile((net.low[at] > 0) | (net.high[at] < 0), (2, 1))
    columns = (curve.incidence[:, at], curve.low[:, at], curve.high[:, at], without_0)
    return np.stack([np.where(started, column, 0.0) for column in columns])
