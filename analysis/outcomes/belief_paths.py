"""Paths of belief in the truth: as steps to be drawn, or at landmark times."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from analysis.numerics import arrays
from analysis.numerics.arrays import Floats, Ints
from analysis.outcomes.belief_steps import Steps, read_reports, rooms_and_reports, steps

if TYPE_CHECKING:
    import pandas as pd

    from analysis.dataset.study import Study


def belief_trajectories(
    study: "Study", at: ArrayLike | None = None, *, clock: str = "wall"
) -> "pd.DataFrame":
    """Belief in the truth over time, as steps or at landmark times.

    Parameters
    ----------
    study : Study
        From `load`.
    at : array of times, optional
        Landmarks. A room has a row for each up to which it was live, so later landmarks have fewer
        rooms, and these are the harder ones. Without it: a row for the start of each room, for
        each report and for the end, to be drawn as steps.
    clock : {"wall", "active", "messages"}
        What time is counted in.

    Returns
    -------
    DataFrame
        Columns room, interrogator, profile, witness_kind, time, p_true.

    Examples
    --------
    >>> import tempfile, analysis as ta
    >>> folder = tempfile.mkdtemp()
    >>> truth = ta.simulate(folder, n_rooms=6, n_interrogators=2, seed=1)
    >>> set(ta.belief_trajectories(ta.load(folder), at=[0])["p_true"])
    {0.5}
    """
    import pandas as pd

    rooms, reports = rooms_and_reports(study, clock)
    names = tuple(rooms["room"])
    checked = read_reports(
        reports["room"].to_numpy(object), reports["time"], reports["p_true"], names=names
    )
    end = rooms["end"].to_numpy(np.int64)
    path = steps(checked, end.astype(np.float64))
    shown, time, value = (
        _all_steps(path, end)
        if at is None
        else _landmarks(path, end, np.sort(arrays.times(at, "at").astype(np.float64)))
    )
    labels = rooms.iloc[shown].reset_index(drop=True)
    kept = labels[["room", "interrogator", "profile", "witness_kind"]]
    whole = bool((time == np.floor(time)).all())
    return pd.DataFrame(kept).assign(time=time.astype(np.int64) if whole else time, p_true=value)


def _all_steps(path: Steps, end: Ints) -> tuple[Ints, Floats, Floats]:
    """Every step, and once more the last of each room at its end."""
    last = np.append(path.place[1:] != path.place[:-1], True)[: len(path.place)]
    shown = np.concatenate([path.place, path.place[last]])
    time = np.concatenate([path.at, end[path.place[last]].astype(np.float64)])
    value = np.concatenate([path.belief, path.belief[last]])
    order = np.lexsort((time, shown))
    return shown[order], time[order], value[order]


def _landmarks(path: Steps, end: Ints, at: Floats) -> tuple[Ints, Floats, Floats]:
    """For each room the belief at each time up to which it was live."""
    n = len(end)
    place, time = np.repeat(np.arange(n), len(at)), np.tile(at, n)
    live = end[place] >= time
    place, time = place[live], time[live]
    # Whole milliseconds, so that keys stay exact for months.
    span = int(end.max(initial=0)) + 1
    keys = path.place * span + path.at.astype(np.int64)
    wanted = place * span + np.floor(time).astype(np.int64)
    return place, time, path.belief[np.searchsorted(keys, wanted, side="right") - 1]
