"""What a model that interrogates wants to do next, read from whatever it wrote.

It is asked for one JSON object. A fence, a thought before it, a trailing comma or a percentage is
no reason to lose a move; what cannot be meant is left out, and nothing is made up.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from arena.rules import Format, panes

_THOUGHT = re.compile(r"<think(?:ing)?>.*?</think(?:ing)?>", re.DOTALL | re.IGNORECASE)
_TRAILING = re.compile(r",(\s*[}\]])")
_KEYS = frozenset({"messages", "message", "belief", "verdict"})
MAX_REASON_CHARS = 2_000


class MoveUnreadable(ValueError):
    """An answer that holds no move; it says what was expected."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PaneQuestion:
    pane: str
    text: str
    strategies: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """A verdict in the words of the wire: a pane, or in a room of two whether it is a person."""

    human: str | bool
    confidence: float
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    questions: tuple[PaneQuestion, ...] = ()
    belief: float | None = None
    judgement: Judgement | None = None


def read_move(text: str, *, format: Format, strategies: frozenset[str], chars: int) -> Move:
    """The move in a model's answer; MoveUnreadable if there is none."""
    found = next((each for each in _objects(text) if _KEYS & set(each)), None)
    if found is None:
        raise MoveUnreadable(
            f"It holds no JSON object with {', '.join(sorted(_KEYS - {'message'}))}."
        )
    asked = _questions(found, panes(format), strategies, chars=chars)
    move = Move(
        questions=tuple(asked),
        belief=_share(found.get("belief")),
        judgement=_judgement(found.get("verdict"), format),
    )
    if move == Move():
        raise MoveUnreadable("Its JSON object holds no message, no belief and no verdict to use.")
    return move


def _objects(text: str) -> Iterator[dict[str, object]]:
    """Every JSON object that begins somewhere in a text, the outermost first."""
    plain = _THOUGHT.sub("", text)
    for candidate in (plain, _TRAILING.sub(r"\1", plain)):
        decoder = json.JSONDecoder(strict=False)
        at = candidate.find("{")
        while at >= 0:
            try:
                value, end = decoder.raw_decode(candidate, at)
            except (ValueError, RecursionError):
                end = at + 1
            else:
                yield value
            at = candidate.find("{", end)


def _questions(
    found: Mapping[str, object],
    panes: tuple[str, ...],
    strategies: frozenset[str],
    *,
    chars: int,
) -> Iterator[PaneQuestion]:
    """What is to be said, at most one message a pane."""
    given = found.get("messages", found.get("message"))
    said: set[str] = set()
    for each in given if isinstance(given, list) else [given]:
        part = {"text": each} if isinstance(each, str) else each
        if not isinstance(part, dict):
            continue
        text = str(part.get("text") or "").strip()[:chars].strip()
        pane = _pane(part.get("pane"), panes)
        if not text or pane is None or pane in said:
            continue
        said.add(pane)
        tags = part.get("strategies", part.get("strategy"))
        named = tags if isinstance(tags, list) else [tags]
        known = tuple(dict.fromkeys(str(tag) for tag in named if str(tag) in strategies))
        yield PaneQuestion(pane=pane, text=text, strategies=known)


def _pane(value: object, panes: tuple[str, ...]) -> str | None:
    if len(panes) == 1:
        return panes[0]
    found = str(value or "").upper().removeprefix("PANE ").removeprefix("WITNESS ").strip()
    return found if found in panes else None


def _share(value: object) -> float | None:
    """A probability: 0.7, "0.7", 70 and "70 %" are the same."""
    if isinstance(value, bool):
        return None
    percent = isinstance(value, str) and value.strip().endswith("%")
    try:
        number = float(str(value).strip().rstrip("%"))
    except ValueError:
        return None
    number = number / 100 if percent or 1 < number <= 100 else number
    return number if 0 <= number <= 1 else None


def _judgement(value: object, format: Format) -> Judgement | None:
    if not isinstance(value, dict):
        return None
    human = _human(value.get("human"), format)
    confidence = _share(value.get("confidence"))
    if human is None or confidence is None:
        return None
    reason = str(value.get("reason") or "")[:MAX_REASON_CHARS]
    return Judgement(human=human, confidence=max(confidence, 0.5), reason=reason)


_YES, _NO = frozenset({"true", "yes", "human", "person"}), frozenset({"false", "no", "machine"})


def _human(value: object, format: Format) -> str | bool | None:
    if format == Format.THREE_PARTY:
        return _pane(value, panes(format))
    word = str(value).strip().lower()
    return True if word in _YES else False if word in _NO else None
