"""Quotes typed words in a prompt as data, as they were written.

Every line of a prompt that carries typed words begins with a mark of the page: the time that the
page stamps on a message, or ">" on its further lines. So no word in them can pass for the page, and
none is changed: who is to repeat words must have read them. Control tokens of chat templates, which
servers read even inside a message, get an invisible character that the normal form of every message
takes out again, so that they come back whole.
"""

import itertools
import re

#: All that any reader may take for the end of a line.
_BREAKS = re.compile(r"\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]")
_FURTHER = "> "
#: A word joiner: no message holds one (`arena.text.normalise`), so it is free to be put in.
_APART = "\u2060"
#: Where control tokens begin and end: <|…|>, <<SYS>>, </s>, <start_of_turn>, [INST], wide bars.
_TOKEN = re.compile(r"<(?=[|｜</a-zA-Z_])|(?<=[|｜])(?=>)|\[(?=/?[A-Z][A-Z_]+\])")


def quoted(text: str) -> str:
    """Return typed words for a place behind a stamp; further lines begin with ">"."""
    return f"\n{_FURTHER}".join(map(without_tokens, _BREAKS.split(text)))


def unquoted(text: str, *, heard: str) -> str:
    """Take the page's marks off further lines that repeat what was heard as it was shown.

    A mark that was typed stays.
    """
    if "\n>" not in text:
        return text
    pairs = list(itertools.pairwise(heard.split("\n")))
    first, *others = text.split("\n")
    lines = [first]
    for line in others:
        ends = [after for before, after in pairs if before.endswith(lines[-1])]
        bare = line.removeprefix(_FURTHER.strip()).removeprefix(" ")
        typed = any(after.startswith(line) for after in ends)
        shown = bare != line and any(after.startswith(bare) for after in ends)
        lines.append(bare if shown and not typed else line)
    return "\n".join(lines)


def on_one_line(text: str) -> str:
    """Return typed words for a place between quotation marks."""
    words = without_tokens(" ".join(_BREAKS.sub(" ", text).split()))
    return words.replace('"', "'")


def without_tokens(text: str) -> str:
    """Take control tokens apart: servers of open models read them even inside a message."""
    return _TOKEN.sub(lambda found: f"{found[0]}{_APART}", text)
