"""Canaries: meaningless words in a prompt, whose appearance in a reply proves a leak."""

import functools
import hashlib
import re

#: So many letters of a canary in a row count as the canary.
CANARY_RUN = 8
_SYLLABLES = [c + v for c in "bdfgkmnprtvz" for v in "aeiou"]


def canary(room_seed: str) -> str:
    """A room's canary: eight syllables. Nothing but the room tells it from any other such word."""
    digest = hashlib.sha256(f"canary:{room_seed}".encode()).digest()
    return "".join(_SYLLABLES[byte % len(_SYLLABLES)] for byte in digest[:8])


@functools.lru_cache(maxsize=4_096)
def canary_runs(word: str) -> tuple[str, ...]:
    """What of a canary counts as the canary, with its vowels or without."""
    forms = (word, re.sub("[aeiou]", "", word))
    return tuple(f[n : n + CANARY_RUN] for f in forms for n in range(len(f) - CANARY_RUN + 1))
