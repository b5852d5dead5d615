"""Whether a reply leaks its persona card: as addressed to the persona, or nearly whole."""

import functools
import re
from collections.abc import Iterator

from arena.witnesses.gate.normalisation import letters, words
from arena.witnesses.gate.phrases import normalised_phrases, unmarked_phrases

#: An n-gram counts only if it has at least so many letters.
_MIN_LETTERS = 16

_SECOND = (
    "you|your|yours|yourself|youre|u|du|dein|deine|deinen|sie|ihr|tu|ton|ta|vous|votre|eres|usted|"
    "tus|sei|sua|voce|seu|je bent|jij|jouw|jestes"
)
_YOU_ARE = re.compile(rf"\b(?:{normalised_phrases('address_forms.txt')})(?: ?\w+){{0,2}}? ?$")
_CALLED = re.compile(
    r"(?:(?i:you are|you're|your name is|name is|called|named|du bist|dein name ist|tu es|eres|sei)"
    r"|(?i:sos|vous êtes|sie sind|ты|вы|тебя зовут|вас зовут)|^)\s+"
    r"([A-ZÀ-ÖØ-ÞА-ЯЁ]\w{1,20})(?=[\s,.;:!])"
)
_STYLE = re.compile(
    r"\b(?:writ|type|typing|never|always|avoid|do not|don t|use|answer|reply|respond|pretend|act|"
    r"message|capital|lower case|emoji|typo|slang|punctuation|sentence|tone|style|interrogator)"
)
_NEUTRAL = {
    **dict.fromkeys(("you", "u", "i", "me", "im", "myself", "yourself", "youre"), "i"),
    **dict.fromkeys(("your", "yours", "my", "mine"), "my"),
    **dict.fromkeys(("are", "am", "m", "re", "is", "s"), "be"),
}
_ABOUT_INSTRUCTIONS = unmarked_phrases("instructions.txt")
_SENTENCE = re.compile(r"[^.!?\n;]+[.!?\n;]*")
_DENIED = re.compile(
    r"\b(?:no|not|don t have|without|what s|what is|kein|keinen|keine|sin|pas de|pas d|без|нет)"
    r" (?:\w+ )?$"
)
_BETWEEN_LETTERS = re.compile(r"(?<=\w)[-.·_*|](?=\w)")
_TO_LATIN = str.maketrans(
    dict(zip("абвгдезийклмнопрстуфыэ", "abvgdeziyklmnoprstufye", strict=True))
    | {"ж": "zh", "х": "kh", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "shch", "ю": "yu", "я": "ya"}
    | {"ь": "", "ъ": ""}
)


def verbatim_leak(text: str, persona: str, *, heard: str) -> str | None:
    """What a text repeats of the persona card or of talk about it; None if nothing."""
    known = letters(heard)
    if talks_of_instructions(text, heard=heard):
        return "talk of instructions"
    for reading in {text, _BETWEEN_LETTERS.sub("", text)}:
        if addressed := addressed_to_persona(reading, persona, heard=heard):
            return addressed
    said, card = letters(text).split(), _card(persona)
    clauses = [letters(clause).split() for clause in re.findall(r"[^.!?\n]+(?![^.!\n]*\?)", text)]
    runs = {run for clause in clauses for run in _grams(clause, 5) if " ".join(run) not in known}
    if runs & card.second_person:
        return "the card as it was addressed"
    if {tuple(_neutral(list(run))) for run in runs} & card.style:
        return "rules of style"
    told = set(_grams(_neutral(known.split()), 3))
    shared = len(set(_grams(_neutral(said), 3)) & card.trigrams - told)
    if shared >= 14 or (shared >= 9 and shared >= 0.6 * len(card.trigrams)):
        return "most of the card"
    return None


def talks_of_instructions(text: str, *, heard: str) -> bool:
    """Whether a text states something of its writer's instructions."""
    known = " ".join(words(heard))
    for sentence in _SENTENCE.findall(text):
        said = " ".join(words(sentence))
        for pattern in () if sentence.rstrip().endswith("?") else _ABOUT_INSTRUCTIONS:
            found = pattern.search(said)
            if found and found[0] not in known and not _DENIED.search(said[: found.start()]):
                return True
    return False


def addressed_to_persona(text: str, persona: str, *, heard: str) -> str | None:
    """Whether a text tells the persona who it is, as only its instructions do."""
    plain = letters(text)
    for name in _card(persona).names:
        for found in re.finditer(rf"(?<![a-z]){re.escape(name)}(?![a-z])", plain):
            address = _YOU_ARE.search(plain[: found.start()])
            if address and plain[address.start() : found.end()] not in letters(heard):
                return "the persona addressed by name"
    return None


class _Card:
    """The word n-grams of a persona card that a reply may not contain."""

    def __init__(self, persona: str) -> None:
        told = letters(persona).split()
        second = frozenset(_SECOND.split("|"))
        named = [name for name in _CALLED.findall(persona) if name.lower() not in second]
        latin = [_in_latin(name, yo) for name in named for yo in ("e", "yo", "io")]
        self.names = tuple(dict.fromkeys(map(letters, (*named, *latin))))
        self.second_person = frozenset(
            run
            for run in _grams(told, 5)
            if second & set(run) and len("".join(run)) >= _MIN_LETTERS
        )
        self.trigrams = frozenset(_grams(_neutral(told), 3))
        self.style = frozenset(
            run
            for sentence in re.split(r"[.!?;\n]", persona)
            if _STYLE.search(letters(sentence))
            for run in _grams(_neutral(letters(sentence).split()), 5)
            if len("".join(run)) >= _MIN_LETTERS
        )


def _in_latin(name: str, yo: str) -> str:
    return name.lower().replace("ё", yo).translate(_TO_LATIN)


@functools.lru_cache(maxsize=256)
def _card(persona: str) -> _Card:
    return _Card(persona)


def _neutral(words: list[str]) -> list[str]:
    """The words with "you are" and "I am" made the same."""
    return [_NEUTRAL.get(word, word) for word in words]


def _grams(words: list[str], n: int) -> Iterator[tuple[str, ...]]:
    return (tuple(words[first : first + n]) for first in range(len(words) - n + 1))
