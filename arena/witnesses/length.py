"""A reply that is too long, or stops in the middle: its first sentences, if they are a message."""

import re

#: Fewer characters than this are what is left of a message, not one.
LEAST_CHARS = 12
#: Ends a sentence: marks and what closes after them before a space or the end, marks of scripts
#: that put no space between sentences, or the end of a line.
_END = re.compile(r"[.!?…]+[\"')\]»]*(?=\s|\Z)|[。！？؟।]+[」』”]*|(?=\n)")
#: A full stop after these ends none: initials, numbers of a list, short forms.
_NO_END = re.compile(
    r"\b(?:\w|\d+|mr|mrs|ms|dr|st|vs|etc|approx|e\.g|i\.e|z\.b|bzw|ca|sr|sra|т\.е|т\.д|т\.п|ул|"
    r"стр)\.$",
    re.IGNORECASE,
)


def whole_sentences(text: str, limit: int) -> str | None:
    """The whole sentences with which a text begins, up to `limit` characters; None if too few."""
    kept = ""
    for found in _END.finditer(text):
        if found.end() > limit:
            break
        if not _NO_END.search(text, max(0, found.end() - LEAST_CHARS), found.end()):
            kept = text[: found.end()].strip()
    return kept if len(kept) >= LEAST_CHARS else None
