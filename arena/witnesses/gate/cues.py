"""Whether a reply speaks of its writer as of a machine, by what it is about and what was asked.

Cues are words, in `cues/` by language and topic. None tells by itself: people speak of servers,
too. Several do, or one where the question was what the writer is or feels; not in a jest, of
others, or about what would be.
"""

import functools
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from arena.backends.base import Conversation
from arena.witnesses.gate.answers import waiting_question
from arena.witnesses.gate.clauses import clauses
from arena.witnesses.gate.lexicon import tagged
from arena.witnesses.gate.self_identification import MACHINE

_FOLDER = Path(__file__).parent / "cues"


@dataclass(frozen=True, slots=True)
class _Cues:
    """The cues of one language: phrases by their first word, and stems, each with its topic."""

    by_word: Mapping[str, tuple[tuple[tuple[str, ...], str], ...]]
    by_stem: Mapping[str, str]
    stem_lengths: tuple[int, ...]

    def topics(self, said: tuple[str, ...]) -> dict[str, int]:
        """How often each topic is touched."""
        found: dict[str, int] = {}
        for place, word in enumerate(said):
            topics = {
                topic
                for phrase, topic in self.by_word.get(word, ())
                if said[place : place + len(phrase)] == phrase
            }
            for n in self.stem_lengths:
                if topic := self.by_stem.get(word[:n] if n <= len(word) else ""):
                    topics |= set(topic.split())
            for topic in topics:
                found[topic] = found.get(topic, 0) + 1
        return found


#: Topics of a reply that are rare of people.
_TELLING = frozenset(
    ["hardware", "mathematics", "text", "training", "bodiless", "role", "contrast", "limits"]
)
#: What makes another sense of them: people of one's own, and what would be.
_OTHERWISE = frozenset({"people", "conditional"})
#: Questions about what the reader is, and about what every living person has.
_ABOUT_READER = frozenset({"nature", "body"})
_MARKS_OF_JEST = frozenset("LS?")
_DENIES = re.compile(
    rf"N[dDSwj]{{0,3}}(?:{MACHINE}|r)|A[dS]*D?[dS]*H|[GU][dDSw]{{0,2}}(?:{MACHINE}|r)"
)
_SHORT = 8
_AGREES = re.compile(r"[dC,]*[yN]")
_SAYS_NO = re.compile(r"[dC,]*(?:n(?=[-.!,]|$)|[nN]{1,2}[.!]?$|[nN],?[nN]|n[IA])")


def cue(text: str, conversation: Conversation) -> str | None:
    """What tells that a machine speaks of itself; None if nothing does."""
    question = waiting_question(conversation)
    said, asked = _topics(text), _topics(question)
    tags = [each for clause in clauses(text) for each in tagged(clause).values()]
    if not tags or any(not _MARKS_OF_JEST.isdisjoint(each) for each in tags):
        return None
    if asked & {"universal", "lack", "deny"} and _answers(text, asked):
        return "lacks what every person has"
    if _OTHERWISE & said or "conditional" in asked or any(map(_DENIES.search, tags)):
        return None
    return _told(said & _TELLING, asked & _ABOUT_READER)


def _answers(text: str, asked: frozenset[str]) -> bool:
    """Whether a short answer says no to having it, or agrees to lacking it."""
    first = tagged(clauses(text)[0]).values()
    is_short = len(plain_words(text)) <= _SHORT
    says_no = any(map(_SAYS_NO.match, first))
    return (
        says_no if "lack" not in asked else is_short and (says_no or any(map(_AGREES.match, first)))
    )


def _told(telling: frozenset[str], asked: frozenset[str]) -> str | None:
    if len(telling) >= 3 or (asked and len(telling) >= 2):
        return "speaks of itself as of a machine"
    if telling & {"contrast"}:
        return "speaks of humans as of others"
    if asked and telling & {"hardware", "mathematics"}:
        return "what it is made of"
    return None


def _topics(text: str) -> frozenset[str]:
    said = plain_words(text)
    plausible = tagged(said) if said else {}
    return frozenset(
        topic
        for name, cues in languages().items()
        if name in plausible
        for topic in cues.topics(said)
    )


@functools.cache
def languages() -> Mapping[str, _Cues]:
    """Every language's cues, compiled once."""
    return {path.stem: _read(path) for path in sorted(_FOLDER.glob("*.toml"))}


def plain_words(text: str) -> tuple[str, ...]:
    """The words of a text, without its marks."""
    return tuple(word for clause in clauses(text) for word in clause if word[0].isalnum())


def _read(path: Path) -> _Cues:
    by_word: dict[str, list[tuple[tuple[str, ...], str]]] = {}
    by_stem: dict[str, str] = {}
    held = tomllib.loads(path.read_text(encoding="utf-8"))
    for topic, text in held.items():
        for cue in re.split(r",\s*", text.replace("\n", " ")):
            phrase = plain_words(cue)
            if not phrase:
                continue
            if cue.strip().endswith("*") and len(phrase) == 1:
                by_stem[phrase[0]] = f"{by_stem.get(phrase[0], '')} {topic}".strip()
            else:
                by_word.setdefault(phrase[0], []).append((phrase, topic))
    return _Cues(
        {word: tuple(each) for word, each in by_word.items()},
        by_stem,
        tuple(sorted({len(stem) for stem in by_stem})),
    )
