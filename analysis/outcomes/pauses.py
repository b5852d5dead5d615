"""Where a room was paused first, as far as its tables tell."""

import numpy as np
import pandas as pd

from analysis.dataset.study import Study


def first_pauses(study: Study) -> pd.DataFrame:
    """Up to where each paused room is known not to have been paused yet.

    The tables hold no row for a pause. But each act has its moment and its live time, and these
    part at a pause; so it lies between the last act before that and the first one after. Where
    exactly is not known, and the room counts up to the last act before it, or up to 0.

    Columns room, seq (the first that no longer counts), at_ms (live time up to which it counts).
    """
    rooms = study.rooms[study.rooms["started_at"].notna() & (study.rooms["paused_ms"] > 0)]
    names = ["room", "seq", "at", "elapsed_ms"]
    acts = pd.concat([frame[names] for frame in (study.messages, study.beliefs, study.verdicts)])
    acts = acts[acts["room"].isin(rooms["room"])].sort_values(["room", "seq"])
    started = rooms.set_index("room")["started_at"].reindex(acts["room"])
    since = acts["at"].reset_index(drop=True) - started.reset_index(drop=True)
    since_ms = (since.dt.total_seconds() * 1000).round().to_numpy(np.float64)
    before = acts[since_ms <= acts["elapsed_ms"].to_numpy(np.float64)]
    last = before.drop_duplicates("room", keep="last").set_index("room").reindex(rooms["room"])
    return pd.DataFrame(
        {
            "room": rooms["room"].to_numpy(),
            "seq": last["seq"].fillna(0).to_numpy(np.int64) + 1,
            "at_ms": last["elapsed_ms"].fillna(0).to_numpy(np.int64),
        }
    )
