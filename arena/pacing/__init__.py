"""When a machine's reply is released: seconds from the interrogator's message to the reply.

Pure functions of lengths, a person and a random source. What is drawn here is a wait, not a
sleep: the wait includes the time that the model itself needs.
"""

import random
from enum import StrEnum
from typing import ClassVar

from arena.errors import ArenaError
from arena.pacing.bursts import MAX_PARTS, BurstPart, bursts
from arena.pacing.calibrated import (
    USUAL_CHARS,
    TypingHabits,
    calibrated_s,
    follow_up_s,
    pause_s,
    typing_habits,
    typing_s,
)
from arena.pacing.initiative import (
    MOST_REOPENINGS,
    REOPENS_AFTER_S,
    opens_after_s,
    puts_aside_s,
    reopens_after_s,
)
from arena.pacing.matched import MIN_WAITS, Wait, matched_s
from arena.pacing.published import published_s, published_typing_s
from arena.pacing.typing_errors import (
    Layout,
    TypingSettings,
    Typist,
    correction,
    mistyped,
    typist,
)

__all__ = [
    "MAX_PARTS",
    "MIN_WAITS",
    "MOST_REOPENINGS",
    "REOPENS_AFTER_S",
    "USUAL_CHARS",
    "BurstPart",
    "Layout",
    "PacingRule",
    "PacingUnknown",
    "TypingHabits",
    "TypingSettings",
    "Typist",
    "Wait",
    "bursts",
    "calibrated_s",
    "correction",
    "delay_s",
    "follow_up_s",
    "matched_s",
    "mistyped",
    "opens_after_s",
    "pause_s",
    "published_s",
    "puts_aside_s",
    "reopens_after_s",
    "typed_s",
    "typing_habits",
    "typist",
]


class PacingRule(StrEnum):
    CALIBRATED = "calibrated"
    MATCHED = "matched"
    ROUNDS = "rounds"
    PUBLISHED = "published"
    NONE = "none"


class PacingUnknown(ArenaError):
    code: ClassVar[str] = "pacing.unknown"

    def __init__(self, rule: str) -> None:
        super().__init__(
            f"There is no pacing rule {rule!r}. Expected one of {', '.join(PacingRule)}. "
            "Correct it in the machine profile."
        )


def delay_s(
    rule: str,
    *,
    n_in: int,
    n_out: int,
    first: bool,
    persona_seed: int,
    rng: random.Random,
    waits: tuple[Wait, ...] = (),
    bursts: bool = False,
) -> float:
    """Return the wait before a reply of `n_out` characters to a message of `n_in`.

    `n_out` is the length of what is released first: a burst's first part, which `bursts` marks.
    `first` marks the first reply of a room; `persona_seed` fixes the imagined person; `waits` are
    those of the study's people, for `matched`, which is `calibrated` while there are fewer than
    `MIN_WAITS`.
    """
    if rule in (PacingRule.NONE, PacingRule.ROUNDS):
        return 0.0
    if rule == PacingRule.PUBLISHED:
        return published_s(n_in=n_in, n_out=n_out, rng=rng)
    if rule == PacingRule.MATCHED and len(waits) >= MIN_WAITS:
        return matched_s(
            waits, n_in=n_in, n_out=n_out, first=first, persona_seed=persona_seed, rng=rng,
            bursts=bursts,
        )  # fmt: skip
    if rule in (PacingRule.CALIBRATED, PacingRule.MATCHED):
        person = typing_habits(persona_seed)
        return calibrated_s(person, n_in=n_in, n_out=n_out, first=first, rng=rng, bursts=bursts)
    raise PacingUnknown(rule)


def typed_s(rule: str, *, n_out: int, persona_seed: int, rng: random.Random) -> float:
    """Return how long this person types `n_out` characters: the last part of a wait."""
    if rule in (PacingRule.NONE, PacingRule.ROUNDS):
        return 0.0
    if rule == PacingRule.PUBLISHED:
        return published_typing_s(n_out, rng=rng)
    return typing_s(typing_habits(persona_seed), n_out, rng=rng)
