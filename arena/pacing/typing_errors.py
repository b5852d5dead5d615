"""Typing errors as people leave them in a chat, and how they put some of them right.

A habit (no capitals, no apostrophes) is one person's; an error is drawn word by word. Nothing is
changed in what quotes the other side, in anything between quotation marks, and in what is not plain
words: addresses, numbers, code.
"""

import itertools
import math
import random
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple, Self

from arena.event_kinds import Slip, SlipKind
from arena.pacing.figures import MEETUP_TYPING
from arena.pacing.key_layouts import Layout, neighbours

__all__ = ["Layout", "TypingSettings", "Typist", "correction", "mistyped", "typist"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TypingSettings:
    """How people type whom a machine is to be like; every share is from 0 to 1.

    `errors` is the share of words left with an error, `corrected` that of the errors put right in a
    message of their own; `lower_case` and `no_apostrophes` are the average shares left out.
    """

    layout: Layout
    errors: float
    corrected: float
    lower_case: float
    no_apostrophes: float

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Self:
        return cls(**{**config, "layout": Layout(config["layout"])})


@dataclass(frozen=True, slots=True, kw_only=True)
class Typist:
    """One imagined person at the keyboard, the same for a whole room."""

    settings: TypingSettings
    errors: float
    lower_case: float
    no_apostrophes: float


def typist(settings: TypingSettings, *, persona_seed: int) -> Typist:
    """Return the imagined person of this seed."""
    rng, of = random.Random(f"typist:{persona_seed}"), MEETUP_TYPING
    # A log-normal with the mean that the settings give.
    spread = rng.lognormvariate(-(of.error_spread**2) / 2, of.error_spread)
    return Typist(
        settings=settings,
        errors=min(settings.errors * spread, 0.5),
        lower_case=_habit(settings.lower_case, of.capital_habit, rng),
        no_apostrophes=_habit(settings.no_apostrophes, of.apostrophe_habit, rng),
    )


def _habit(mean: float, strength: float, rng: random.Random) -> float:
    """A person's share: near 0 or 1 for most, and `mean` among all people."""
    at = rng.random()  # drawn in any case, so that one setting does not change what follows
    if mean in (0.0, 1.0):
        return mean
    return random.Random(at).betavariate(mean * strength, (1 - mean) * strength)


def mistyped(
    text: str, person: Typist, *, rng: random.Random, heard: Sequence[str] = (), message: int = 0
) -> tuple[str, tuple[Slip, ...]]:
    """Return a message as this person would type it, and what was changed.

    `heard` are recent words of the other side: what quotes them is left alone.
    """
    if _CODE.search(text):
        return text, ()
    spared = [*_marked(text), *_quoting(text, heard)]
    slips, pieces, done = [], [], 0
    length = 0
    begins = True
    for found in _TOKEN.finditer(text):
        word = _WORD.fullmatch(found[0])
        is_first, begins = begins, bool(_ENDS.search(found[0]))
        is_free = word is not None and not any(
            a < found.end() and found.start() < b for a, b in spared
        )
        changed = _changed(word[1], person, is_first=is_first, rng=rng) if word and is_free else ()
        if not word or not changed:
            continue
        start, end = found.start() + word.start(1), found.start() + word.end(1)
        pieces += [text[done:start], changed[-1].wrote]
        length += start - done
        slips += [replace(each, at=length, message=message) for each in changed]
        length, done = length + len(changed[-1].wrote), end
    return "".join([*pieces, text[done:]]), tuple(slips)


def correction(slip: Slip, *, rng: random.Random) -> str:
    """The message that puts a word right: "*their", or now and then "their*"."""
    before = rng.random() < MEETUP_TYPING.star_before
    return f"*{slip.meant}" if before else f"{slip.meant}*"


_TOKEN = re.compile(r"\S+")
#: A word of letters, with the marks that prose puts around it and nothing else.
_WORD = re.compile(r"[(\"'¿¡]*([^\W\d_]+(?:'[^\W\d_]+)?)[.,!?;:…)\"']*")
_ENDS = re.compile(r"[.!?…][\"')]*$")
_CODE = re.compile(
    r"```|[{}<>;=|\\][^\n]*[{}<>;=|\\(]|^\s*(?:def|class|function|import|select)\b.*[(:;]",
    re.I | re.M,
)
#: What stands between quotation marks or backticks.
_MARKED = re.compile(r"`[^`]+`|\"[^\"\n]+\"|«[^»\n]+»|„[^“”\n]+[“”]|(?<!\w)'[^'\n]+'(?!\w)")
_LETTERS = re.compile(r"[^\W_]+(?:'[^\W_]+)?")
#: A word of the other side from so many letters on is a quotation by itself; two in a row always.
_RARE = 5


def _marked(text: str) -> Iterator[tuple[int, int]]:
    yield from (found.span() for found in _MARKED.finditer(text))


def _quoting(text: str, heard: Sequence[str]) -> Iterator[tuple[int, int]]:
    """The parts of a text that say again what was heard."""
    said = [[word.lower() for word in _LETTERS.findall(each)] for each in heard]
    known = {word for words in said for word in words}
    pairs = {pair for words in said for pair in itertools.pairwise(words)}
    mine = [(found[0].lower(), *found.span()) for found in _LETTERS.finditer(text)]
    alone = len(mine) == 1
    for word, start, end in mine:
        if word in known and (alone or len(word) >= _RARE):
            yield start, end
    for (one, start, _), (other, _, end) in itertools.pairwise(mine):
        if (one, other) in pairs:
            yield start, end


def _changed(word: str, person: Typist, *, is_first: bool, rng: random.Random) -> tuple[Slip, ...]:
    """What happens to a word, one step after the other; nothing for most."""
    steps: list[Slip] = []
    begins_small = rng.random() < person.lower_case
    loses_mark = rng.random() < person.no_apostrophes
    slips = rng.random() < _chance(word, person.errors)
    if begins_small and (is_first or word.split("'")[0] == "I") and _may_be_small(word):
        steps.append(_slip(SlipKind.CAPITAL, word, word[0].lower() + word[1:]))
    now = steps[-1].wrote if steps else word
    if loses_mark and _CONTRACTION.fullmatch(now) and now.lower() not in _OTHER_WORDS:
        steps.append(_slip(SlipKind.APOSTROPHE, now, now.replace("'", "")))
    now = steps[-1].wrote if steps else word
    if slips and (slip := _mistake(now, person, rng)) is not None:
        steps.append(slip)
    return tuple(steps)


def _slip(kind: SlipKind, meant: str, wrote: str) -> Slip:
    return Slip(message=0, at=0, kind=kind, meant=meant, wrote=wrote)


def _chance(word: str, errors: float) -> float:
    """The chance of an error in a word: each letter is one."""
    return 1 - math.pow(1 - errors, len(word) / MEETUP_TYPING.letters_per_word)


def _may_be_small(word: str) -> bool:
    return word[0].isupper() and (len(word) == 1 or not word.isupper())


#: Contractions of English, and those that are other words without their apostrophe.
_CONTRACTION = re.compile(r"[a-z]+(?:n't|'m|'ve|'s|'re|'d|'ll)", re.IGNORECASE)
_OTHER_WORDS = frozenset(
    {"i'll", "we'll", "he'll", "she'll", "we're", "we'd", "she'd", "he'd", "i'd"}
)
_LEAST_LETTERS = 3


class _Mistake(NamedTuple):
    kind: SlipKind
    wrote: str


def _mistake(word: str, person: Typist, rng: random.Random) -> Slip | None:
    """One mistyped word; None for words in which people make none that one would see."""
    if len(word) < _LEAST_LETTERS or word.isupper():
        return None
    possible = [each for kind in _KINDS for each in _ways(kind, word, person.settings.layout)]
    kinds = list(dict.fromkeys(each.kind for each in possible))
    if not kinds:
        return None
    [kind] = rng.choices(kinds, [MEETUP_TYPING.kinds[each] for each in kinds])
    chosen = rng.choice([each for each in possible if each.kind == kind])
    corrected = rng.random() < person.settings.corrected
    return replace(_slip(kind, word, chosen.wrote), corrected=corrected)


_KINDS = tuple(MEETUP_TYPING.kinds)


def _ways(kind: SlipKind, word: str, layout: Layout) -> Iterator[_Mistake]:
    """Every way of making this error in a word; the first letter is hardly ever wrong."""
    for n in range(1, len(word)):
        before, letter, after = word[:n], word[n], word[n + 1 :]
        near = neighbours(letter.lower(), layout)
        if not near:  # no letter of this keyboard: nobody's finger missed it
            continue
        match kind:
            case SlipKind.OMISSION:
                yield _Mistake(kind, before + after)
            case SlipKind.DOUBLING if word[n - 1] != letter:
                yield _Mistake(kind, before + letter + letter + after)
            case SlipKind.TRANSPOSITION if after[:1].isalpha() and after[0] != letter:
                yield _Mistake(kind, before + after[0] + letter + after[1:])
            case SlipKind.SUBSTITUTION:
                yield from (_Mistake(kind, before + other + after) for other in near)
            case SlipKind.INSERTION:
                yield from (_Mistake(kind, before + letter + other + after) for other in near)
                yield from (_Mistake(kind, before + other + letter + after) for other in near)
