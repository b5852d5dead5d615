"""When a machine's reply is released: seconds from the interrogator's message to the reply.

Pure functions of lengths, a person and a random source. What is drawn here is a wait, not a
sleep: the wait includes the time that the model itself needs.
"""

import math
import random
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from arena.errors import ArenaError

#: Share of replies that a person was already writing when the message came: under interrogation
#: people mostly read first. Free chat between strangers is nearer to 0.67.
OVERLAP = 0.25

_MEAN_WPM, _SPREAD_WPM = 64.0, 0.21
_SLOWEST_WPM, _FASTEST_WPM = 12.0, 120.0
_CHARS_PER_WORD_TYPED = 5.0
_CHARS_PER_WORD_READ = 6.0
_READING_WPM = 238.0
_READ_WITH_CARE_FROM_CHARS = 200
_FASTEST_TYPING_CPS = 12.0
_SHORTEST_THOUGHT_S, _LONGEST_THOUGHT_S = 0.4, 120.0


class Rule(StrEnum):
    CALIBRATED = "calibrated"
    MATCHED = "matched"
    ROUNDS = "rounds"
    PUBLISHED = "published"
    NONE = "none"


class PacingUnknown(ArenaError):
    code: ClassVar[str] = "pacing.unknown"

    def __init__(self, rule: str) -> None:
        super().__init__(
            f"There is no pacing rule {rule!r}. Expected one of {', '.join(Rule)}. "
            "Correct it in the machine profile."
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Writer:
    """The habits of one imagined person, the same in all of a room."""

    chars_per_s: float
    mood: float


def delay_s(
    rule: str, *, n_in: int, n_out: int, first: bool, persona_seed: int, rng: random.Random
) -> float:
    """Return the wait before a reply of `n_out` characters to a message of `n_in`.

    `first` marks the first reply of a room; `persona_seed` fixes the imagined person.
    """
    if rule in (Rule.NONE, Rule.ROUNDS):
        return 0.0
    if rule == Rule.PUBLISHED:
        return published_s(n_in=n_in, n_out=n_out, rng=rng)
    if rule in (Rule.CALIBRATED, Rule.MATCHED):
        person = writer(persona_seed)
        return calibrated_s(person, n_in=n_in, n_out=n_out, first=first, rng=rng)
    raise PacingUnknown(rule)


def published_s(*, n_in: int, n_out: int, rng: random.Random) -> float:
    """Return the wait of Jones and Bergen (2024), arXiv 2405.08007.

    1 + N(0.3, 0.03) n_out + N(0.03, 0.003) n_in + Gamma(2.5, 0.25) seconds: a least wait, typing,
    reading, thinking. The paper does not name the gamma's parameters; here they are shape 2.5 and
    scale 0.25 s (mean 0.625 s), since a rate of 0.25 would make every thought 10 s long. A reply
    of 30 characters to 30 takes 11.5 s on average, 5-95 %: 9.9-13.2 s. It varies far less than
    people do: for replicating that study, not for hiding a machine by its timing.
    """
    typing = rng.gauss(0.3, 0.03) * n_out
    reading = rng.gauss(0.03, 0.003) * n_in
    return max(1.0, 1.0 + typing + reading + rng.gammavariate(2.5, 0.25))


def writer(persona_seed: int) -> Writer:
    """Return the imagined person of this seed: typing speed and mood."""
    rng = random.Random(persona_seed)
    wpm = rng.lognormvariate(math.log(_MEAN_WPM), _SPREAD_WPM)
    wpm = min(max(wpm, _SLOWEST_WPM), _FASTEST_WPM)
    return Writer(chars_per_s=wpm * _CHARS_PER_WORD_TYPED / 60, mood=rng.gauss(0, 0.14))


def calibrated_s(
    person: Writer,
    *,
    n_in: int,
    n_out: int,
    first: bool,
    rng: random.Random,
    overlap: float = OVERLAP,
) -> float:
    """Return a wait from a mixture fitted to people, for studies without waits of their own yet.

    Thinking is log-normal around 3.3 s (spread 1.05 in logarithms); typing is n_out at the
    person's speed (log-normal around 64 words a minute, spread 0.21, between people), of which a
    share `overlap` of replies shows only up to 35 %, because it was under way before; a message
    beyond 200 characters adds half its reading time at 238 words a minute (Brysbaert 2019); the
    first reply of a room adds a log-normal 4 s.

    Source: 2,626 replies between 387 pairs of people in the MeetUp dialogues (2018, free chat in
    a cooperative game, clock of 1 s). A classifier of waits told it from those people in 57 +/- 5 %
    of pairs, and the published rule in 99 %. With `overlap` 0.67 a reply of 20 characters takes
    1.8 / 5.4 / 15 s (10th, 50th, 90th percentile); with 0.2 one of 60 takes 5.6 / 14 / 26 s.
    `OVERLAP` and the first reply's extra are judgements, not fits: replace the rule once a study
    has waits of its own witnesses.
    """
    wait = _thinking_s(person, rng) + _typing_s(person, n_out, rng=rng, overlap=overlap)
    wait += _reading_s(n_in)
    return wait + (rng.lognormvariate(math.log(4), 0.6) if first else 0.0)


def _thinking_s(person: Writer, rng: random.Random) -> float:
    thought = math.exp(math.log(3.3) + person.mood + rng.gauss(0, 1.05))
    return min(max(thought, _SHORTEST_THOUGHT_S), _LONGEST_THOUGHT_S)


def _typing_s(person: Writer, n_out: int, *, rng: random.Random, overlap: float) -> float:
    typing = n_out / person.chars_per_s * rng.lognormvariate(0, 0.25)
    if rng.random() < overlap:
        return typing * rng.uniform(0, 0.35)
    return max(typing, n_out / _FASTEST_TYPING_CPS)


def _reading_s(n_in: int) -> float:
    if n_in <= _READ_WITH_CARE_FROM_CHARS:
        return 0.0
    return n_in / _CHARS_PER_WORD_READ / (_READING_WPM / 60) * 0.5
