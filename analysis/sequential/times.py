"""Times to detection of two groups that may be compared while a study runs: log-rank e-values."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from analysis.errors import ArgumentError
from analysis.numerics import arrays
from analysis.numerics.arrays import Floats, Ints
from analysis.sequential import anytime
from analysis.sequential.anytime import Sequential
from analysis.survival import logrank_scores

#: The interval for a hazard ratio lies between 1 / WIDEST and WIDEST.
WIDEST = 50.0

_EXACT = (
    "Exact log-rank e-value, mean of hazard ratios {theta:g} and 1/{theta:g}; ties by Fisher's "
    "noncentral hypergeometric distribution; interval rounded outwards"
)
_EXACT_NULL = (
    "at every event, each room then open was equally likely to be the one: both groups share one "
    "hazard that depends on the calendar alone, for independent rooms"
)
_EXACT_NOT = (
    "hazards that depend on a room's age, interrogators who differ, or groups that go with the "
    "interrogator: use `randomisation_e_process` or `logrank_mixture`"
)
_GAUSS = (
    "Gaussian mixture of the log-rank score on the room's age, rho {rho:g}, {errors} variance; "
    "one-step hazard ratio"
)
_GAUSS_NULL = (
    "the group, drawn by the study for each {unit}, makes no difference to times; any hazard and "
    "any difference between interrogators (for many events, not for a handful)"
)
_GAUSS_NOT_ROOM = "groups that go with the interrogator, unless `cluster` is given"
_GAUSS_NOT = "groups that people chose, or that were decided by what happened later in the room"


def logrank_e_process(
    stop: ArrayLike,
    event: ArrayLike,
    group: ArrayLike,
    *,
    start: ArrayLike | None = None,
    theta: float = 0.7,
    level: float = 0.95,
    points: int = 400,
) -> Sequential:
    """Compare the hazards of two groups after every event, exactly, in calendar time.

    The e-value multiplies ``theta**o1 (y0 + y1) / (y0 + theta y1)`` over the events, with `y1`
    rooms of group 1 and `y0` others open; the mean over `theta` and ``1 / theta`` is given. What
    matters most is the null, which is narrow: see `null` and `not_for`.

    Parameters
    ----------
    stop : array of n numbers
        When each room ended, on one calendar for all.
    event : array of n booleans or 0 and 1
        Whether it ended by the event (else it was censored).
    group : array of n 0 and 1
    start : array of n numbers, optional
        When each room opened; all at 0 by default.
    theta : float
        The hazard ratio of group 1 to look for, fixed in advance; its inverse is looked for too.
    level : float
    points : int
        Of the grid of hazard ratios from 1/50 to 50 that the interval is rounded outwards to.

    Returns
    -------
    Sequential
        One look per distinct time of events; `looks` counts events, `estimate` is the one-step
        hazard ratio of group 1.

    References
    ----------
    ter Schure, Perez-Ortiz, Ly and Grunwald, NEJSDS 2 (2024) 190-214.

    Examples
    --------
    >>> import analysis as ta
    >>> watched = ta.logrank_e_process([1, 2, 3, 4], [1, 1, 1, 1], [1, 0, 1, 0])
    >>> [round(float(e), 3) for e in watched.e_value]
    [1.0, 0.972, 0.982, 0.982]
    """
    level, theta = arrays.level(level), anytime.positive(theta, "theta")
    if theta == 1:
        raise ArgumentError(
            "`theta` must differ from 1 (got 1); give the smallest hazard ratio that matters."
        )
    counts = _event_counts(stop, event, group, start=start)
    side = -abs(float(np.log(theta)))
    log_e = np.logaddexp(counts.log_e(0.0, side), counts.log_e(0.0, -side)) - np.log(2)
    grid = np.linspace(-np.log(WIDEST), np.log(WIDEST), points + 1)
    low, high = anytime.outer_ends(
        lambda h: counts.log_e(h, -side),
        lambda h: counts.log_e(h, side),
        grid=grid,
        limit=float(np.log(2 / (1 - level))),
    )
    score, information = counts.score()
    return Sequential(
        looks=np.cumsum(counts.events),
        estimate=_one_step(score, information),
        low=np.where(low > grid[0], np.exp(low), 0.0),
        high=np.where(high < grid[-1], np.exp(high), np.inf),
        log_e_value=log_e,
        measure="hazard ratio",
        null_value=1.0,
        n=int(counts.events.sum()),
        level=level,
        method=_EXACT.format(theta=np.exp(side)),
        clustering="none",
        null=_EXACT_NULL,
        not_for=_EXACT_NOT,
        source="ter Schure, Perez-Ortiz, Ly and Grunwald 2024",
    )


def logrank_mixture(
    time: ArrayLike,
    event: ArrayLike,
    group: ArrayLike,
    *,
    planned_events: int,
    start: ArrayLike | None = None,
    cluster: ArrayLike | None = None,
    level: float = 0.95,
) -> Sequential:
    """Compare the times of two groups whenever a room ends, on the scale of the room's age.

    With the log-rank score `U` and its variance `V` so far, the e-value is
    ``sqrt(rho / (V + rho)) exp(U**2 / (2 (V + rho)))``.

    Parameters
    ----------
    time : array of n numbers
        Age of each room at its end.
    event : array of n booleans or 0 and 1
    group : array of n 0 and 1
    planned_events : int
        How many events the study was planned for; fixes ``rho = planned_events / 8``, the variance
        expected half-way. Any number fixed in advance is valid.
    start : array of n numbers, optional
        When each room opened, in the unit of `time`: rooms that are still open at a look then
        count up to it. Without it rooms enter in the order of the rows, when they end.
    cluster : array of n labels, optional
        Who decided; needed where the group goes with the interrogator.
    level : float

    Returns
    -------
    Sequential
        One look per room, when it ends. `estimate` is the one-step hazard ratio of group 1, near
        the truth for ratios near 1.

    References
    ----------
    Robbins (1970); Howard, Ramdas, McAuliffe and Sekhon, Annals of Statistics 49 (2021) 1055-1080.

    Examples
    --------
    >>> import analysis as ta
    >>> time, group = [3, 1, 4, 1, 5, 9, 2, 6], [0, 1] * 4
    >>> watched = ta.logrank_mixture(time, [1] * 8, group, planned_events=100)
    >>> round(float(watched.e_value[-1]), 3)
    0.978
    """
    level = arrays.level(level)
    rho = anytime.positive(planned_events, "planned_events") / 8
    given = logrank_scores.rooms(time, event, group, start=start)
    clusters = arrays.groups(cluster, name="cluster", n=len(given.time))
    sums = logrank_scores.after_each_room(given, clusters)
    reach = radius(sums.variance, rho, level) / np.maximum(sums.information, 1e-300)
    known = sums.information > 0
    hazard = np.divide(sums.score, sums.information, where=known, out=np.zeros(len(known)))
    spread = sums.variance + rho
    with np.errstate(over="ignore"):
        low, high = np.exp(hazard - reach), np.exp(hazard + reach)
    return Sequential(
        looks=np.arange(1, len(known) + 1),
        estimate=_one_step(sums.score, sums.information),
        low=np.where(known, low, 0.0),
        high=np.where(known, high, np.inf),
        log_e_value=sums.score**2 / (2 * spread) - np.log(spread / rho) / 2,
        measure="hazard ratio",
        null_value=1.0,
        n=len(known),
        level=level,
        method=_GAUSS.format(rho=rho, errors="model" if clusters is None else "clustered"),
        clustering="none" if clusters is None else f"{clusters.count} clusters",
        null=_GAUSS_NULL.format(unit="room" if clusters is None else "room or interrogator"),
        not_for=f"{_GAUSS_NOT}; {_GAUSS_NOT_ROOM}" if clusters is None else _GAUSS_NOT,
        source="Robbins 1970; Howard and others 2021",
    )


def radius(variance: Floats, rho: float, level: float) -> Floats:
    """How far a sum of this variance may stray, at all looks together, at this level."""
    spread = variance + rho
    return np.asarray(np.sqrt(spread * (np.log(spread / rho) - 2 * np.log(1 - level))))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Counts:
    """Rooms open and events at each distinct time of events, for both groups together and for 1."""

    open: Ints
    open_1: Ints
    events: Ints
    events_1: Ints
    ways: Floats  # times x possible events in group 1: log number of ways

    def log_e(self, null: float, side: float) -> Floats:
        """Log evidence so far for the log hazard ratio ``null + side`` against `null`."""
        return np.cumsum(self.events_1 * side - self._log_sum(null + side) + self._log_sum(null))

    def score(self) -> tuple[Floats, Floats]:
        share = self.open_1 / self.open
        rest = (self.open - self.events) / np.maximum(self.open - 1, 1)
        information = self.events * share * (1 - share) * rest
        return np.cumsum(self.events_1 - self.events * share), np.cumsum(information)

    def _log_sum(self, log_ratio: float) -> Floats:
        from scipy import special

        k = np.arange(self.ways.shape[1])
        return np.asarray(special.logsumexp(self.ways + k * log_ratio, axis=1))


def _event_counts(
    stop: ArrayLike, event: ArrayLike, group: ArrayLike, *, start: ArrayLike | None
) -> _Counts:
    given = logrank_scores.rooms(stop, event, group, start=start)
    late = np.flatnonzero(given.start >= given.time)
    if start is not None and late.size:
        raise ArgumentError(
            f"`stop` must be after `start` (is not in {arrays.row_list(late)}); give each room the "
            "times at which it opened and ended."
        )
    when = np.unique(given.time[given.event == 1])
    both = _counts_at(when, given, np.ones(len(given.time), dtype=bool))
    ones = _counts_at(when, given, given.group == 1)
    return _Counts(
        open=both[0], open_1=ones[0], events=both[1], events_1=ones[1], ways=_ways(both, ones)
    )


def _counts_at(
    when: Floats, given: logrank_scores.Rooms, chosen: np.ndarray[tuple[int], np.dtype[np.bool_]]
) -> tuple[Ints, Ints]:
    stop, start = np.sort(given.time[chosen]), np.sort(given.start[chosen])
    ended = np.searchsorted(stop, when, side="left")
    opened = np.searchsorted(start, when, side="left")
    if given.at_once:
        opened = np.full(len(when), len(stop))
    events = np.sort(given.time[chosen & (given.event == 1)])
    happened = np.searchsorted(events, when, "right") - np.searchsorted(events, when, "left")
    return opened - ended, happened


def _ways(both: tuple[Ints, Ints], ones: tuple[Ints, Ints]) -> Floats:
    """Log of the ways to have k of the events in group 1; minus infinity where there is none."""
    from scipy import special

    y1, y0, d = ones[0][:, None], (both[0] - ones[0])[:, None], both[1][:, None]
    k = np.arange(int(both[1].max(initial=0)) + 1)[None, :]
    possible = (k <= np.minimum(d, y1)) & (d - k <= y0)
    k = np.where(possible, k, 0)
    rest = np.where(possible, d - k, 0)

    def log_choose(n: Ints, r: Ints) -> Floats:
        parts = special.gammaln(n + 1) - special.gammaln(r + 1) - special.gammaln(n - r + 1)
        return np.asarray(parts)

    return np.where(possible, log_choose(y1, k) + log_choose(y0, rest), -np.inf)


def _one_step(score: Floats, information: Floats) -> Floats:
    known = information > 0
    ratio = np.divide(score, information, where=known, out=np.full(len(score), np.nan))
    with np.errstate(over="ignore"):
        return np.asarray(np.exp(ratio))
