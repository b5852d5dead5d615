"""Short human evasions: what a witness says where no draft of its model may be shown.

The lines are data, a file a language in `evasions/`; what was asked decides among them. They state
no fact, so that none can contradict a persona.
"""

import functools
import itertools
import random
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from arena.backends.base import Conversation, Speaker
from arena.witnesses.gate.normalisation import letters, words

_FOLDER = Path(__file__).parent / "evasions"
#: Said in a language that has no file: understood in any.
_ANYWHERE = (
    "?",
    "??",
    "hm",
    "hm?",
    "hmm",
    "😅",
    "🤔",
    "😂",
    "lol",
    "...?",
    ":)",
    "eh?",
    "🙃",
    "🤷",
    "oh",
)
#: A language is guessed from so many of its common words: of all words at least this share.
_SHARE = 0.2
_ZEROS = itertools.repeat(0.0)
#: So many words, none of which tells, are of another language; and what is in no script of ours.
_DOUBTFUL = 3
_OTHER_SCRIPT = re.compile(r"[^\W\d_a-z\u0400-\u052f\u00c0-\u024f]")
#: So many of the newest turns may decide which language is spoken.
_NEWEST = 12


class Question(StrEnum):
    """What kind of thing was asked, the first that fits."""

    INSTRUCTIONS = "instructions"
    TYPING = "typing"
    ACCUSATION = "accusation"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Language:
    """What a language's file holds."""

    common: frozenset[str]
    signs: Mapping[Question, frozenset[str]]
    openers: tuple[str, ...]
    lines: Mapping[Question, tuple[str, ...]]


def evasion(conversation: Conversation, *, seed: int) -> str:
    """A short human evasion in the language of the talk, of a kind with what was asked.

    Never one that the shown turns hold already; in small letters where the talk is.
    """
    rng = random.Random(f"evasion:{conversation.room_seed}:{seed}")
    limit = conversation.message_chars
    said = {_bare(turn.text) for turn in conversation.turns if turn.speaker == Speaker.ME}
    small = _is_in_small_letters(conversation)
    for line in _candidates(conversation, said, rng):
        text = line.lower() if small else line[:1].upper() + line[1:]
        if len(text) <= limit and _bare(text) not in said:
            return text
    raise AssertionError("There is always one more.")


def _candidates(conversation: Conversation, said: set[str], rng: random.Random) -> Iterator[str]:
    """Lines to choose from, the best first: those whose words are new, then others, then sounds."""
    language = _spoken(conversation)
    if language is not None:
        kind = _asked(conversation, language)
        new = [line for line in language.lines[kind] if not any(_bare(line) in s for s in said)]
        opened = [
            opener + line
            for line in language.lines[kind]
            for opener in language.openers
            if words(line)[:1] != words(opener)
        ]
        for lines in (new, opened):
            yield from rng.sample(lines, len(lines))
    yield from rng.sample(_ANYWHERE, len(_ANYWHERE))
    yield from ("h" + "m" * n for n in itertools.count(3))


def _spoken(conversation: Conversation) -> _Language | None:
    """The language of the talk, by its newest turn that leaves no doubt."""
    newest = conversation.turns[::-1][:_NEWEST]
    for turn in sorted(newest, key=lambda turn: turn.speaker != Speaker.INTERROGATOR):
        said = words(turn.text)
        scores = {name: sum(map(_weights(name).get, said, _ZEROS)) for name in _languages()}
        best = max(scores, key=lambda name: scores[name])
        if scores[best] >= max(1, _SHARE * len(said)):
            return _languages()[best]
        if len(said) >= _DOUBTFUL or _OTHER_SCRIPT.search("".join(said)):
            return None
    return None


@functools.cache
def _weights(name: str) -> Mapping[str, float]:
    """How much each word of a language tells for it: less, the more of them have it."""
    languages = {each: _known(language) for each, language in _languages().items()}
    return {
        word: 1 / sum(word in known for known in languages.values()) for word in languages[name]
    }


def _known(language: _Language) -> frozenset[str]:
    return language.common.union(*language.signs.values())


def _asked(conversation: Conversation, language: _Language) -> Question:
    heard = itertools.takewhile(
        lambda turn: turn.speaker == Speaker.INTERROGATOR, reversed(conversation.turns)
    )
    said = {word for turn in heard for word in words(turn.text)}
    return next(
        (kind for kind, signs in language.signs.items() if not signs.isdisjoint(said)),
        Question.OTHER,
    )


def _is_in_small_letters(conversation: Conversation) -> bool:
    """Whether the machine begins its messages so, or, before its first, the interrogator."""
    for speaker in (Speaker.ME, Speaker.INTERROGATOR):
        texts = (turn.text for turn in conversation.turns if turn.speaker == speaker)
        begins = [text[0] for text in texts if text[:1].isalpha()]
        if begins:
            return sum(first.islower() for first in begins) * 2 >= len(begins)
    return True


def _bare(text: str) -> str:
    """What remains of a line where its case and its marks do not count."""
    return letters(text) or text


@functools.cache
def _languages() -> Mapping[str, _Language]:
    return {path.stem: _read(path) for path in sorted(_FOLDER.glob("*.toml"))}


def _read(path: Path) -> _Language:
    held = tomllib.loads(path.read_text(encoding="utf-8"))
    signs = (Question.INSTRUCTIONS, Question.TYPING, Question.ACCUSATION)
    return _Language(
        common=_set_of(held["common"]),
        signs={kind: _set_of(held[kind]) for kind in signs},
        openers=tuple(held["openers"]),
        lines={kind: tuple(held["lines"][kind]) for kind in Question},
    )


def _set_of(text: str) -> frozenset[str]:
    return frozenset(words(text))
