"""Until when a witness listens to more lines before it answers, and when it began to think. Pure.

Whoever is written to line by line waits for the last of them. Whoever is written to without an end
does not: after some seconds a person has begun to answer the first line and lets the others come.
"""

import datetime as dt
import random
from collections.abc import Sequence

from arena import pacing
from arena.backends import Speaker
from arena.witnesses.memory.context import PaneMessage

#: How much silence (s) a witness waits for, and for how long it listens at most from the first of
#: some lines that follow close.
LISTENS_S = (2.0, 4.0)
#: The pacings that wait as people do: whoever is about to answer in a second does not listen for
#: longer than half of that.
AS_PEOPLE = frozenset({pacing.PacingRule.CALIBRATED, pacing.PacingRule.MATCHED})
#: Lines no further apart than this follow close.
CLOSE = dt.timedelta(seconds=4)


def unanswered(lines: Sequence[PaneMessage], *, answered: int) -> list[dt.datetime]:
    """When the lines of the interrogator after `answered` came, oldest first."""
    newest: list[dt.datetime] = []
    for line in reversed(lines):
        if line.seq <= answered:
            break
        if line.turn.speaker == Speaker.INTERROGATOR:
            newest.append(line.turn.at)
    return newest[::-1]


def listens_until(came_at: Sequence[dt.datetime], *, rule: str, seed: str) -> dt.datetime:
    """The end of listening to unanswered lines, of which there is at least one.

    `rule` is the witness's pacing, `seed` the hexadecimal one of its seat.
    """
    first = _first(came_at)
    rng = random.Random(f"listens:{seed}:{first.timestamp()}")
    at_most_s = rng.uniform(*LISTENS_S)
    if rule in AS_PEOPLE:
        wait_s = pacing.delay_s(
            pacing.PacingRule.CALIBRATED,
            n_in=pacing.USUAL_CHARS,
            n_out=pacing.USUAL_CHARS,
            first=False,
            persona_seed=int(seed[:8], 16),
            rng=rng,
        )
        at_most_s = min(at_most_s, wait_s / 2)
    return first + dt.timedelta(seconds=at_most_s)


def heard_at(
    came_at: Sequence[dt.datetime], *, last_said_at: dt.datetime | None, rule: str, seed: str
) -> dt.datetime:
    """When a witness could begin to think about unanswered lines.

    With the last, or with the first if it would not listen for so long; but one who was writing
    then begins when that is sent.
    """
    endless = came_at[-1] > listens_until(came_at, rule=rule, seed=seed)
    begins = _first(came_at) if endless else came_at[-1]
    return begins if last_said_at is None else max(begins, last_said_at)


def _first(came_at: Sequence[dt.datetime]) -> dt.datetime:
    """The first of the last lines that follow close upon each other."""
    first = came_at[-1]
    for at in reversed(came_at):
        if first - at > CLOSE:
            break
        first = at
    return first
