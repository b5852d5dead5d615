"""Belief in the truth as steps: one half from the start of a room, then each report in turn."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from analysis.numerics import arrays, columns
from analysis.numerics.arrays import Floats, Ints

if TYPE_CHECKING:
    import pandas as pd

    from analysis.dataset.study import Study

#: Belief before the first report.
PRIOR_BELIEF = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Reports:
    """Checked reports: the position of each one's room, its time, and the belief."""

    place: Ints
    at: Floats
    belief: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Steps:
    """Belief from each moment on, by room; the first of each room is its start."""

    place: Ints
    at: Floats
    belief: Floats
    duration: Floats  # until the next step, or the end


def steps(reports: Reports, end: Floats) -> Steps:
    """Belief of each room from its start to its `end`."""
    n = len(end)
    where = np.concatenate([np.arange(n), reports.place])
    when = np.concatenate([np.zeros(n), reports.at])
    belief = np.concatenate([np.full(n, PRIOR_BELIEF), reports.belief])
    order = np.lexsort((when, where))  # stable: the start first, then reports as given
    where, when, belief = where[order], when[order], belief[order]
    following = np.append(when[1:], 0.0)[: len(when)]
    last = np.append(where[1:] != where[:-1], True)[: len(where)]
    duration = np.where(last, end[where], following) - when
    return Steps(place=where, at=when, belief=belief, duration=duration)


def read_reports(
    room: ArrayLike, at: ArrayLike, p_true: ArrayLike, *, names: tuple[object, ...]
) -> Reports:
    """Check reports and find the room of each among `names`."""
    when = arrays.times(at, "at").astype(np.float64)
    belief = columns.numbers(p_true, name="p_true", n=len(when), low=0.0, high=1.0)
    given = np.asarray(room).astype(object)
    arrays.refuse_length(given, "room", len(when))
    number = {name: k for k, name in enumerate(names)}
    place = np.array([number.get(name, -1) for name in given], dtype=np.int64)
    arrays.refuse(place < 0, given, name="room", expected="a room that is listed in `rooms`")
    return Reports(place=place, at=when, belief=belief)


def rooms_and_reports(study: "Study", clock: str) -> tuple["pd.DataFrame", "pd.DataFrame"]:
    """Rooms that went live with their `end`, and their reports with `time`, on one clock."""
    from analysis.outcomes.clocks import ActiveTime, Clock, active_cap_ms
    from analysis.outcomes.inclusion import included

    study = included(study)
    on = arrays.choice(Clock, clock, "clock")
    rooms = study.rooms[study.rooms["started_at"].notna()].reset_index(drop=True)
    reports = study.beliefs[study.beliefs["room"].isin(rooms["room"])]
    reports = reports.sort_values(["room", "seq"], ignore_index=True)
    column = "n_messages" if on is Clock.MESSAGES else "elapsed_ms"
    end, time = rooms[column].to_numpy(np.int64), reports[column].to_numpy(np.int64)
    if on is Clock.ACTIVE:
        number = {room: k for k, room in enumerate(rooms["room"])}
        active = ActiveTime(study, list(rooms["room"]), active_cap_ms(study))
        end = active.read(np.arange(len(rooms)), end)
        time = active.read(reports["room"].map(number).to_numpy(np.int64), time)
    return rooms.assign(end=end), reports.assign(time=time)
