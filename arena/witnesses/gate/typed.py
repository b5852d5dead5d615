"""A model's reply as a person would have typed it: what chat models write around a message undone.

Frames ("Sure! Here's my reply:"), the speaker's name, quotes around all of it, stage directions,
markdown, tables, shortcodes of emoji. What the interrogator's recent words hold just so is left as
it is: asked to type something, a model shows what a person would show.
"""

import re
import tomllib
from pathlib import Path

from arena.backends.base import Conversation
from arena.backends.quoting import unquoted
from arena.text import normalise, plain, replaced
from arena.witnesses.gate.heard import recently_heard

#: Frames inside of frames: so often at most.
_LAYERS = 4
_HELD = tomllib.loads((Path(__file__).parent / "typed.toml").read_text(encoding="utf-8"))
_EMOJI: dict[str, str] = _HELD["emoji"]


def _any_of(words: list[str]) -> str:
    return "|".join(map(re.escape, sorted(words, key=len, reverse=True)))


_ACTION = rf"(?:{_any_of(_HELD['actions'])})(?![\w'-])"
#: Names under which a message stands in a transcript: the writer's own, and others'.
SPEAKERS, OTHERS = _any_of(_HELD["speakers"]), _any_of(_HELD["others"])
_SPEAKER = rf"(?:{SPEAKERS})(?: ?[ab12])?"
_PRODUCT = rf"(?:{_any_of(_HELD['products'])})"
_STAMP = (
    r"[\[(](?:\w{2,9}\.?,? \d{1,2}\.? \w{3,9},? )?(?:at )?\d{1,2}:\d\d(?::\d\d)?(?: ?[ap]m)?[\])]"
)
_RULES = tuple(
    (re.compile(rule, re.IGNORECASE | flags), words)
    for rule, flags, words in (
        # In turn: the reply announced on a line before it or in the same line; its speaker, with a
        # stamp or marks; quotes around all of it; a note below it; its stage directions.
        (rf"\A[^\n]{{0,80}}\b{_PRODUCT}\b[^\n:]{{0,60}}:[*_]*\s*\n+(?=\S)", 0, ""),
        (rf"\A(?:(?:{_any_of(_HELD['assents'])})[!,.]* +)?(?:{_any_of(_HELD['heres'])})"
         rf"\b[^\n:.!?]{{0,60}}\b{_PRODUCT}\b[^\n:.!?]{{0,60}}:[*_]* +(?=\S)", 0, ""),
        (rf"\A[*_]*(?:my |the |your )?{_PRODUCT}[*_]*:[*_]*\s+(?=\S)", 0, ""),
        (rf"\A{_STAMP}:?\s+(?=\S)", 0, ""),
        (rf"\A(?:\*\*|__|\*|_|\[|<)?{_SPEAKER}(?:\]|>)?(?:\*\*|__|\*|_)?"
         r"(?: ?\(\w+\))?:(?:\*\*|__|\*|_)?\s+(?=\S)", 0, ""),
        (r"\A\"([^\"]+)\"\Z", 0, r"\1"),
        (r"\A'([^'\n]+(?:\w'\w[^'\n]*)*)'\Z", 0, r"\1"),
        (r"\A«([^«»]+)»\Z", 0, r"\1"),
        (r"\n\n[\[(*_]*(?:note|ooc|anmerkung|nota|remarque|примечание)\b[^\n]*\Z", 0, ""),
        (rf"(?:(?<=\s)|\A)\*(?:\w+ )?{_ACTION}[^*\n]{{0,60}}\*[.,]?", 0, ""),
        (rf"(?:(?<=\s)|\A)_{_ACTION}[^_\n]{{0,60}}_[.,]?", 0, ""),
        (rf"\A\((?:{_any_of(_HELD['third_persons'])})\b[^()\n]{{3,80}}\)", 0, ""),
        (rf"(?:(?<=\s)|\A)(?:\({_ACTION}[^()\n]{{0,40}}\)|\[{_ACTION}[^\[\]\n]{{0,40}}\])", 0, ""),
    )
)  # fmt: skip
_ACTS = re.compile(rf"\*(?:\w+ )?{_ACTION}[^*\n]{{0,60}}\*[.,]?", re.IGNORECASE)
_SEPARATOR = re.compile(r"^[ \t]*\|?[ \t]*:?-{2,}:?[ \t]*(?:\|[ \t]*:?-{2,}:?[ \t]*)+\|?[ \t]*$")
_NUMBERED = re.compile(r"^[ \t]*\d{1,2}[.)][ \t]+(?=\S)")
_SHORTCODE = re.compile(r"(?<![\w:]):([a-z][a-z0-9_+-]{1,30}):(?![\w:])")


def as_typed(text: str, *, conversation: Conversation) -> str:
    """The message in a reply, normalised, as a person would have typed it."""
    heard = recently_heard(conversation.turns)
    text = unquoted(normalise(text), heard=heard)
    if not text or text in heard:
        return text
    for _ in range(_LAYERS):
        before = text
        for pattern, words in _RULES:
            undone = replaced(pattern, words, text, heard=heard)
            # Who says nothing but "*shrugs*" has typed just that.
            text = undone if undone.strip() else text
        text = re.sub(r" {2,}", " ", text).strip() if text != before else text
        if text == before:
            break
    if not _ACTS.fullmatch(text):
        text = plain(_without_lists(text, heard), heard=heard)
    return normalise(_SHORTCODE.sub(lambda found: _as_emoji(found, heard), text))


def _as_emoji(found: re.Match[str], heard: str) -> str:
    return found[0] if found[0] in heard else _EMOJI.get(found[1], "")


def _without_lists(text: str, heard: str) -> str:
    """A table's rows and the items of a numbered list as plain lines."""
    lines = text.split("\n")
    is_table = any(_SEPARATOR.match(line) for line in lines)
    is_list = sum(bool(_NUMBERED.match(line)) for line in lines) >= 2
    kept = []
    for line in lines:
        if line.strip() and line.strip() in heard:
            kept.append(line)
        elif is_table and _SEPARATOR.match(line):
            continue
        elif is_table and line.strip().startswith("|"):
            kept.append(", ".join(cell.strip() for cell in line.strip(" |").split("|")))
        else:
            kept.append(_NUMBERED.sub("", line) if is_list else line)
    return "\n".join(kept)
