"""Waits of people and of imagined people, side by side: percentiles by the reply's length."""

import random

import numpy as np
import pandas as pd

from arena.pacing import calibrated_s, typing_habits

LENGTHS = ("1-9", "10-24", "25-49", "50 and more")
_ENDS = (0, 9, 24, 49, 9999)
#: So many imagined people in the place of each.
_N_IMAGINED = 20


def quantiles(rows: pd.DataFrame, *, model: bool) -> dict[str, tuple[float, float, float]]:
    """10th, 50th and 90th percentile (s) of the waits before replies, on a clock of 1 s."""
    replies = rows[rows.reply & rows.chatting]
    if model:
        replies = pd.concat([replies] * _N_IMAGINED, ignore_index=True)
    waits = _imagined(replies) if model else replies.latency_s.to_numpy(float)
    length = np.searchsorted(_ENDS, replies.n_chars_out.to_numpy()) - 1
    found = {}
    for n, name in enumerate(LENGTHS):
        low, middle, high = np.quantile(waits[length == n], (0.1, 0.5, 0.9))
        found[name] = (float(low), float(middle), float(high))
    return found


def _imagined(replies: pd.DataFrame) -> np.ndarray:
    rng = random.Random(1)
    columns = zip(
        replies.n_chars_in, replies.n_chars_out, replies["first"], replies.bursts, strict=True
    )
    waits = [
        calibrated_s(
            typing_habits(rng.getrandbits(32)),
            n_in=int(n_in),
            n_out=int(n_out),
            first=bool(first),
            rng=rng,
            bursts=bool(several),
        )
        for n_in, n_out, first, several in columns
    ]
    return np.array([int(wait + rng.random()) for wait in waits], float)
