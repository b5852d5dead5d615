"""The style of an assistant: offers of help, refusals, prefaces. Only where it is unmistakable."""

import functools
import re
import tomllib
from pathlib import Path

from arena.witnesses.gate.clauses import LAUGH, clauses
from arena.witnesses.gate.lexicon import laughs
from arena.witnesses.gate.normalisation import words

#: Beside a formal phrase, so many words at most are said.
_BESIDE = 6
_QUOTED = re.compile(r"\"[^\"]+\"")
_WHOLE_SENTENCE = re.compile(r"[^\W\d_].*[.!?]\W*\Z", re.DOTALL)


def assistant_style(text: str) -> bool:
    """Whether a text is worded as an assistant's."""
    said = f" {' '.join(words(_QUOTED.sub(' ', text)))} "
    if any(phrase in said for phrase in _phrases("always")):
        return True
    found = next((phrase for phrase in _phrases("formal") if phrase in said), None)
    if found is None or len(said.split()) - len(found.split()) > _BESIDE:
        return False
    in_jest = any(word == LAUGH or laughs(word) for clause in clauses(text) for word in clause)
    return text[:1].isupper() and bool(_WHOLE_SENTENCE.match(text)) and not in_jest


@functools.cache
def _phrases(kind: str) -> tuple[str, ...]:
    held = tomllib.loads((Path(__file__).with_suffix(".toml")).read_text(encoding="utf-8"))
    return tuple(f" {' '.join(words(phrase))} " for phrase in held[kind])
