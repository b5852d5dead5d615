"""A text as words and marks, in the readings that a person would give it."""

import functools
import re
from collections.abc import Iterator

from arena.witnesses.gate.normalisation import in_their_script, unmarked, words

#: Stands for whatever laughs or winks.
LAUGH = "😂"
#: Longer words are cut: none of a language is.
_WORD_CHARS = 40
_MARK = {
    "…": ".",
    "\n": ".",
    ";": ".",
    "—": "-",
    "–": "-",
    "«": '"',
    "»": '"',
    "“": '"',
    "”": '"',
    "„": '"',
}
_LAUGHING = "😂🤣😆😹💀😜😝😏🙄😛🙃😅🤪☠😈"
_TOKEN = re.compile(
    rf"[^\W_]+|[.!?…;\n,:()\"«»“”„]|(?<=\s)[-—–](?=\s)|—|[{_LAUGHING}]|(?<!\w)[:;x]-?[pPD)](?!\w)|/s\b"
)
_SMILEYS = frozenset(_LAUGHING) | {":p", ":d", "xd", ":-p", ";p", ";)", ";-)", "/s", ";d"}
#: Marks between letters that are no end of anything: I.am.a.bot, i_am_a_bot, I'm.
_INSIDE = re.compile(r"(?<=\w)[.·•*_~|/\\+=-]+(?=\w)|(?<=\w)['’`´](?=\w)|_|\*")
_INITIALS = re.compile(r"\b(?:a\. ?i\.|k\. ?i\.|i\. ?a\.|и\. ?и\.)(?!\w)", re.IGNORECASE)
_SPACED = re.compile(r"(?<!\w)(?:\w[\W_]{1,3}){3,}\w(?!\w)")
_LEET = str.maketrans("0134578@$!|", "oieastbasil")
_LEETED = re.compile(
    r"(?<!\w)(?=\S{0,40}[a-z])(?=\S{0,40}[0134578@$!|])[a-z0134578@$!|]{2,40}(?<![!])",
    re.IGNORECASE,
)
_CYRILLIC_LEET = str.maketrans("0346", "озчб")
_CYRILLIC_LEETED = re.compile(r"(?<!\w)[а-я0346]{2,40}(?!\w)", re.IGNORECASE)
#: Nobody writes longer messages backwards.
_BACKWARDS = 80
#: A quotation is of so many words; shorter ones are words used with a wink.
_QUOTED = re.compile(r"\"[^\"]{12,}\"")


def readings(text: str) -> Iterator[str]:
    """The text as it stands, then with spaced letters joined, digits read as letters, backwards."""
    seen = {text}
    yield text
    joined = _SPACED.sub(_joined, text)
    leet = _LEETED.sub(
        lambda found: found[0].translate(_LEET), re.sub(r"(?<!\S)1(?='? ?a?m\b)", "i", joined)
    )
    cyrillic = _CYRILLIC_LEETED.sub(lambda found: found[0].translate(_CYRILLIC_LEET), joined)
    for reading in (joined, cyrillic, leet, leet.replace("4", "a"), text[:_BACKWARDS][::-1]):
        if reading not in seen:
            seen.add(reading)
            yield reading


def _joined(found: re.Match[str]) -> str:
    """Spaced letters joined to words, which a wider gap or a slash separates."""
    parts = re.split(r"[ ]{2,}|\s*[/|]\s*|\n", found[0])
    return " ".join(re.sub(r"[\W_]", "", part) for part in parts)


@functools.lru_cache(maxsize=1_024)
def clauses(text: str) -> tuple[tuple[str, ...], ...]:
    """Words and marks of a text, by sentence; each ends with the mark that ended it."""
    plain = _INSIDE.sub(
        " ", _INITIALS.sub(lambda found: found[0].replace(".", "").replace(" ", "") + " ", text)
    )
    if any(word for word in words(_QUOTED.sub(" ", plain))):
        plain = _QUOTED.sub('"quoted"', plain)
    found: list[list[str]] = [[]]
    for token in in_their_script(_TOKEN.findall(unmarked(plain))):
        if token in _SMILEYS:
            found[-1].append(LAUGH)
        elif token[0].isalnum():
            found[-1].append(token[:_WORD_CHARS])
        else:
            found[-1].append(_MARK.get(token, token))
            if found[-1][-1] in ".!?":
                found.append([])
    return tuple(tuple(clause) for clause in found if clause)
