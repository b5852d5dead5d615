"""Canaries: words that mean nothing, given to a machine only to see whether they come out again."""

import functools
import hashlib
import re

from arena.witnesses.gate.ngrams import Runs

#: How many letters of one in a row are one.
CANARY_RUN = 8
_CONSONANTS, _VOWELS = "bdfgkmnprtvz", "aeiou"
_SYLLABLES = [c + v for c in _CONSONANTS for v in _VOWELS]
_SHAPE = re.compile(rf"(?=((?:[{_CONSONANTS}][{_VOWELS}]){{8}}))")


def canary(room_seed: str) -> str:
    """A room's canary: eight syllables, the last two a check of the others, so that one of any
    room is known by its shape."""
    digest = hashlib.sha256(f"canary:{room_seed}".encode()).digest()
    word = "".join(_SYLLABLES[byte % len(_SYLLABLES)] for byte in digest[:6])
    return word + _check(word)


@functools.lru_cache(maxsize=256)
def canary_runs(word: str) -> Runs:
    return Runs((word, re.sub("[aeiou]", "", word)), CANARY_RUN)


def has_canary(reading: str) -> bool:
    return any(_check(word[:12]) == word[12:] for word in _SHAPE.findall(reading))


def _check(word: str) -> str:
    digest = hashlib.sha256(f"check:{word}".encode()).digest()
    return "".join(_SYLLABLES[byte % len(_SYLLABLES)] for byte in digest[:2])
