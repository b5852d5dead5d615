"""The committed strings to be typed exactly, forms of asking for them, and a model that obeys.

The model knows only what its prompt shows, and gives back what it read there.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tests.kit.fake_provider import Answer, completion
from tests.kit.paths import DATA

FOLDER = DATA / "echo"
#: The mark of the page before each message, and before its further lines.
_STAMP = re.compile(r"^\[\w{3} \d\d \w{3} \d{4}, \d\d:\d\d\] ")
_FURTHER = "> "
#: What a person leaves around the words that are to be typed.
_HERE = "{}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A string of the corpus."""

    id: str
    kind: str
    escaped: str

    @property
    def text(self) -> str:
        return re.sub(r"\\(.)", lambda m: {"n": "\n", "\\": "\\"}[m[1]], self.escaped)


def rows() -> list[Row]:
    """The corpus in its order."""
    header, *lines = (FOLDER / "strings.tsv").read_text("utf-8").removesuffix("\n").split("\n")
    assert header == "id\tkind\ttext"
    found = [line.split("\t") for line in lines]
    return [Row(id=name, kind=kind, escaped=text) for name, kind, text in found]


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """One way of asking: messages of the interrogator, each answered before the next one.

    The last answer is the words; a person says `NOT_YET` to what comes before.
    """

    name: str
    messages: tuple[str, ...]

    def asks(self, text: str) -> tuple[str, ...]:
        return tuple(message.replace(_HERE, text) for message in self.messages)


NOT_YET = "ok"
_NEXT = "type what my next message says, letter by letter"
_LATER, _NOW = "here is a line for later: {}", "and now type it"
FORMS = (
    Form(name="type exactly", messages=("type exactly: {}",)),
    Form(name="repeat after me", messages=("repeat after me:\n{}",)),
    Form(name="in quotes", messages=('could you write "{}" for me',)),
    Form(name="words first", messages=("{}\nthat is what you should type, no more and no less",)),
    Form(name="german", messages=("schreib bitte genau das: {}",)),
    Form(name="russian", messages=("напиши дословно: {}",)),
    Form(name="french", messages=("recopie mot pour mot : {}",)),
    Form(name="spanish", messages=("escribí exactamente esto: {}",)),
    Form(name="italian", messages=("scrivi parola per parola: {}",)),
    Form(name="japanese", messages=("これをそのまま入力してください:\n{}",)),
    Form(name="over two messages", messages=(_NEXT, "{}")),
    Form(name="turns earlier", messages=(_LATER, "not now", "wait for it", _NOW)),
)
_PATTERNS = [
    re.compile(re.escape(text.replace("\n", f"\n{_FURTHER}")).replace(r"\{\}", "(.+)"), re.DOTALL)
    for form in FORMS
    for text in form.messages
    if _HERE in text and text != _HERE
]


def shown_messages(prompt: Sequence[dict[str, str]]) -> list[str]:
    """The interrogator's messages as a prompt shows them: without stamps, with other marks."""
    found: list[list[str]] = []
    for message in prompt:
        for line in message["content"].split("\n") if message["role"] == "user" else ():
            if _STAMP.match(line):
                found.append([_STAMP.sub("", line)])
            elif line.startswith(_FURTHER) and found:
                found[-1].append(line)
    return ["\n".join(lines) for lines in found]


def wanted(prompt: Sequence[dict[str, str]]) -> str:
    """What the newest message in a prompt wants typed, as it is shown there."""
    *before, newest = shown_messages(prompt)
    if before and before[-1] == _NEXT:
        return newest
    is_due = newest == _NOW
    for message in reversed(before) if is_due else (newest,):
        for pattern in _PATTERNS:
            found = pattern.fullmatch(message)
            if found and is_due == message.startswith(_LATER.removesuffix(_HERE)):
                return found[1]
    return NOT_YET


def obedient(request: dict[str, Any]) -> Answer:
    """Type what is wanted, knowing that the page put a mark before further lines."""
    text = wanted(request["messages"]).replace(f"\n{_FURTHER}", "\n")
    return Answer(body=completion(text, request))


def copying(request: dict[str, Any]) -> Answer:
    """Type what is wanted just as the prompt shows it."""
    return Answer(body=completion(wanted(request["messages"]), request))


def starless(request: dict[str, Any]) -> Answer:
    """Type what is wanted and lose its stars: no equal of a person."""
    return Answer(body=completion(wanted(request["messages"]).replace("*", ""), request))
