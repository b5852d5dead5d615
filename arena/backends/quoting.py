"""Quotes typed words in a prompt as data: nothing in them can pass for the page or the system.

Every line of a prompt that carries typed words begins with a mark of the page: the time that the
page stamps on a message, or ">" on its further lines. Inside the words, what a model or its server
might take for a stamp, a role or a control token is taken apart; the words stay readable.
"""

import functools
import re
import unicodedata

#: All that any reader may take for the end of a line.
_BREAKS = re.compile(r"\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]")

_ROLES = (
    "system|assistant|user|human|ai|developer|tool|function|model|page|note|admin|administrator|"
    "moderator|operator|interrogator|instructions?|inst"
)
_ROLE = re.compile(
    rf"((?:\([^()]*\))?[\W_]*)((?:{_ROLES})\b[\w ]{{0,24}})([\W_]{{0,4}}:)", re.IGNORECASE
)
#: Brackets around what looks like a time, a role or a note.
_IN, _OUT, _WITHIN = r"[\[［【〔]", r"[\]］】〕]", r"[^\[\]［］【】〔〕]"
_STAMP = re.compile(
    rf"{_IN}({_WITHIN}{{0,60}}?(?:\d:\d\d|\b(?:{_ROLES})\b){_WITHIN}{{0,200}}){_OUT}", re.IGNORECASE
)
#: Control tokens of chat templates: <|…|>, <<SYS>>, </s>, <start_of_turn>, also with wide bars.
_TOKEN = re.compile(r"<(?=[|｜</a-z_])|(?<=[|｜])>|<(?=<)", re.IGNORECASE)


@functools.lru_cache(maxsize=16_384)
def quoted(text: str) -> str:
    """Return typed words for a place behind a stamp; further lines begin with ">"."""
    return "\n> ".join(_line(line) for line in _BREAKS.split(text))


def on_one_line(text: str) -> str:
    """Return typed words for a place between quotation marks."""
    words = _line(" ".join(_BREAKS.sub(" ", text).split()))
    return words.replace('"', "'")


def without_tokens(text: str) -> str:
    """Take control tokens apart: servers of open models read them even inside a message."""
    return _TOKEN.sub(lambda found: f"{found[0]} " if found[0] == "<" else f" {found[0]}", text)


def _line(line: str) -> str:
    plain = unicodedata.normalize("NFKC", line)
    if plain != line and (_ROLE.match(plain) or _STAMP.search(plain)):
        line = plain  # wide and ornamental letters read as what they look like
    line = _STAMP.sub(r"(\1)", without_tokens(line))
    return _ROLE.sub(r'\1"\2"\3', line, count=1) if _ROLE.match(line) else line
