"""Letter n-grams that a reply may not share with a secret, found fast and despite simple codes."""

import functools
import re
from collections.abc import Iterable, Iterator

from arena.witnesses.gate.normalisation import letters

#: Maps digits and letters that look alike to one letter.
LOOSE = str.maketrans("013457l", "oieasti") | {ord("8"): "b"}


class SharedNgrams:
    """The letter n-grams of some texts; finds a shared one without testing every position."""

    def __init__(self, texts: Iterable[str], length: int) -> None:
        texts = tuple(texts)
        self._length, self._half = length, length // 2
        self._all = frozenset(_ngrams(texts, length))
        self._halves = frozenset(_ngrams(texts, self._half)) if self._all else frozenset()

    def shared(self, reading: str) -> bool:
        """Whether a reading contains one of them."""
        if not self._all:
            return False
        length, half = self._length, self._half
        # Any n-gram fully covers one of these half-length windows.
        return any(
            reading[n : n + half] in self._halves
            and any(
                reading[first : first + length] in self._all
                for first in range(max(0, n - length + half), n + 1)
            )
            for n in range(0, len(reading) - half + 1, length - half + 1)
        )


def _ngrams(texts: Iterable[str], length: int) -> Iterator[str]:
    return (text[n : n + length] for text in texts for n in range(len(text) - length + 1))


@functools.lru_cache(maxsize=256)
def ngrams_of(texts: tuple[str, ...], length: int) -> SharedNgrams:
    """The n-grams of some texts, plain, in pig Latin and without vowels."""
    return SharedNgrams((form.translate(LOOSE) for text in texts for form in _forms(text)), length)


def _forms(text: str) -> Iterator[str]:
    words = letters(text).split()
    yield "".join(words)
    yield "".join(map(_pig_latin, words))
    yield "".join(word[1:] + word[:1] + "ay" for word in words)
    yield re.sub("[aeiou]", "", "".join(words))


def _pig_latin(word: str) -> str:
    head = re.match(r"[^aeiou]*", word)
    n = head.end() if head else 0
    return f"{word[n:]}{word[:n]}ay" if n else f"{word}way"
