"""Decomposition: whether a sentence matches a rule's form, and which words each part took.

Every part but the star takes a fixed number of words, so matching needs no backtracking and a
long message cannot make it slow.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

Span = tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class PatternPart:
    """`width` words in a row, out of `words` when these are given."""

    width: int = 1
    words: frozenset[str] | None = None

    def fits(self, sentence: Sequence[str], at: int) -> bool:
        if at + self.width > len(sentence):
            return False
        return self.words is None or sentence[at] in self.words


@dataclass(frozen=True, slots=True, kw_only=True)
class Pattern:
    """Runs of fixed parts with a star between each two of them; a run may be empty."""

    runs: tuple[tuple[PatternPart, ...], ...]

    def match(self, sentence: Sequence[str]) -> tuple[Span, ...] | None:
        """Return the span of every part and star in order, or None without a match."""
        first, *later = self.runs
        if not _fits(first, sentence, 0):
            return None
        spans, end = _spans(first, 0), _width(first)
        for n, run in enumerate(later, start=1):
            at = _place(run, sentence, start=end, last=n == len(later))
            if at is None:
                return None
            spans += [(end, at), *_spans(run, at)]
            end = at + _width(run)
        return tuple(spans) if end == len(sentence) else None


def compile_pattern(text: str, classes: Mapping[str, frozenset[str]]) -> Pattern:
    """Read a pattern such as "* i @belief *"; KeyError names a class that does not exist."""
    runs: list[tuple[PatternPart, ...]] = [()]
    for token in text.split():
        if token == "*":
            runs.append(())
        else:
            runs[-1] += (_part(token, classes),)
    return Pattern(runs=tuple(runs))


def _part(token: str, classes: Mapping[str, frozenset[str]]) -> PatternPart:
    if token.isdigit():
        return PatternPart(width=int(token))
    words = (classes[w[1:]] if w.startswith("@") else frozenset({w}) for w in token.split("|"))
    return PatternPart(words=frozenset[str]().union(*words))


def _place(
    run: tuple[PatternPart, ...], sentence: Sequence[str], *, start: int, last: bool
) -> int | None:
    latest = len(sentence) - _width(run)
    starts = range(latest, latest + 1) if last else range(start, latest + 1)
    return next((at for at in starts if at >= start and _fits(run, sentence, at)), None)


def _fits(run: tuple[PatternPart, ...], sentence: Sequence[str], at: int) -> bool:
    for part in run:
        if not part.fits(sentence, at):
            return False
        at += part.width
    return True


def _spans(run: tuple[PatternPart, ...], at: int) -> list[Span]:
    spans = []
    for part in run:
        spans.append((at, at + part.width))
        at += part.width
    return spans


def _width(run: tuple[PatternPart, ...]) -> int:
    return sum(part.width for part in run)
