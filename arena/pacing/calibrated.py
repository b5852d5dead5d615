"""Waits fitted to people, for studies without waits of their own yet.

Either a reply was under way when the message came, and what is left of its typing and a finish
remain; or the message is read, thought about and answered. One person has one mood and one speed.
"""

import math
import random
from dataclasses import dataclass

from arena.pacing.figures import MEETUP

#: Nobody who is in a chat thinks longer: beyond it the fit says nothing.
LONGEST_THOUGHT_S = 120.0
#: A message as long as most (MeetUp's median).
USUAL_CHARS = 19
_SLOWEST_CHARS_PER_S, _FASTEST_CHARS_PER_S = 1.0, 15.0


@dataclass(frozen=True, slots=True, kw_only=True)
class TypingHabits:
    """The typing speed and mood of one imagined person, constant within a room."""

    chars_per_s: float
    mood: float


def typing_habits(persona_seed: int) -> TypingHabits:
    """Return the imagined person of this seed: typing speed and mood."""
    rng = random.Random(persona_seed)
    speed = MEETUP.chars_per_s * rng.lognormvariate(0, MEETUP.speed_spread)
    return TypingHabits(
        chars_per_s=min(max(speed, _SLOWEST_CHARS_PER_S), _FASTEST_CHARS_PER_S),
        mood=rng.lognormvariate(0, MEETUP.mood_spread),
    )


def calibrated_s(
    person: TypingHabits, *, n_in: int, n_out: int, first: bool, rng: random.Random,
    bursts: bool = False,
) -> float:  # fmt: skip
    """Return the wait before this person's reply of `n_out` characters to a message of `n_in`.

    `first` marks a room's first reply, `bursts` one that other messages follow at once.
    """
    typing = typing_s(person, n_out, rng=rng)
    under_way = _writes_ahead(person, bursts=bursts) * (
        1 - math.exp(-n_out / MEETUP.under_way_chars)
    )
    if rng.random() < under_way:
        finish = _thought_s(person.mood, MEETUP.finish_s, spread=MEETUP.finish_spread, rng=rng)
        return typing * rng.random() + finish
    thought_s = MEETUP.thought_s * (MEETUP.first_thought if first else 1.0)
    thought_s *= MEETUP.burst_thought if bursts else 1.0
    thought = _thought_s(person.mood, thought_s, spread=MEETUP.thought_spread, rng=rng)
    return n_in * MEETUP.reading_s_per_char + thought + typing


def follow_up_s(n_out: int, *, persona_seed: int, rng: random.Random) -> float:
    """Return the gap before another `n_out` characters of the same person's burst."""
    person = typing_habits(persona_seed)
    return pause_s(person, n_out, rng=rng) + typing_s(person, n_out, rng=rng)


def pause_s(person: TypingHabits, n_out: int, *, rng: random.Random) -> float:
    """Return how long this person pauses before typing another `n_out` characters, at least 1."""
    mood = person.mood**MEETUP.mood_in_pauses
    median_s = MEETUP.pause_s * (n_out / USUAL_CHARS) ** MEETUP.pause_by_length
    return _thought_s(mood, median_s, spread=MEETUP.pause_spread, rng=rng)


def typing_s(person: TypingHabits, n_out: int, *, rng: random.Random) -> float:
    return n_out / person.chars_per_s * rng.lognormvariate(0, MEETUP.typing_spread)


def _writes_ahead(person: TypingHabits, *, bursts: bool) -> float:
    """How likely a long reply of theirs is under way already: less so for those who are slow."""
    slower = MEETUP.under_way_by_mood * math.log(person.mood) / MEETUP.mood_spread
    slower -= MEETUP.under_way_in_bursts if bursts else 0.0
    return 1 / (1 + (1 / MEETUP.under_way - 1) * math.exp(slower))


def _thought_s(mood: float, median_s: float, *, spread: float, rng: random.Random) -> float:
    return min(median_s * mood * rng.lognormvariate(0, spread), LONGEST_THOUGHT_S)
