"""Stretches of letters that nothing may share, found fast and through childish disguises."""

import functools
import re
from collections.abc import Iterable, Iterator

from arena.witnesses.gate.normalisation import letters

#: Digits and letters that look alike, made the same.
LOOSE = str.maketrans("013457l", "oieasti") | {ord("8"): "b"}


class Runs:
    """Stretches of letters that nothing may share; found without looking at every place."""

    def __init__(self, texts: Iterable[str], length: int) -> None:
        held = tuple(texts)
        self._length, self._half = length, length // 2
        self._whole = frozenset(_stretches(held, length))
        self._parts = frozenset(_stretches(held, self._half)) if self._whole else frozenset()

    def shared(self, reading: str) -> bool:
        """Whether a reading holds one of them."""
        if not self._whole:
            return False
        length, half = self._length, self._half
        # Any stretch covers one of these places from end to end.
        return any(
            reading[n : n + half] in self._parts
            and any(
                reading[first : first + length] in self._whole
                for first in range(max(0, n - length + half), n + 1)
            )
            for n in range(0, len(reading) - half + 1, length - half + 1)
        )


def _stretches(texts: Iterable[str], length: int) -> Iterator[str]:
    return (text[n : n + length] for text in texts for n in range(len(text) - length + 1))


@functools.lru_cache(maxsize=256)
def runs_of(texts: tuple[str, ...], length: int) -> Runs:
    """Stretches of some texts, as they are, and as they are disguised for fun."""
    return Runs((form.translate(LOOSE) for text in texts for form in _forms(text)), length)


def _forms(text: str) -> Iterator[str]:
    words = letters(text).split()
    yield "".join(words)
    yield "".join(map(_pig, words))
    yield "".join(word[1:] + word[:1] + "ay" for word in words)
    yield re.sub("[aeiou]", "", "".join(words))


def _pig(word: str) -> str:
    head = re.match(r"[^aeiou]*", word)
    n = head.end() if head else 0
    return f"{word[n:]}{word[:n]}ay" if n else f"{word}way"
