"""Canaries: meaningless letters in a prompt, whose appearance in a reply proves a leak."""

import functools
import random
import string

from arena.witnesses.gate.ngrams import LOOSE, WITHOUT_VOWELS

#: So many letters of a canary in a row count as the canary.
CANARY_RUN = 8
_LENGTHS = (24, 32)
#: Vowels more often than others: else ciphers that move consonants left no run in one piece.
_LETTERS = string.ascii_lowercase + 2 * "aeiou"


def canary(room_seed: str) -> str:
    """A room's canary: letters drawn with the room's secret, as many as that says.

    Any letters might be one: who has seen this code or another room's canary knows no more of it.
    """
    rng = random.Random(f"canary:{room_seed}")
    return "".join(rng.choices(_LETTERS, k=rng.randint(*_LENGTHS)))


@functools.lru_cache(maxsize=4_096)
def canary_runs(word: str) -> tuple[str, ...]:
    """What of a canary counts as the canary in a loose reading, with its vowels or without."""
    forms = (word.translate(LOOSE), word.translate(WITHOUT_VOWELS).translate(LOOSE))
    return tuple(f[n : n + CANARY_RUN] for f in forms for n in range(len(f) - CANARY_RUN + 1))
