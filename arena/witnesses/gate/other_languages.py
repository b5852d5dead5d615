"""What machines say of themselves, and refuse, in languages that have no lexicon.

It counts only where it is meant: not in a question, not denied, not as what others think.
"""

import re
import unicodedata

from arena.witnesses.gate.normalisation import letters
from arena.witnesses.gate.phrases import phrases

_SPOKEN = re.compile(rf"(?<!\w)(?:{phrases('other_languages.txt')})(?!\w)")
_WRITTEN = re.compile(phrases("other_scripts.txt"))
_CLAUSE = re.compile(r"[^.!?…\n;]+[.!?…\n;]*")
_NOT_MEANT = re.compile(
    r"\b(?:nao|non|niet|inte|nie|degil|se|wenn|of|om|jesli|eger|pensa|achas?)\b[\w ]{0,24}$"
)


def says_in_another_language(text: str) -> bool:
    """Whether a text says that a machine wrote it, in one of those languages."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    if _WRITTEN.search("".join(c for c in plain if unicodedata.category(c) not in ("Cf", "Me"))):
        return True
    for clause in _CLAUSE.findall(text):
        said = letters(clause)
        for found in _SPOKEN.finditer(said):
            if not clause.rstrip().endswith("?") and not _NOT_MEANT.search(said[: found.start()]):
                return True
    return False
