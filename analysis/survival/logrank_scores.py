"""The log-rank score of two groups on the age of rooms, recomputed whenever a room ends."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from analysis.numerics import arrays, columns, intervals
from analysis.numerics.arrays import Floats, Groups, Ints


@dataclass(frozen=True, slots=True, kw_only=True)
class Rooms:
    """Checked columns; `at_once` if no opening times were given."""

    time: Floats
    event: Ints
    group: Ints
    start: Floats
    at_once: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Scores:
    """After each room that ended: score, its model variance, and the variance to use."""

    score: Floats
    information: Floats
    variance: Floats


def rooms(time: ArrayLike, event: ArrayLike, group: ArrayLike, *, start: ArrayLike | None) -> Rooms:
    """Check the columns of a comparison of two groups."""
    when = columns.numbers(time, name="time", low=0)
    n = len(when)
    opened = np.zeros(n)
    if start is not None:
        opened = columns.numbers(start, name="start", low=-np.inf)
        arrays.codes(np.zeros(len(opened)), name="start", allowed=(0,), n=n)
    return Rooms(
        time=when,
        event=arrays.codes(event, name="event", allowed=(0, 1), n=n),
        group=arrays.codes(group, name="group", allowed=(0, 1), n=n),
        start=opened,
        at_once=start is None,
    )


def after_each_room(given: Rooms, clusters: Groups | None) -> Scores:
    """The score at every look; with opening times, rooms still open count up to the look."""
    n = len(given.time)
    end = np.arange(n) if given.at_once else given.start + given.time
    order = np.argsort(end, kind="stable")
    columns = np.zeros((3, n))
    for k, last in enumerate(order):
        if given.at_once:
            seen, age, event = order[: k + 1], given.time, given.event
        else:
            seen = np.flatnonzero(given.start < end[last])
            age = np.minimum(given.time, end[last] - given.start)
            event = np.where(end <= end[last], given.event, 0)
        label = None if clusters is None else clusters.index[seen]
        columns[:, k] = _score(age[seen], event[seen], given.group[seen], label=label)
    return Scores(score=columns[0], information=columns[1], variance=columns[2])


def _score(
    age: Floats, event: Ints, group: Ints, *, label: Ints | None
) -> tuple[float, float, float]:
    order = np.argsort(age, kind="stable")
    age, event, group = age[order], event[order], group[order]
    n = len(age)
    first = np.searchsorted(age, age, side="left")
    at_risk = n - first
    ones = np.cumsum(group[::-1])[::-1][first]
    share = ones / at_risk
    tied = np.add.accumulate(event)
    upto = np.searchsorted(age, age, side="right") - 1
    deaths = tied[upto] - np.where(first > 0, tied[np.maximum(first - 1, 0)], 0)
    rest = (at_risk - deaths) / np.maximum(at_risk - 1, 1)
    score = float(event @ (group - share))
    information = float(event @ (share * (1 - share) * rest))
    if label is None:
        return score, information, information
    # Each room's share of the score: its own surprise less what was expected while it was open.
    hazard, expected = np.cumsum(event / at_risk)[upto], np.cumsum(event * share / at_risk)[upto]
    each = event * (group - share) - (group * hazard - expected)
    _, who = np.unique(label[order], return_inverse=True)
    sums = np.bincount(who, weights=each)
    factor = intervals.cluster_factor(len(sums)) if len(sums) > 1 else 1.0
    return score, information, float(sums @ sums) * factor
