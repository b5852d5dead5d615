"""Simulated rooms that every contender is given, on each clock."""

from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np

#: Clocks with their step in seconds: on the last, many rooms end at one time.
CLOCKS = {"whole seconds": 1.0, "milliseconds": 0.001, "messages": 90.0}

_END_S = 14_400


@dataclass(frozen=True, slots=True, kw_only=True)
class Rooms:
    """Rooms with two causes (0 is censoring), two groups, and interrogators who come back."""

    time: np.ndarray
    cause: np.ndarray
    group: np.ndarray
    X: np.ndarray
    who: np.ndarray
    at: np.ndarray  # times at which results are compared

    def save(self, folder: Path) -> None:
        """Write one file a column, and all of them as text for R."""
        for each in fields(self):
            np.save(folder / f"{each.name}.npy", getattr(self, each.name))
        columns = np.column_stack([self.time, self.cause, self.group, self.X, self.who])
        head = "time,cause,group,x1,x2,x3,who"
        np.savetxt(
            folder / "rooms.csv", columns, delimiter=",", header=head, comments="", fmt="%.17g"
        )
        np.savetxt(folder / "at.txt", self.at, fmt="%d")

    @classmethod
    def load(cls, folder: Path) -> "Rooms":
        """Read what `save` wrote."""
        return cls(**{each.name: np.load(folder / f"{each.name}.npy") for each in fields(cls)})

    def first(self, n: int) -> "Rooms":
        """The first rooms, to warm up with."""
        columns = {each.name: getattr(self, each.name)[:n] for each in fields(self)}
        return Rooms(**columns)


def simulated(n: int, clock: str) -> Rooms:
    """Exponential times up to four hours, rounded up to the clock's step; a third is censored."""
    rng = np.random.default_rng(n)
    X = rng.normal(size=(n, 3))
    group = rng.integers(0, 2, n)
    scale = 3000 * np.exp(-0.2 * group - X @ [0.3, -0.2, 0.1])
    seconds = np.minimum(rng.exponential(scale), _END_S)
    cause = np.where(seconds >= _END_S, 0, rng.choice(3, n, p=[0.3, 0.5, 0.2]))
    steps = np.ceil(seconds / CLOCKS[clock]).astype(np.int64)
    # Live time is kept in milliseconds, however coarse it is.
    time = steps * 1000 if clock == "whole seconds" else steps
    at = np.quantile(time, [0.25, 0.5, 0.75], method="lower")
    return Rooms(time=time, cause=cause, group=group, X=X, who=rng.integers(0, n // 15, n), at=at)
