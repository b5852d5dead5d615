"""When people write without being asked, and when they leave a question waiting; in seconds.

Figures and their source: `MEETUP_INITIATIVE`. One person's draws share that person's habit.
"""

import random

from arena.pacing.figures import MEETUP_INITIATIVE

#: The least silence (s) after which words are a new beginning and not part of a burst, and the
#: longest that the fit knows of.
REOPENS_AFTER_S, REOPENS_WITHIN_S = 15.0, 150.0
#: So often in a row: a third time was seen once in five silences, and never a fourth.
MOST_REOPENINGS = 2


def opens_after_s(*, rng: random.Random) -> float:
    """Return how long a person waits for the other side's first words before writing first."""
    return MEETUP_INITIATIVE.opens_s * rng.lognormvariate(0, MEETUP_INITIATIVE.opens_spread)


def reopens_after_s(*, persona_seed: int, rng: random.Random) -> float | None:
    """Return after what silence of both sides this person writes again; None if never."""
    of = MEETUP_INITIATIVE
    habit = random.Random(f"reopens:{persona_seed}").lognormvariate(0, of.reopens_habit_spread)
    silent_s = REOPENS_AFTER_S + of.reopens_s * habit * rng.lognormvariate(0, of.reopens_spread)
    return silent_s if silent_s <= REOPENS_WITHIN_S else None


def puts_aside_s(*, rng: random.Random) -> float:
    """Return for how long a person leaves a message before thinking about it: mostly 0."""
    of = MEETUP_INITIATIVE
    draw, length = rng.random(), rng.lognormvariate(0, of.aside_spread)
    return of.aside_s * length if draw < of.aside_share else 0.0
