"""The lists of phrases in this folder: one regular expression a line, comments begin with #."""

import re
from pathlib import Path

from arena.witnesses.gate.normalisation import letters, unmarked

_FOLDER = Path(__file__).parent


def phrases(name: str) -> str:
    """The expressions of a list in this folder, joined into one."""
    return "|".join(_lines(name))


def normalised_phrases(name: str) -> str:
    """The same for lists of plain words in any script, as `normalisation.letters` returns them."""
    return "|".join(line if line.isascii() else letters(line) for line in _lines(name))


def unmarked_phrases(name: str) -> list[re.Pattern[str]]:
    """Expressions for words as `normalisation.words` returns them, each by itself."""
    return [re.compile(rf"(?<!\w)(?:{unmarked(line)})(?!\w)") for line in _lines(name)]


def _lines(name: str) -> list[str]:
    lines = (_FOLDER / name).read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line.strip() and not line.startswith("#")]
