"""Evidence from the study's randomisation alone: valid for any hazards and any interrogators."""

import numpy as np
from numpy.typing import ArrayLike

from analysis.errors import ArgumentError
from analysis.numerics import arrays
from analysis.numerics.arrays import Floats, Groups, Ints
from analysis.sequential import anytime
from analysis.sequential.anytime import Sequential
from analysis.survival import logrank_scores

#: Sizes of the bets that are averaged, in the largest that can never lose everything.
BETS = (0.05, 0.1, 0.2, 0.4, 0.8)

_METHOD = (
    "Randomisation e-process: bets on the drawn group, by a log-rank score that does not see the "
    "groups; mean over sizes and directions of bets"
)
_NULL = (
    "the group drawn for a{unit} changes nothing at all in any room: exact for any hazard, any "
    "difference between people and any dependence between rooms"
)
_NOT = "groups that were not drawn by the study with the stated probability"
_NOT_ROOM = "; one draw per interrogator, unless `cluster` is given"


def randomisation_e_process(
    time: ArrayLike,
    event: ArrayLike,
    drawn: ArrayLike,
    *,
    probability: float = 0.5,
    cluster: ArrayLike | None = None,
    level: float = 0.95,
) -> Sequential:
    """Test for an effect of a randomised group whenever a room ends: recommended for causal claims.

    Each ended room has a score ``clip(event - H(time), -1, 1)``, where `H` is the Nelson-Aalen
    hazard of all rooms ended so far, groups unseen. A bet on the room's group is made with it.

    Parameters
    ----------
    time : array of n numbers
        Age of each room at its end, in the order in which rooms ended.
    event : array of n booleans or 0 and 1
    drawn : array of n 0 and 1
        The group that the study drew, 1 with `probability`.
    probability : float
    cluster : array of n labels, optional
        The interrogator, if the study drew one group for all their rooms. Each interrogator is
        then one bet, made at the last of their rooms.
    level : float

    Returns
    -------
    Sequential
        One look per room (or per interrogator). `estimate` is the mean score of group 1 less that
        of group 0; there is no interval.

    Examples
    --------
    >>> import analysis as ta
    >>> watched = ta.randomisation_e_process([5, 9, 4, 7], [1, 1, 1, 0], [1, 0, 1, 0])
    >>> [round(float(e), 3) for e in watched.e_value]
    [1.0, 1.0, 1.057, 1.173]
    """
    level, p = arrays.level(level), anytime.probability(probability, "probability")
    given = logrank_scores.rooms(time, event, drawn, start=None)
    clusters = arrays.groups(cluster, name="cluster", n=len(given.time))
    scores, _ = anytime.one_per_cluster(_residuals(given), clusters)
    group = given.group if clusters is None else _one_group(given.group, clusters)
    gain = (group - p) * scores
    looks = np.arange(1, len(scores) + 1)
    return Sequential(
        looks=looks,
        estimate=np.cumsum(gain) / (p * (1 - p)) / looks,
        low=np.full(len(looks), np.nan),
        high=np.full(len(looks), np.nan),
        log_e_value=_log_capital(gain, max(p, 1 - p)),
        measure="difference of scores",
        null_value=0.0,
        n=len(looks),
        level=level,
        method=_METHOD,
        clustering="none" if clusters is None else f"one bet for each of {clusters.count} clusters",
        null=_NULL.format(unit=" room" if clusters is None else "n interrogator"),
        not_for=_NOT + (_NOT_ROOM if clusters is None else ""),
        source="Betting on a randomised assignment, after Shafer and Vovk 2019",
    )


def _residuals(given: logrank_scores.Rooms) -> Floats:
    """Martingale residual of each room when it ended, among the rooms so far; clipped to ±1."""
    n = len(given.time)
    scores = np.zeros(n)
    for k in range(n):
        time, event = given.time[: k + 1], given.event[: k + 1]
        order = np.sort(time)
        met = time[event == 1]
        met = met[met <= time[k]]
        at_risk = k + 1 - np.searchsorted(order, met, side="left")
        scores[k] = event[k] - float(np.sum(1 / at_risk))
    return np.clip(scores, -1, 1)


def _one_group(drawn: Ints, clusters: Groups) -> Ints:
    first = np.zeros(clusters.count, dtype=np.int64)
    first[clusters.index[::-1]] = drawn[::-1]
    bad = np.flatnonzero(first[clusters.index] != drawn)
    if bad.size:
        raise ArgumentError(
            "`drawn` must be the same in all rows of a cluster (changes in "
            f"{arrays.row_list(bad)}); leave `cluster` out if the study drew a group for each room."
        )
    return np.asarray(first[anytime.completion(clusters)], dtype=np.int64)


def _log_capital(gain: Floats, largest: float) -> Floats:
    from scipy import special

    sizes = np.array([sign * size / largest for size in BETS for sign in (1, -1)])
    each = np.cumsum(np.log1p(np.outer(sizes, gain)), axis=1)
    return np.asarray(special.logsumexp(each, axis=0) - np.log(len(sizes)))
