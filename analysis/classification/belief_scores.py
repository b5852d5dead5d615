"""One score per room from all of its reports of belief in the truth.

The reports of a room are one unit, not independent answers.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from numpy.typing import ArrayLike

from analysis.numerics import arrays, columns
from analysis.numerics.arrays import Floats, Ints
from analysis.numerics.clustering import METHOD as METHOD_CLUSTERED
from analysis.numerics.clustering import clustering, some
from analysis.numerics.estimate import Estimate
from analysis.numerics.result import Result
from analysis.outcomes.belief_steps import read_reports, rooms_and_reports, steps

if TYPE_CHECKING:
    import pandas as pd

    from analysis.dataset.study import Study

METHOD = (
    "Brier score of the belief in the truth, averaged over the time of each room and then over "
    "rooms; the last report holds, 0.5 before the first"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class BeliefScore(Result):
    """Time-integrated Brier scores: 0 for certainty of the truth, 0.25 without reports."""

    source: ClassVar[str] = "Brier, Monthly Weather Review 78 (1950) 1-3, averaged over time"
    rooms: tuple[object, ...]
    score: Floats  # NaN for a room without any time
    end: Floats
    n_reports: Ints
    mean: Estimate
    clusters: tuple[object, ...] | None

    @property
    def n_clusters(self) -> int | None:
        """Number of clusters, or None without clustering."""
        return self.mean.n_clusters

    @property
    def n(self) -> int:
        """Rooms with a score."""
        return self.mean.n

    @property
    def level(self) -> float:
        """Confidence level."""
        return self.mean.level

    @property
    def method(self) -> str:
        """How scores and their mean were made."""
        return self.mean.method

    @property
    def table(self) -> "pd.DataFrame":
        """One row per room: room, cluster if there are any, end, n_reports, score."""
        import pandas as pd

        shown: dict[str, object] = {"room": pd.Series(self.rooms, dtype="object")}
        if self.clusters is not None:
            shown["cluster"] = pd.Series(self.clusters, dtype="object")
        shown |= {"end": self.end, "n_reports": self.n_reports, "score": self.score}
        return pd.DataFrame(shown)

    def _repr_html_(self) -> str:
        head = f"<p>Mean {self.mean}. {self.method}.</p>"
        return head + self.table.to_html(index=False, max_rows=12)


def integrated_brier(
    room: ArrayLike,
    at: ArrayLike,
    p_true: ArrayLike,
    *,
    rooms: ArrayLike,
    end: ArrayLike,
    cluster: ArrayLike | None = None,
    level: float = 0.95,
) -> BeliefScore:
    """Score the belief in the truth over the whole time of each room.

    The estimand is the mean over rooms of ``1/T`` times the integral of ``(1 - q(t))²`` from 0 to
    the end ``T``. It rewards being right early. Rooms that end soon count as much as long ones.

    Parameters
    ----------
    room, at, p_true : arrays of m labels, times and probabilities
        One row per report, in any order of rooms; at equal times of a room the later row holds.
    rooms, end : arrays of n labels and times
        One row per room; a room without reports scores 0.25.
    cluster : array of n labels, or table of two such columns, optional
        Who interrogated in each room.
    level : float
        Confidence level of the interval of the mean.

    Returns
    -------
    BeliefScore
        With ``.mean`` and ``.table``.

    Raises
    ------
    ArgumentError
        Reports after the end of their room or of unknown rooms, probabilities outside 0 to 1,
        rooms listed twice; the message names the rows.

    Examples
    --------
    >>> import analysis as ta
    >>> found = ta.integrated_brier(["a", "a"], [10, 30], [0.8, 1.0], rooms=["a", "b"], end=[40, 5])
    >>> [round(float(s), 4) for s in found.score], round(found.mean.value, 4)
    ([0.0825, 0.25], 0.1663)
    """
    level = arrays.level(level)
    last = arrays.times(end, "end").astype(np.float64)
    n = len(last)
    listed = arrays.groups(rooms, name="rooms", n=n)
    clusters = clustering(cluster, name="cluster", n=n)
    names = tuple(np.asarray(rooms).astype(object))
    assert listed is not None
    twice = np.ones(n, dtype=bool)
    twice[np.unique(listed.index, return_index=True)[1]] = False
    arrays.refuse(twice, rooms, name="rooms", expected="a room that is not listed before")
    reports = read_reports(room, at, p_true, names=names)
    late = reports.at > last[reports.place]
    arrays.refuse(late, reports.at, name="at", expected="a time up to the end of its room")
    path = steps(reports, last)
    score = np.bincount(path.place, weights=(1 - path.belief) ** 2 * path.duration, minlength=n)
    timed = last > 0
    score = np.divide(score, last, where=timed, out=np.full(n, np.nan))
    text = METHOD + ("" if clusters is None else f"; {METHOD_CLUSTERED}")
    return BeliefScore(
        rooms=names,
        score=score,
        end=last,
        n_reports=np.bincount(reports.place, minlength=n),
        mean=columns.mean(
            score[timed], some(clusters, timed), level=level, method=text, bounded=True
        ),
        clusters=None if cluster is None else _labels(cluster),
    )


def belief_score(study: "Study", *, clock: str = "wall", level: float = 0.95) -> BeliefScore:
    """Score the belief in the truth over each room of a study that went live.

    Clustered by interrogator. In a two-party study rooms with a human witness count as well: the
    truth is then that the witness is human. On the clock of messages, belief holds from message to
    message.

    Parameters
    ----------
    study : Study
        From `load`.
    clock : {"wall", "active", "messages"}
        What the time of a room is counted in.
    level : float
        Confidence level.

    Examples
    --------
    >>> import tempfile, analysis as ta
    >>> folder = tempfile.mkdtemp()
    >>> truth = ta.simulate(folder, n_rooms=6, n_interrogators=2, seed=1)
    >>> found = ta.belief_score(ta.load(folder))
    >>> bool(0 <= found.mean.value <= 1)
    True
    """
    rooms, reports = rooms_and_reports(study, clock)
    return integrated_brier(
        reports["room"].to_numpy(object),
        reports["time"].to_numpy(np.int64),
        reports["p_true"].to_numpy(np.float64),
        rooms=rooms["room"].to_numpy(object),
        end=rooms["end"].to_numpy(np.int64),
        cluster=rooms["interrogator"].to_numpy(object),
        level=level,
    )


def _labels(cluster: ArrayLike) -> tuple[object, ...]:
    """The label of each row, or both of them."""
    given = np.asarray(cluster).astype(object)
    return tuple(given) if given.ndim == 1 else tuple(tuple(row) for row in given)
