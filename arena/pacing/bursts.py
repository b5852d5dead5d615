"""A reply cut into the one to five messages in which people send such a turn."""

import math
import random
import re
from dataclasses import dataclass

from arena.pacing.calibrated import follow_up_s
from arena.pacing.figures import KEPT_IN_ONE, MEETUP_BURSTS

#: Two in eight hundred turns of people have more messages.
MAX_PARTS = 5
_LINE = re.compile(r"\s*\n\s*")
#: A mark, closing quotes or brackets, then white space; Chinese and Japanese need none.
_SENTENCE = re.compile(r"(?:[.!?…]+[\"')\]]*\s+|[。！？]+[」』”’)）]*\s*)(?=\S)")
#: After these, a single letter or a number, a full stop does not end a sentence.
_SHORTENED = re.compile(
    r"(?:^|[\s(\"'])(?:mrs?|ms|dr|prof|st|vs|etc|e\.g|i\.e|approx|nr|z\.\s?b|d\.\s?h|bzw|ca|usw"
    r"|[^\W\d_](?:\.[^\W\d_])*|\d+)\.[\"')\]]*\s+$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class BurstPart:
    """One message of a burst, and the time from the one before it; 0 for the first."""

    text: str
    gap_s: float


def bursts(
    text: str, *, rng: random.Random, persona_seed: int | None = None, heard: str = ""
) -> tuple[BurstPart, ...]:
    """Cut a reply where people would press Enter: at line breaks first, then after sentences.

    As often as people, it keeps its line breaks and is one message. No cut goes through words that
    repeat what was `heard`: they come back in one piece, as they were sent. Nothing but white space
    at a cut is lost. How many parts there are follows the length of the whole, as far as it has
    places to cut; the gaps are this person's pauses and typing.
    """
    lines = [end for end in _ends(text, _LINE) if not _is_quoted(text, end, heard)]
    if lines and rng.random() < _chance(KEPT_IN_ONE, len(text)):
        return (BurstPart(text=text, gap_s=0.0),)
    sentences = [end for end in sentence_ends(text) if not _is_quoted(text, end, heard)]
    seed = rng.getrandbits(32) if persona_seed is None else persona_seed
    n_parts = _n_parts(len(text), persona_seed=seed, rng=rng)
    wanted = max(n_parts, min(len(lines) + 1, MAX_PARTS)) - 1
    chosen = _draw(lines, wanted, rng)
    chosen += _draw([end for end in sentences if end not in lines], wanted - len(chosen), rng)
    starts, ends = [0, *sorted(chosen)], [*sorted(chosen), len(text)]
    texts = [text[start:end].strip() for start, end in zip(starts, ends, strict=True)]
    first, *others = texts
    return (
        BurstPart(text=first, gap_s=0.0),
        *(
            BurstPart(text=each, gap_s=follow_up_s(len(each), persona_seed=seed, rng=rng))
            for each in others
        ),
    )


def _n_parts(n_chars: int, *, persona_seed: int, rng: random.Random) -> int:
    """How many messages this person makes of a turn: some people hardly ever make two."""
    habit = random.Random(f"bursts:{persona_seed}").gauss(0, MEETUP_BURSTS.habit_spread)
    if rng.random() >= _chance(MEETUP_BURSTS.two_or_more, n_chars, more=habit):
        return 1
    n, more = 2, habit * MEETUP_BURSTS.habit_in_more
    while n < MAX_PARTS and rng.random() < _chance(MEETUP_BURSTS.another, n_chars, more=more):
        n += 1
    return n


def _chance(line: tuple[float, float], n_chars: int, *, more: float = 0.0) -> float:
    return 1 / (1 + math.exp(-line[0] - line[1] * math.log(max(n_chars, 1)) - more))


def _draw(ends: list[int], n: int, rng: random.Random) -> list[int]:
    return rng.sample(ends, min(n, len(ends)))


def _ends(text: str, mark: re.Pattern[str]) -> list[int]:
    """Where the text can be cut behind a mark: never at its beginning or end."""
    return [
        found.end()
        for found in mark.finditer(text)
        if text[: found.start()].strip() and text[found.end() :].strip()
    ]


def _is_quoted(text: str, end: int, heard: str) -> bool:
    """Whether what stands around a cut, a word on each side, was heard just so."""
    before, after = text[:end].rstrip(), text[end:]
    word = before.split()[-1]
    return text[len(before) - len(word) : end] + after.split(maxsplit=1)[0] in heard


def sentence_ends(text: str) -> list[int]:
    """After which characters a sentence of the text is over, its last one left out."""
    return [end for end in _ends(text, _SENTENCE) if not _SHORTENED.search(text[:end])]
