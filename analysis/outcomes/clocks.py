"""Three clocks for one room: live wall time, active time, and the interrogator's messages."""

from collections.abc import Sequence
from enum import StrEnum

import numpy as np
import pandas as pd

from analysis.dataset.study import Study, number
from analysis.numerics.arrays import Ints


class Clock(StrEnum):
    """What a room's time is counted in."""

    WALL = "wall"  # live milliseconds, pauses not counted
    ACTIVE = "active"  # the same, each silence counted up to a cap
    MESSAGES = "messages"  # messages the interrogator has sent


class ActiveTime:
    """Turns live time into active time: each gap between logged acts counts up to `cap_ms`.

    Acts are the messages, reported beliefs and verdicts of the room, from all seats; the room's
    start is the first. Active time at a moment needs only the acts before it.
    """

    def __init__(self, study: Study, rooms: Sequence[str], cap_ms: int) -> None:
        self._cap = cap_ms
        number_of = {room: i for i, room in enumerate(rooms)}
        acts = [
            _acts(frame, number_of) for frame in (study.messages, study.beliefs, study.verdicts)
        ]
        start = np.stack([np.arange(len(rooms)), np.zeros(len(rooms), dtype=np.int64)])
        room, at = np.concatenate([start, *acts], axis=1)
        order = np.lexsort((at, room))
        self._room, self._at = room[order], at[order]
        gap = np.minimum(np.diff(self._at, prepend=0), cap_ms)
        new_room = np.diff(self._room, prepend=-1) != 0
        gap[new_room] = 0
        total = np.cumsum(gap)
        self._active = total - total[new_room][self._room]
        self._span = int(self._at.max(initial=0)) + 1

    def read(self, room: Ints, at: Ints) -> Ints:
        """Active milliseconds of each numbered room at the live time `at`."""
        span = max(self._span, int(at.max(initial=0)) + 1)
        keys = self._room * span + self._at
        last = np.searchsorted(keys, room * span + at, side="right") - 1
        return np.asarray(
            self._active[last] + np.minimum(at - self._at[last], self._cap), dtype=np.int64
        )


def active_cap_ms(study: Study) -> int:
    """The longest silence that counts in full, from the study's rules."""
    return round(number(study.config, "active_gap_cap_s") * 1000)


def _acts(frame: pd.DataFrame, number_of: dict[str, int]) -> Ints:
    room = frame["room"].map(number_of)
    known = room.notna()
    at = frame["elapsed_ms"][known].to_numpy(np.int64)
    return np.stack([room[known].to_numpy(np.int64), at])
