"""When a persona first looks at a message, and when it writes without being asked.

The figures are judgements (no source was found for answers in conversations that last months);
a study's own people should replace them. A persona that sleeps or is away looks at nothing.
"""

import datetime as dt
import math
import random

from arena.persona.calendar import Calendar, State

#: A persona that wrote less than this ago is still in the chat and answers within seconds.
SPELL = dt.timedelta(minutes=10)
NOTICE_MEDIAN_MIN, NOTICE_SPREAD = 6.0, 1.3
#: The spread of how soon after waking it looks.
WOKEN_SPREAD = 1.0
#: The range of factors by which it takes longer: when free, and at work.
FREE_FACTOR, WORK_FACTOR = (1.0, 2.0), (2.0, 6.0)
#: The share of messages that are seen and put aside for some hours.
PUT_ASIDE = 0.075
_ASIDE_H = (1.5, 5.0)
_MOST_DRAWS, _MOST_HALVINGS = 1000, 20


def notice_at(
    calendar: Calendar | None,
    *,
    heard_at: dt.datetime,
    last_said_at: dt.datetime | None,
    rng: random.Random,
) -> dt.datetime:
    """Return when the persona looks at a message: `heard_at` itself while it is in the chat.

    Without a calendar it always is. The time to read, think and type comes on top.
    """
    if calendar is None:
        return heard_at
    in_spell = last_said_at is not None and heard_at - last_said_at < SPELL
    if in_spell and calendar.is_awake(heard_at):
        return heard_at
    looks_at = _looks_at(calendar, heard_at, rng)
    if rng.random() < PUT_ASIDE:
        hours = dt.timedelta(hours=rng.uniform(*_ASIDE_H))
        looks_at = _looks_at(calendar, calendar.next_free(looks_at + hours), rng)
    return looks_at


def _looks_at(calendar: Calendar, at: dt.datetime, rng: random.Random) -> dt.datetime:
    """When a persona that may be busy next looks at its messages."""
    at = calendar.next_awake(at)
    factor = WORK_FACTOR if calendar.state(at) == State.AT_WORK else FREE_FACTOR
    minutes = rng.lognormvariate(math.log(NOTICE_MEDIAN_MIN), NOTICE_SPREAD)
    looks_at = at + dt.timedelta(minutes=minutes * rng.uniform(*factor))
    return when_awake(calendar, looks_at, rng=rng)


def when_awake(calendar: Calendar, at: dt.datetime, *, rng: random.Random) -> dt.datetime:
    """Return `at`, or for a persona that sleeps or is away then, a moment soon after that is over.

    Not that very moment: a day away ends at midnight, and nobody writes in the instant of waking.
    """
    if calendar.is_awake(at):
        return at
    woken = calendar.next_awake(at)
    soon_min = rng.lognormvariate(math.log(NOTICE_MEDIAN_MIN), WOKEN_SPREAD)
    for _ in range(_MOST_HALVINGS):
        soon = woken + dt.timedelta(minutes=soon_min)
        if calendar.is_awake(soon):
            return soon
        soon_min /= 2  # it is up for less long than that
    return woken


def writes_first_at(
    calendar: Calendar | None, *, since: dt.datetime, per_day: float, rng: random.Random
) -> dt.datetime | None:
    """Return when the persona next writes unasked: `per_day` times a day on average, when free.

    None for a persona that never does, or is never free.
    """
    if per_day <= 0:
        return None
    share = 1.0 if calendar is None else calendar.free_share
    at = since
    for _ in range(_MOST_DRAWS):
        at += dt.timedelta(days=rng.expovariate(per_day / share))
        if calendar is None or calendar.state(at) == State.FREE:
            return at
    return None
