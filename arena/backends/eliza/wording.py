"""Splits what was said into sentences of words, and swaps the persons of parts of it."""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from arena.backends.eliza.script import Script

#: What ends a sentence; a full stop or comma inside a number or an address does not.
_ENDS = re.compile(r'[!?;:…()"\n\r。！？，、؟،।]+|[.,]+(?=\s|$)')
_SPLITTING_WORD = "but"
_LONGEST_PHRASE = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """A word as it was written and as it is compared."""

    shown: str
    plain: str


Sentence = tuple[Word, ...]


def sentences(text: str, before: Mapping[str, tuple[str, ...]]) -> tuple[Sentence, ...]:
    """Split a text into sentences of words, spellings made one; without words there are none."""
    found = (_split(list(_words(part, before))) for part in _ENDS.split(_printable(text)))
    return tuple(tuple(words) for parts in found for words in parts if words)


def turned(sentence: Sentence, start: int, end: int, *, script: Script) -> str:
    """Return a part of a sentence as the other side would say it: "your dog" for "my dog"."""
    said, at = [], start
    while at < end:
        phrase = tuple(word.plain for word in sentence[at : min(at + _LONGEST_PHRASE, end)])
        if phrase not in script.after:
            phrase = phrase[:1]
        is_me = phrase == ("you",) and _is_object(sentence, at, end=end, script=script)
        said.append("me" if is_me else script.after.get(phrase, sentence[at].shown))
        at += len(phrase)
    return " ".join(said)


def _is_object(sentence: Sentence, at: int, *, end: int, script: Script) -> bool:
    return at == end - 1 or (at > 0 and sentence[at - 1].plain in script.object_after)


def _words(text: str, before: Mapping[str, tuple[str, ...]]) -> Iterator[Word]:
    for n, written in enumerate(text.replace("\u2019", "'").split()):
        shown = _bare(written)
        plain = shown.lower()
        if plain in before:
            yield from (Word(shown=word, plain=word) for word in before[plain])
        elif plain:
            yield Word(shown=shown if n else plain, plain=plain)


def _split(words: list[Word]) -> Iterator[list[Word]]:
    sentence: list[Word] = []
    for word in words:
        if word.plain == _SPLITTING_WORD:
            yield sentence
            sentence = []
        else:
            sentence.append(word)
    yield sentence


def _printable(text: str) -> str:
    """Return the text with spaces for control, surrogate and unassigned characters."""
    refused = ("Cc", "Cs", "Cn", "Co")
    return "".join(c if c == "\n" or unicodedata.category(c) not in refused else " " for c in text)


def _bare(written: str) -> str:
    """Return a word without the punctuation at its ends."""
    start, end = 0, len(written)
    while start < end and unicodedata.category(written[start]).startswith("P"):
        start += 1
    while end > start and unicodedata.category(written[end - 1]).startswith("P"):
        end -= 1
    return written[start:end]
