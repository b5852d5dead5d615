"""What the interrogator has just written: whoever repeats it tells nothing."""

import functools
import itertools
import re
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from arena.backends.base import Speaker, Turn
from arena.witnesses.gate.normalisation import unmarked

#: So many of the newest turns are recent.
RECENT = 24
#: A run of so many words is a quotation anywhere, and where words were given out to be typed.
_QUOTED, _GIVEN = 8, 3
_WORD = re.compile(r"[^\W_]+")
#: Behind the first colons of a line; between marks, the widest stretch.
_COLON, _COLONS = re.compile("[:：]"), 4
_BETWEEN = re.compile(r"[\"«„“](.*)[\"»”“]|[「『](.*)[」』]|`(.*)`|(?<!\w)'(.*)'(?!\w)")
_ASKING, _CLOSING = ("?", "？", "؟"), " \"'»”“`」』)"
_OPENS = re.compile(r"[:\"'«“”„\n`>(\[{]")


def recently_heard(turns: Sequence[Turn]) -> str:
    """The interrogator's messages among the newest turns, below each other."""
    return heard_in(turns[-RECENT:])


def heard_in(turns: Iterable[Turn]) -> str:
    """The interrogator's messages among these turns, below each other."""
    return "\n\n".join(turn.text for turn in turns if turn.speaker == Speaker.INTERROGATOR)


def without_quotations(text: str, heard: str) -> str:
    """A text without what it quotes of words that were heard.

    Long runs are quotations in any case; a few words only if they were given out to be typed: "a
    bot" is no quotation of "are you a bot?" but its answer. Nothing is left of an echo: a reply
    that is a whole line of what was heard, or all that stands there between marks or behind a
    colon, whatever the language.
    """
    said = [(found.start(), found.end()) for found in _WORD.finditer(text)]
    words = tuple(unmarked(text[start:end]) for start, end in said)
    known = _Heard.of(heard)
    if known.is_echoed(words, asks=_is_question(text)):
        return ""
    kept, place, last = [], 0, 0
    while place < len(said):
        n = known.quoted(words, place)
        if n:
            kept.append(text[last : said[place][0]])
            last = said[place + n - 1][1]
        place += max(n, 1)
    return " ".join((*kept, text[last:])) if kept else text


class _Heard:
    """Heard words, by where a quotation of them may begin."""

    def __init__(self, heard: str) -> None:
        found = list(_WORD.finditer(heard))
        ends = [*(match.start() for match in found[1:]), len(heard)][: len(found)]
        self._words = tuple(unmarked(match[0]) for match in found)
        #: What stands between each word and the next one.
        self._after = [heard[m.end() : end] for m, end in zip(found, ends, strict=True)]
        self._given: dict[str, list[int]] = {}
        for start in self._starts():
            self._given.setdefault(self._words[start], []).append(start)
        self._runs = {self._words[n : n + _QUOTED]: n for n in range(len(found) - _QUOTED + 1)}
        #: Whole stretches, by their first word and whether they ask.
        self._whole: dict[tuple[str, bool], set[tuple[str, ...]]] = {}
        for stretch in _stretches(heard):
            whole = tuple(unmarked(word) for word in _WORD.findall(stretch))
            if whole:
                key = (whole[0], _is_question(stretch))
                self._whole.setdefault(key, set()).add(whole)

    @classmethod
    @functools.lru_cache(maxsize=256)
    def of(cls, heard: str) -> "_Heard":
        return cls(heard)

    def is_echoed(self, words: tuple[str, ...], *, asks: bool) -> bool:
        """Whether words are whole stretches of what was heard, and nothing else.

        A question is echoed by a question: anything else answers it.
        """
        place = 0
        while place < len(words):
            known = self._whole.get((words[place], False), set())
            if asks:
                known = known | self._whole.get((words[place], True), set())
            fit = [w for w in known if words[place : place + len(w)] == w]
            if not fit:
                return False
            place += max(map(len, fit))
        return bool(words)

    def quoted(self, words: tuple[str, ...], place: int) -> int:
        """How many words from a place on quote what was heard."""
        longest = 0
        for start in self._given.get(words[place], ()):
            n = self._run(words, place, start)
            is_whole = self._after[start + n - 1].strip() or start + n == len(self._words)
            longest = max(longest, n if n >= _GIVEN or is_whole else 0)
        if (
            longest < _QUOTED
            and (run := self._runs.get(words[place : place + _QUOTED])) is not None
        ):
            longest = self._run(words, place, run)
        return longest

    def _run(self, words: tuple[str, ...], place: int, start: int) -> int:
        """How many words are the same from two places on."""
        n, most = 0, min(len(words) - place, len(self._words) - start)
        while n < most and words[place + n] == self._words[start + n]:
            n += 1
        return n

    def _starts(self) -> Iterator[int]:
        """Where words begin that were given out to be typed: behind a verb, a colon, a break."""
        asks = False
        for n, word in enumerate(self._words):
            before = self._after[n - 1] if n else ""
            if "\n\n" in before:
                asks = False
            follows = n > 0 and self._words[n - 1] in _verbs()
            if follows or (asks and _OPENS.search(before)):
                yield n
            asks = asks or word in _verbs()


def _stretches(heard: str) -> Iterator[str]:
    """Lines, and what stands in them between marks or behind a colon."""
    for line in heard.split("\n"):
        colons = itertools.islice(_COLON.finditer(line), _COLONS)
        behind = [line[found.end() :] for found in colons]
        between = [part for parts in _BETWEEN.findall(line) for part in parts]
        yield from (line, *behind, *between)


def _is_question(text: str) -> bool:
    return text.rstrip(_CLOSING).endswith(_ASKING)


@functools.cache
def _verbs() -> frozenset[str]:
    held = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
    return frozenset(unmarked(word) for words in held.values() for word in words.split())
