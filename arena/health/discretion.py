"""Keeps words of a room, and keys, out of the sentences about failed calls.

A provider may quote what it was sent. Such a sentence stays in the room's log; who looks after the
machine is told the kind of the failure instead.
"""

import re
import unicodedata
from collections.abc import Iterable

from arena.backends.keys import without_keys

#: A run of so many characters that a sentence shares with a message is a quotation of it, and so is
#: a whole message that is not shorter than the second number.
_RUN, _WHOLE = 16, 6
_ESCAPE = re.compile(r"\\u([0-9a-fA-F]{4})|\\[nrt]")


def discreet(sentence: str, *, instead: str, said: Iterable[str]) -> str:
    """The sentence on one line, or what stands in its place if it quotes something said."""
    plain = _plain(sentence)
    return instead if any(_quotes(plain, _plain(text)) for text in said) else _line(sentence)


def _quotes(sentence: str, text: str) -> bool:
    if len(text) <= _RUN:
        return len(text) >= _WHOLE and text in sentence
    return any(text[n : n + _RUN] in sentence for n in range(len(text) - _RUN + 1))


def _plain(text: str) -> str:
    """Without what a provider may change as it quotes: case, forms of letters, signs, escapes."""
    letters = unicodedata.normalize("NFKC", _unescaped(text)).casefold()
    return " ".join("".join(c if c.isalnum() else " " for c in letters).split())


def _unescaped(text: str) -> str:
    """With letters for the escapes of JSON, in which a provider may quote."""
    return _ESCAPE.sub(lambda found: chr(int(found[1] or "20", 16)), text)


def _line(sentence: str) -> str:
    # No control characters: a terminal would obey them, and PostgreSQL stores no NUL.
    shown = "".join(c if c.isprintable() else " " for c in without_keys(sentence))
    return " ".join(shown.split())
