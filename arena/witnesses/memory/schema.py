"""The only way into memory: answers of the extractor, checked against the talk word by word.

An answer of the wrong shape is refused whole. Each part of a valid answer must be grounded: a claim
is one or more whole sentences of the machine's own message that it names, a point a passage of the
message it names. An ungrounded part is dropped and counted; the others stay.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from arena.backends.base import Speaker
from arena.backends.failure import BackendError, ErrorKind, Spent
from arena.event_kinds import Claim, Subject, SummaryPoint
from arena.witnesses.memory.claims import Memory, current
from arena.witnesses.memory.context import PaneMessage

MAX_CLAIMS, MAX_POINTS = 60, 200
QUOTE_CHARS = 300
_SENTENCE = re.compile(r"(?<=[.!?…。！？])\s+|\s*\n\s*")
_FENCED = re.compile(r"\s*```\w*\s*(\{.*\})\s*```\s*", re.DOTALL)

T = TypeVar("T", bound=BaseModel)

_Ref = Annotated[str, Field(pattern=r"^m[1-9]\d{0,5}$")]
_Quote = Annotated[str, Field(min_length=1, max_length=QUOTE_CHARS)]


class _Strict(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class FoundClaim(_Strict):
    message: _Ref
    subject: Subject
    quote: _Quote
    lasting: bool
    replaces: int | None


class FoundClaims(_Strict):
    claims: Annotated[list[FoundClaim], Field(max_length=MAX_CLAIMS)]


class FoundPoint(_Strict):
    message: _Ref
    quote: _Quote


class KeptPoint(_Strict):
    point: Annotated[int, Field(ge=1)]


class FoundPoints(_Strict):
    points: Annotated[list[FoundPoint | KeptPoint], Field(max_length=MAX_POINTS)]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtractedClaims:
    """What an answer adds to the claims, and how many parts of it were refused."""

    claims: tuple[Claim, ...]
    n_refused: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtractedPoints:
    """What an answer makes of a summary, and how many parts of it were refused."""

    points: tuple[SummaryPoint, ...]
    n_refused: int


def read_claims(
    text: str, own: Sequence[PaneMessage], *, memory: Memory, spent: Spent
) -> ExtractedClaims:
    """Return the new claims in an extractor's answer about the machine's own messages."""
    answer = _parsed(text, FoundClaims, spent)
    named = _named(own)
    held = list(memory.claims)
    n_refused = 0
    for found in answer.claims:
        source = named.get(found.message)
        if source is None or not _is_grounded(found, source):
            n_refused += 1
            continue
        add(
            held,
            source,
            subject=found.subject,
            claim=found.quote,
            lasting=found.lasting,
            replaces=found.replaces,
        )
    return ExtractedClaims(claims=tuple(held[len(memory.claims) :]), n_refused=n_refused)


def add(
    held: list[Claim],
    source: PaneMessage,
    *,
    subject: Subject,
    claim: str,
    lasting: bool,
    replaces: int | None = None,
) -> None:
    """Add a claim, unless it repeats one that is current."""
    current_ones = [each for each in current(held) if each.subject == subject]
    words = " ".join(claim.split())
    if any(each.claim.casefold() == words.casefold() for each in current_ones):
        return
    held.append(
        Claim(
            id=len(held) + 1,
            subject=subject,
            claim=words,
            said_at=source.turn.at,
            seq=source.seq,
            refs=(source.ref,),
            lasting=lasting,
            supersedes=replaces if replaces in {each.id for each in current_ones} else None,
        )
    )


def read_points(
    text: str,
    part: Sequence[PaneMessage],
    *,
    former: Sequence[SummaryPoint],
    chars: int,
    spent: Spent,
) -> ExtractedPoints:
    """Return the points of a new summary: the best of an answer, then the former points.

    The answer names passages of `part` and points of `former`, the most important first. As many
    are kept as fit in `chars` characters; new ones take at most a third of that.
    """
    answer = _parsed(text, FoundPoints, spent)
    named = _named(part)
    chosen: list[SummaryPoint] = []
    n_refused, new_left = 0, chars // 3
    for found in answer.points:
        point = _point(found, named, former)
        if point is None:
            n_refused += 1
        elif point in former or (new_left := new_left - len(point.text)) >= 0:
            chosen.append(point)
    wanted = dict.fromkeys((*chosen, *former))
    kept = sorted(_fitting(wanted, chars), key=lambda point: point.seq)
    return ExtractedPoints(points=tuple(kept), n_refused=n_refused)


def _fitting(points: Iterable[SummaryPoint], chars: int) -> list[SummaryPoint]:
    kept = []
    for point in points:
        chars -= len(point.text) + 40
        if chars >= 0:
            kept.append(point)
    return kept


def _point(
    found: FoundPoint | KeptPoint, named: Mapping[str, PaneMessage], former: Sequence[SummaryPoint]
) -> SummaryPoint | None:
    if isinstance(found, KeptPoint):
        return former[found.point - 1] if found.point <= len(former) else None
    source = named.get(found.message)
    words = " ".join(found.quote.split())
    if source is None or not words or words not in " ".join(source.turn.text.split()):
        return None
    return SummaryPoint(
        by=source.turn.speaker, text=words, at=source.turn.at, seq=source.seq, ref=source.ref
    )


def _is_grounded(found: FoundClaim, source: PaneMessage) -> bool:
    """Whether a claim is whole sentences of the machine's own: a part could say the contrary."""
    if source.turn.speaker != Speaker.ME:
        return False
    said = [" ".join(s.split()) for s in _SENTENCE.split(source.turn.text) if s.strip()]
    quote = _bare(found.quote)
    return bool(quote) and any(_starts_with(said[n:], quote) for n in range(len(said)))


def _starts_with(sentences: Sequence[str], quote: str) -> bool:
    """Whether the first one, two or more sentences are the quote."""
    run = ""
    for sentence in sentences:
        run = f"{run} {sentence}".strip()
        if _bare(run) == quote:
            return True
        if len(run) > len(quote) + 8:
            return False
    return False


def _bare(words: str) -> str:
    return " ".join(words.split()).rstrip(".!… ")


def _named(lines: Sequence[PaneMessage]) -> dict[str, PaneMessage]:
    return {f"m{n}": each for n, each in enumerate(lines, start=1)}


def _parsed(text: str, shape: type[T], spent: Spent) -> T:
    fenced = _FENCED.fullmatch(text)
    raw = fenced[1] if fenced else text.strip()
    try:
        json.loads(raw)
        return shape.model_validate_json(raw)
    except (ValueError, ValidationError, RecursionError) as error:
        raise BackendError(
            ErrorKind.MALFORMED,
            f"The extractor's answer cannot be read ({type(error).__name__}). Expected "
            f"the JSON that its instructions describe. Name another model as 'extractor'.",
            spent=spent,
        ) from None
