"""Letter n-grams that a reply may not share with a secret, found fast and despite simple codes."""

import functools
import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from arena.witnesses.gate.normalisation import letters

#: Maps digits and letters that look alike to one letter.
LOOSE = str.maketrans("013457l", "oieasti") | {ord("8"): "b"}
WITHOUT_VOWELS = str.maketrans("", "", "aeiou")


class _Ngrams(NamedTuple):
    """The letter n-grams of some texts, and those of half the length."""

    whole: frozenset[str]
    halves: frozenset[str]


class SharedNgrams:
    """Letter n-grams of one length; finds a shared one without testing every position."""

    def __init__(self, length: int, parts: Iterable[_Ngrams]) -> None:
        self._length, self._half = length, length // 2
        self._parts = tuple(part for part in parts if part.whole)

    def shared(self, reading: str, *, known: str) -> bool:
        """Whether a reading contains one of them that is not in what is known anyway."""
        if not self._parts:
            return False
        length, half = self._length, self._half
        # Any n-gram fully covers one of these half-length windows; hardly a reading has one.
        starts = range(0, len(reading) - half + 1, length - half + 1)
        windows = [reading[n : n + half] for n in starts]
        return any(
            (ngram := reading[first : first + length]) in part.whole and ngram not in known
            for part in self._parts
            if not part.halves.isdisjoint(windows)
            for n, window in zip(starts, windows, strict=True)
            if window in part.halves
            for first in range(max(0, n - length + half), n + 1)
        )


def ngrams_of(length: int, *groups: tuple[str, ...]) -> SharedNgrams:
    """The n-grams of some texts, plain, in pig Latin and without vowels.

    Each group is compiled by itself and kept: what all rooms of a machine share, once for them all.
    """
    return SharedNgrams(length, (_compiled(group, length) for group in groups))


@functools.lru_cache(maxsize=512)
def _compiled(texts: tuple[str, ...], length: int) -> _Ngrams:
    forms = tuple(form.translate(LOOSE) for text in texts for form in _forms(text))
    whole = frozenset(_ngrams(forms, length))
    return _Ngrams(whole, frozenset(_ngrams(forms, length // 2)) if whole else frozenset())


def _ngrams(texts: Iterable[str], length: int) -> Iterator[str]:
    return (text[n : n + length] for text in texts for n in range(len(text) - length + 1))


def _forms(text: str) -> Iterator[str]:
    words = letters(text).split()
    yield "".join(words)
    yield "".join(map(_pig_latin, words))
    yield "".join(word[1:] + word[:1] + "ay" for word in words)
    yield "".join(words).translate(WITHOUT_VOWELS)


def _pig_latin(word: str) -> str:
    head = re.match(r"[^aeiou]*", word)
    n = head.end() if head else 0
    return f"{word[n:]}{word[:n]}ay" if n else f"{word}way"
