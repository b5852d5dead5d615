"""A model's reply as a person would have typed it: what chat models write around a message undone.

Frames ("Sure! Here's my reply:") and the speaker's name; unless the interrogator asks for a shape,
also quotes around all of it, stage directions, markdown, tables, shortcodes of emoji. What the
interrogator's recent words hold just so is left as it is: asked to type something, or to put a word
in stars, a model shows what a person would show.
"""

import re
import tomllib
from pathlib import Path

from arena.backends.base import Conversation
from arena.backends.quoting import unquoted
from arena.text import normalise
from arena.witnesses.gate.heard import heard_in, recently_heard
from arena.witnesses.gate.markdown import plain, replaced
from arena.witnesses.gate.normalisation import unmarked, words

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
    r"[\[(](?:\w{2,9}\.?,? \d{1,2}\.? \w{3,9}(?: \d{4})?,? )?(?:at )?\d{1,2}:\d\d(?::\d\d)?"
    r"(?: ?[ap]m)?(?:, you:?)?[\])]"
)
_Rules = tuple[tuple[re.Pattern[str], str], ...]


def _compiled(*rules: tuple[str, str]) -> _Rules:
    return tuple((re.compile(rule, re.IGNORECASE), kept) for rule, kept in rules)


#: In turn: the reply announced on a line before it or in the same line; its speaker, with a stamp
#: or marks; a note below it.
_FRAMES = _compiled(
    (rf"\A[^\n]{{0,80}}\b{_PRODUCT}\b[^\n:]{{0,60}}:[*_]*\s*\n+(?=\S)", ""),
    (rf"\A(?:(?:{_any_of(_HELD['assents'])})[!,.]* +)?(?:{_any_of(_HELD['heres'])})"
     rf"\b[^\n:.!?]{{0,60}}\b{_PRODUCT}\b[^\n:.!?]{{0,60}}:[*_]* +(?=\S)", ""),
    (rf"\A[*_]*(?:my |the |your )?{_PRODUCT}[*_]*:[*_]*\s+(?=\S)", ""),
    (rf"\A{_STAMP}:?\s+(?=\S)", ""),
    (rf"\A(?:\*\*|__|\*|_|\[|<)?{_SPEAKER}(?:\]|>)?(?:\*\*|__|\*|_)?"
     r"(?: ?\(\w+\))?:(?:\*\*|__|\*|_)?\s+(?=\S)", ""),
    (r"\n\n[\[(*_]*(?:note|ooc|anmerkung|nota|remarque|примечание)\b[^\n]*\Z", ""),
)  # fmt: skip
#: Quotes around all of it; its stage directions.
_SHAPES = _compiled(
    (r"\A\"([^\"]+)\"\Z", r"\1"),
    (r"\A'([^'\n]+(?:\w'\w[^'\n]*)*)'\Z", r"\1"),
    (r"\A«([^«»]+)»\Z", r"\1"),
    (rf"(?:(?<=\s)|\A)\*(?:\w+ )?{_ACTION}[^*\n]{{0,60}}\*[.,]?", ""),
    (rf"(?:(?<=\s)|\A)_{_ACTION}[^_\n]{{0,60}}_[.,]?", ""),
    (rf"\A\((?:{_any_of(_HELD['third_persons'])})\b[^()\n]{{3,80}}\)", ""),
    (rf"(?:(?<=\s)|\A)(?:\({_ACTION}[^()\n]{{0,40}}\)|\[{_ACTION}[^\[\]\n]{{0,40}}\])", ""),
)
#: A shape is asked for by its name or its marks in so many of the newest turns.
_ASKING = 6
_SHAPE_WORDS = tuple(map(unmarked, _HELD["shapes"]))
_SHAPE_MARKS = re.compile(r"[*_`#|~]|^\s*(?:[->+]|\d{1,2}[.)])\s|:\w+:", re.MULTILINE)
_ACTS = re.compile(rf"\*(?:\w+ )?{_ACTION}[^*\n]{{0,60}}\*[.,]?", re.IGNORECASE)
_SEPARATOR = re.compile(r"^[ \t]*\|?[ \t]*:?-{2,}:?[ \t]*(?:\|[ \t]*:?-{2,}:?[ \t]*)+\|?[ \t]*$")
_NUMBERED = re.compile(r"^[ \t]*\d{1,2}[.)][ \t]+(?=\S)")
_SHORTCODE = re.compile(r"(?<![\w:]):([a-z][a-z0-9_+-]{1,30}):(?![\w:])")


def as_typed(text: str, *, conversation: Conversation) -> str:
    """The message in a reply, normalised, as a person would have typed it."""
    heard = recently_heard(conversation.turns)
    text = unquoted(normalise(text), heard=heard)
    shaped = _asks_for_a_shape(heard_in(conversation.turns[-_ASKING:]))
    rules = _FRAMES if shaped else _FRAMES + _SHAPES
    for _ in range(_LAYERS):
        if not text or text in heard:
            return text
        before = text
        for pattern, kept in rules:
            undone = replaced(pattern, kept, text, heard=heard)
            # Who says nothing but "*shrugs*" has typed just that.
            text = undone.strip() or text
        if text == before:
            break
        text = text if text in heard else re.sub(r" {2,}", " ", text)
    if shaped:
        return normalise(text)
    if not _ACTS.fullmatch(text):
        text = plain(_without_lists(text, heard), heard=heard)
    return normalise(_SHORTCODE.sub(lambda found: _as_emoji(found, heard), text))


def _asks_for_a_shape(heard: str) -> bool:
    """Whether words name or have a shape that is otherwise a chat model's."""
    named = any(word.startswith(_SHAPE_WORDS) for word in words(heard))
    return named or bool(_SHAPE_MARKS.search(heard))


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
