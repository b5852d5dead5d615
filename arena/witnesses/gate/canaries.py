"""Canaries: meaningless words in a prompt, whose appearance in a reply proves a leak."""

import functools
import hashlib
import re

from arena.witnesses.gate.ngrams import SharedNgrams

#: So many letters of a canary in a row count as the canary.
CANARY_RUN = 8
_CONSONANTS, _VOWELS = "bdfgkmnprtvz", "aeiou"
_SYLLABLES = [c + v for c in _CONSONANTS for v in _VOWELS]
_SHAPE = re.compile(rf"(?=((?:[{_CONSONANTS}][{_VOWELS}]){{8}}))")


def canary(room_seed: str) -> str:
    """A room's canary: eight syllables, the last two a checksum of the others, so that the canary
    of any room can be recognised."""
    digest = hashlib.sha256(f"canary:{room_seed}".encode()).digest()
    word = "".join(_SYLLABLES[byte % len(_SYLLABLES)] for byte in digest[:6])
    return word + _checksum(word)


@functools.lru_cache(maxsize=256)
def canary_ngrams(word: str) -> SharedNgrams:
    return SharedNgrams((word, re.sub("[aeiou]", "", word)), CANARY_RUN)


def has_canary(reading: str) -> bool:
    return any(_checksum(word[:12]) == word[12:] for word in _SHAPE.findall(reading))


def _checksum(word: str) -> str:
    digest = hashlib.sha256(f"check:{word}".encode()).digest()
    return "".join(_SYLLABLES[byte % len(_SYLLABLES)] for byte in digest[:2])
