"""Cuts rooms where the interrogator's strategy changes, for regression on what was in use when."""

from typing import TYPE_CHECKING

import numpy as np

from analysis.dataset.schema import TagSource
from analysis.numerics.arrays import Ints, choice

if TYPE_CHECKING:
    import pandas as pd

    from analysis.dataset.study import Study
    from analysis.outcomes.clocks import Clock
    from analysis.outcomes.commitment import Rule

#: The strategy before the first message, and of a message that nobody tagged.
NONE = "none"


def strategy_episodes(
    study: "Study",
    clock: str = "wall",
    rule: "Rule | None" = None,
    *,
    witness: str = "machine",
    source: str | None = None,
) -> "pd.DataFrame":
    """Cut every room into rows (start, stop] with one strategy each.

    The strategy in use is that of the interrogator's last message: it holds from the moment the
    message was sent, whenever it was tagged. So no row knows what came after its start. On the
    message clock message `m` fills ``(m - 1, m]``.

    Parameters
    ----------
    study : Study
        From `load`.
    clock : {"wall", "active", "messages"}
    rule : Rule, optional
        When a room counts as decided; the study's own rule by default.
    witness : {"machine", "human"}
        Which rooms of a ``two_party`` study, as in `detections`.
    source : {"interrogator", "coder", "model"}, optional
        Whose tags count; everybody's by default.

    Returns
    -------
    DataFrame
        Columns room, interrogator, profile, start, stop, strategy, event. `event` is the room's
        cause (1 right, 2 wrong, 0 censored) in its last row and 0 before. A message with several
        strategies has them joined by ``+`` in alphabetical order; the 0/1 columns for `cox` are
        ``rows["strategy"].str.get_dummies("+").drop(columns="none")``. A room that was decided or
        lost at time 0 was never at risk and has no row.

    Examples
    --------
    >>> import tempfile, analysis as ta
    >>> folder = tempfile.mkdtemp()
    >>> truth = ta.simulate(folder, n_rooms=3, n_interrogators=2, seed=1)
    >>> list(ta.strategy_episodes(ta.load(folder)).columns)
    ['room', 'interrogator', 'profile', 'start', 'stop', 'strategy', 'event']
    """
    import pandas as pd

    from analysis.outcomes.clocks import Clock
    from analysis.outcomes.detection import detections
    from analysis.outcomes.inclusion import included

    study = included(study)
    if source is not None:
        source = choice(TagSource, source, "source")
    rooms = detections(study, clock, rule, witness=witness)
    sent = _sent(study, rooms, Clock(clock), source=source)
    end = rooms["time"].to_numpy(np.int64)
    # A room begins with no strategy; what is sent at its end or later changes nothing in it.
    number = np.concatenate([np.arange(len(rooms)), sent["number"].to_numpy(np.int64)])
    start = np.concatenate([np.zeros(len(rooms), np.int64), sent["start"].to_numpy(np.int64)])
    strategy = np.concatenate([np.full(len(rooms), NONE, object), sent["strategy"].to_numpy()])
    order = np.argsort(number, kind="stable")
    number, start, strategy = number[order], start[order], strategy[order]
    kept = _lasting(number, start, end)
    number, start, strategy = number[kept], start[kept], strategy[kept]
    kept = _changing(number, strategy)
    number, start, strategy = number[kept], start[kept], strategy[kept]
    last = np.append(number[1:] != number[:-1], np.ones(min(len(number), 1), bool))
    stop = np.where(last, end[number], np.append(start[1:], 0)[: len(start)])
    return pd.DataFrame(
        {
            "room": rooms["room"].to_numpy()[number],
            "interrogator": rooms["interrogator"].to_numpy()[number],
            "profile": rooms["profile"].to_numpy()[number],
            "start": start,
            "stop": stop,
            "strategy": strategy,
            "event": np.where(last, rooms["cause"].to_numpy(np.int64)[number], 0),
        }
    )


def _sent(
    study: "Study", rooms: "pd.DataFrame", clock: "Clock", *, source: str | None
) -> "pd.DataFrame":
    """The interrogators' messages in order: number of the room, start of its row, strategy."""
    from analysis.outcomes.clocks import ActiveTime, Clock, active_cap_ms

    number_of = {room: i for i, room in enumerate(rooms["room"])}
    messages = study.messages
    chosen = (messages["seat"] == "interrogator") & messages["room"].isin(number_of)
    sent = messages[chosen].sort_values(["room", "seq"], kind="stable")
    sent = sent[["room", "event", "elapsed_ms"]].reset_index(drop=True)
    sent["number"] = sent["room"].map(number_of).astype("int64")
    sent["strategy"] = sent["event"].map(_tags(study, source)).astype(object).fillna(NONE)
    if clock is Clock.MESSAGES:
        sent["start"] = sent.groupby("number").cumcount().astype("int64")
    else:
        at = sent["elapsed_ms"].to_numpy(np.int64)
        if clock is Clock.ACTIVE:
            active = ActiveTime(study, list(rooms["room"]), active_cap_ms(study))
            at = active.read(sent["number"].to_numpy(np.int64), at)
        sent["start"] = at
    return sent


def _tags(study: "Study", source: str | None) -> "pd.Series":
    """The strategies of each tagged message, joined in alphabetical order."""
    tags = study.strategies
    if source is not None:
        tags = tags[tags["source"] == source]
    distinct = tags[["message", "strategy"]].drop_duplicates().sort_values(["message", "strategy"])
    return distinct.groupby("message")["strategy"].agg("+".join)


def _lasting(number: Ints, start: Ints, end: Ints) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Rows that last: not replaced at once, and begun before their room's end."""
    following = np.append(start[1:], np.iinfo(np.int64).max)[: len(start)]
    same = np.append(number[1:] == number[:-1], False)[: len(number)]
    replaced = same & (following <= start)
    return (start < end[number]) & ~replaced


def _changing(number: Ints, strategy: object) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Rows whose strategy is not that of the row before in the same room."""
    names = np.asarray(strategy, dtype=object)
    new = np.ones(len(number), dtype=bool)
    new[1:] = (number[1:] != number[:-1]) | (names[1:] != names[:-1])
    return new
