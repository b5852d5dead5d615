"""Canaries: meaningless words in a prompt, whose appearance in a reply proves a leak."""

import functools
import hashlib
import re
import string

#: So many letters of a canary in a row count as the canary.
CANARY_RUN = 8
_CONSONANTS, _VOWELS = "bdfgkmnprtvz", "aeiou"
_SYLLABLES = [c + v for c in _CONSONANTS for v in _VOWELS]
_SHAPE = re.compile(rf"(?=((?:[{_CONSONANTS}][{_VOWELS}]){{8}}))")
#: Letters by what they are: looking for a canary's sounds costs a hundredth of matching its shape.
_SOUNDS = dict.fromkeys(map(ord, string.ascii_lowercase), "-")
_SOUNDS |= dict.fromkeys(map(ord, _CONSONANTS), "k") | dict.fromkeys(map(ord, _VOWELS), "a")


def canary(room_seed: str) -> str:
    """A room's canary: eight syllables, the last two a checksum of the others, so that the canary
    of any room can be recognised."""
    digest = hashlib.sha256(f"canary:{room_seed}".encode()).digest()
    word = "".join(_SYLLABLES[byte % len(_SYLLABLES)] for byte in digest[:6])
    return word + _checksum(word)


@functools.lru_cache(maxsize=4_096)
def canary_runs(word: str) -> tuple[str, ...]:
    """What of a canary counts as the canary, with its vowels or without."""
    forms = (word, re.sub("[aeiou]", "", word))
    return tuple(f[n : n + CANARY_RUN] for f in forms for n in range(len(f) - CANARY_RUN + 1))


def has_canary(reading: str) -> bool:
    if "ka" * 8 not in reading.translate(_SOUNDS):
        return False
    return any(_checksum(word[:12]) == word[12:] for word in _SHAPE.findall(reading))


def _checksum(word: str) -> str:
    digest = hashlib.sha256(f"check:{word}".encode()).digest()
    return "".join(_SYLLABLES[byte % len(_SYLLABLES)] for byte in digest[:2])
