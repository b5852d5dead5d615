"""What the words of a language mean where somebody says what they are: a tag for each phrase.

A language is a file in `lexicons/`, whose keys are the tags; `shared.toml` holds for every one.

    A I am        a I was       I I, we      m me        Y my         u we (bots)
    U you, they   D a, the      d just, really, and what else may stand before a noun
    X what only a machine is ("language model")          J artificial intelligence
    R what a person may be in jest ("bot", "robot")      r the same, only without adjectives
    P names of models           p those that people bear K those who make models
    s machines, plural          j virtual, artificial    h model, assistant, system, after j or K
    H human       N not         n no         y yes       c that       E as (a)     b being (a)
    V made, built               t trained    B by        k engineers  g data       v to assist
    M of a model's own ("training data")     F I have no O what machines lack      f feelings
    W you are talking to        G are you    o my name is             e here, speaking
    l like me     i pretending to be         Q if, maybe T think, say, call        q who, until
    L laughter    S irony       x unlike humans               z would, could     Z user, engineer
    & what are you  1 the former  2 the latter
    C words that may follow a noun            # unmistakable by itself     w any other word
"""

import functools
import itertools
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from arena.witnesses.gate.clauses import LAUGH
from arena.witnesses.gate.normalisation import words

_FOLDER = Path(__file__).parent / "lexicons"
#: Where a phrase has two meanings, the first of these holds.
_ORDER = "#&oxWiAaEbFMlXJRrPpKsjHGNnyVtBkgvOfuYmIUQTqzZDdec12hSLC"
#: A word of so many letters is recognised with one wrong, but for its first and last two.
_LONG = 7
#: A language is plausible if it knows this share of the words that the best one knows.
_PLAUSIBLE = 0.7
_SPELT = "XJRKHhjVtM"
_LAUGHTER = re.compile(
    r"(?:a?(?:ha){2,}h?a?|a?h+a+h+a+h*|(?:ja){2,}j?|j+a+j+a+|(?:he){2,}|(?:hi){2,}|lo+l+(?:o+l+)*z?|lmf?a+o+"
    r"|ro+fl|mdr+|pt?dr+|x+d+|k{4,}|хд|[ах]{4,}|а?(?:ха){2,}х?|а+х+а+х+|(?:хе){2,}|хих[ихе]*|р?жу|лол+|ржу)"
)


@dataclass(frozen=True, slots=True)
class Lexicon:
    """The phrases of one language, by their first word, the longest first; what is misspelt."""

    phrases: Mapping[str, tuple[tuple[tuple[str, ...], str], ...]]
    misspelt: Mapping[str, str]

    def tags(self, said: Sequence[str]) -> str:
        """A letter for each phrase of some words, and punctuation as it is."""
        return "".join(self._tags(said))

    def _tags(self, said: Sequence[str]) -> Iterator[str]:
        place = 0
        while place < len(said):
            word = said[place]
            for phrase, tags in self.phrases.get(word, ()):
                if tuple(said[place : place + len(phrase)]) == phrase:
                    yield tags
                    place += len(phrase)
                    break
            else:
                yield self._tag(word)
                place += 1

    def _tag(self, word: str) -> str:
        if not word[0].isalnum():
            return "L" if word == LAUGH else word
        if laughs(word):
            return "L"
        likely = map(self.misspelt.get, _shortened(word)) if len(word) >= _LONG else ()
        return next(filter(None, likely), "w")


@functools.lru_cache(maxsize=8_192)
def laughs(word: str) -> bool:
    """Whether a word is laughter."""
    return bool(_LAUGHTER.fullmatch(word))


def _shortened(word: str) -> Iterator[str]:
    """A word, and without one of its letters: two words with one wrong have such in common."""
    yield word
    yield from (word[:n] + word[n + 1 :] for n in range(1, len(word) - 2))


@functools.lru_cache(maxsize=2_048)
def tagged(clause: tuple[str, ...]) -> Mapping[str, str]:
    """The tags of a clause in each language that it may be in: those that know most words."""
    tags = {name: lexicon.tags(clause) for name, lexicon in lexicons().items()}
    n_unknown = {name: each.count("w") for name, each in tags.items()}
    n_words = sum(word[0].isalnum() for word in clause)
    most = n_words - min(n_unknown.values())
    return {
        name: each for name, each in tags.items() if n_words - n_unknown[name] >= _PLAUSIBLE * most
    }


@functools.cache
def lexicons() -> Mapping[str, Lexicon]:
    """Every language's lexicon, compiled once."""
    shared = _read(_FOLDER / "shared.toml")
    files = (path for path in sorted(_FOLDER.glob("*.toml")) if path.stem != "shared")
    return {path.stem: _compiled(itertools.chain(shared, _read(path))) for path in files}


def _read(path: Path) -> list[tuple[tuple[str, ...], str]]:
    held = tomllib.loads(path.read_text(encoding="utf-8"))
    return [(words(phrase), tags) for tags, text in held.items() for phrase in text.split(",")]


def _compiled(phrases: Iterable[tuple[tuple[str, ...], str]]) -> Lexicon:
    tags_of: dict[tuple[str, ...], str] = {}
    for phrase, tags in phrases:
        if phrase and _rank(tags) < _rank(tags_of.get(phrase, "")):
            tags_of[phrase] = tags
    by_first: dict[str, list[tuple[tuple[str, ...], str]]] = {}
    for phrase in sorted(tags_of, key=len, reverse=True):
        by_first.setdefault(phrase[0], []).append((phrase, tags_of[phrase]))
    misspelt = {
        shortened: tags
        for phrase, tags in tags_of.items()
        if len(phrase) == 1 and len(phrase[0]) >= _LONG and tags in _SPELT
        for shortened in _shortened(phrase[0])
    }
    return Lexicon({word: tuple(each) for word, each in by_first.items()}, misspelt)


def _rank(tags: str) -> int:
    return _ORDER.index(tags[0]) if tags else len(_ORDER)
