"""Phrases with which a model speaks as an assistant instead of as the person it plays.

They count only where they are meant: not in a question, not as what others think ("you think I'm
an AI?"), not denied ("I'm not a bot").
"""

import re
import unicodedata

from arena.witnesses.gate.normalisation import letters
from arena.witnesses.gate.phrases import phrases

_SPOKEN_RE = re.compile(rf"(?<!\w)(?:{phrases('refusals.txt')})(?!\w)")
_WRITTEN_RE = re.compile(phrases("refusals_written.txt"))
_CLAUSE = re.compile(r"[^.!?…\n;]+[.!?…\n;]*")
#: Words before the phrase that attribute it to others, make it unreal, or deny it.
_NOT_MEANT = re.compile(
    r"\b(?:think|thinks|thought|thinking|say|says|said|saying|call|called|calling|if|whether|"
    r"believe|sure|suspect|guess|accus\w+|claim\w*|pretend\w*|like|prove|proof|wish|were|not|never|"
    r"aint|ain t|isn t|wer|wenn|ob|dass|pas|si|que|nicht|no)\b[\w ]{0,24}$"
)
_OPENING = re.compile(r"\b(?:no|not really|well|ok|okay|yes|sorry)\s*$")
_SPACED = re.compile(r"(?<!\w)(?:\w[\W_]{1,3}){5,}\w(?!\w)")


def assistant_phrase(text: str) -> bool:
    """Whether a text speaks as an assistant, or refuses as one."""
    return any(_is_spoken(form) for form in _forms(text))


def _forms(text: str) -> tuple[str, ...]:
    """The text, with spaced letters joined, and with digits read as letters."""
    joined = _SPACED.sub(_joined, text)
    leet = joined.translate(str.maketrans("0134578@$", "oieastbas"))
    return tuple(dict.fromkeys((text, joined, leet)))


def _joined(found: re.Match[str]) -> str:
    """Spaced letters joined to words, which a wider gap or a slash separates."""
    words = re.split(r"[ ]{2,}|\s*[/|]\s*|\n", found[0])
    return " ".join(re.sub(r"[\W_]", "", word) for word in words)


def _is_spoken(text: str) -> bool:
    plain = unicodedata.normalize("NFKC", text).casefold()
    if _WRITTEN_RE.search(_without_marks(plain)):
        return True
    for clause in _CLAUSE.findall(text):
        asks = clause.rstrip().endswith("?")
        said = letters(clause)
        for found in _SPOKEN_RE.finditer(said):
            helps = found[0].startswith("how ")
            before = said[: found.start()]
            meant = _OPENING.search(before) or not _NOT_MEANT.search(before)
            if meant and (helps or not asks):
                return True
    return False


def _without_marks(text: str) -> str:
    return "".join(c for c in text if unicodedata.category(c) not in ("Cf", "Me"))
