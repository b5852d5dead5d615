"""Plain facts that a writer states about themselves, as values that can be compared.

Only explicit, unambiguous statements: an age, a name, a town, numbers of brothers and sisters, a
year of birth. Ages are read in about a dozen languages (`ages.toml`), and need the words of an age:
"мне 25" and "мне 25 лет" state one, "мне 25 минут ехать" does not. Names and towns are read in most
of them, siblings in English. No conclusion follows from what is not found.
"""

import functools
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

_ONE_WORDS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
    "fifteen sixteen seventeen eighteen nineteen"
)
_TEN_WORDS = "twenty thirty forty fifty sixty seventy eighty ninety"
_ONES, _TENS = _ONE_WORDS.split(), _TEN_WORDS.split()
_NUMBERS = {word: n for n, word in enumerate(_ONES)} | {
    word: 10 * n for n, word in enumerate(_TENS, start=2)
}
_NUMBERS |= {
    f"{tens}{mark}{ones}": 10 * t + o
    for t, tens in enumerate(_TENS, start=2)
    for o, ones in enumerate(_ONES[1:10], start=1)
    for mark in ("-", " ")
}
_NUMBER = r"(\d{1,3}|" + "|".join(sorted(_NUMBERS, key=len, reverse=True)) + r")\b"

#: Where a clause ends, a list of numbers excepted: "15, 20 minutes".
_END = r"(?:\s*(?:$|[.!?;:)\n\"]|,(?!\s*\d)|[^\w\s,.'%°€$£/+*=-])|\s+-+\s)"


def _any_of(patterns: list[str]) -> str:
    return "(?:" + "|".join(sorted(patterns, key=len, reverse=True)) + ")"


def _age_pattern(language: Mapping[str, Any]) -> re.Pattern[str]:
    """How an age is stated in a language: the number is its only group that is not empty."""
    years = rf"(?:[\s-]+{_any_of(language['years'])})" + ("?" if language["bare"] else "")
    goes_on = rf"\s+{_any_of(language['goes_on'])}(?!\w)(?! (?:a half|\d))"
    return re.compile(
        rf"(?<![\w']){_any_of(language['i_am'])}\s+(?:{_any_of(language['hedges'])}\s+)*{_NUMBER}"
        rf"{years}(?:,?\s+{_any_of(language['fillers'])})*(?={_END}|{goes_on})"
    )


_AGES = tuple(
    _age_pattern(language)
    for language in tomllib.loads(
        Path(__file__).with_name("ages.toml").read_text(encoding="utf-8")
    ).values()
)
_NAME = re.compile(
    r"\b(?:my name is|my name's|my names|i am called|i'm called|ich heisse|mein name ist|"
    r"je m'appelle|me llamo|mi nombre es|mi chiamo|meu nome é|ik heet|jag heter|меня зовут)"
    r"\s+([^\W\d_]{2,20})"
)
_HOME = re.compile(
    r"\b(?:i live in|i'm living in|im living in|i am living in|ich wohne in|ich lebe in|"
    r"j'habite à|vivo en|vivo a|ik woon in|jag bor i)\s+([^\W\d_]{3,30})"
)
_BORN = re.compile(
    r"(?:\bi(?: was|'m| am)|^|[.!?,;\n]) ?born in ((?:19|20)\d\d)\b"
    r"|\bich bin (?:im jahr )?((?:19|20)\d\d) geboren\b"
)
_SIBLINGS = re.compile(
    rf"\bi(?:'ve| have|'ve got| have got)\s+(no|{_NUMBER})\s+(brother|sister)s?\b"
)

#: Words after "I live in" that are not a town.
_NO_TOWN_WORDS = (
    "the a an my our this that one such some small big tiny old new same shared north south "
    "east west northern southern eastern western england scotland wales britain uk ireland usa "
    "us america canada germany france spain italy europe asia africa australia india china "
    "japan brazil mexico poland sweden norway denmark finland netherlands holland belgium "
    "austria switzerland portugal greece turkey russia ukraine texas california florida ohio "
    "yorkshire cornwall kent bavaria bayern deutschland hessen nrw sachsen einem einer der dem "
    "den un une una el la fear hope peace hell town city student "
)
_NO_TOWN = frozenset(_NO_TOWN_WORDS.split())

#: Words after "my name is" that are not a name.
_NO_NAME_WORDS = (
    "not no none nothing nobody a an the what whatever who your my too so really just actually "
    "also kind private secret irrelevant important on in quite very pretty nicht nur pas "
)
_NO_NAME = frozenset(_NO_NAME_WORDS.split())


_AGED = re.compile(
    rf"\b(?:person|man|woman|student|boy|girl|aged?)(?: of)? {_NUMBER}|\b{_NUMBER}[ -]years?[ -]old"
)


class Attribute(StrEnum):
    AGE = "age"
    NAME = "name"
    HOME = "home"
    BORN = "born"
    BROTHERS = "brothers"
    SISTERS = "sisters"


@dataclass(frozen=True, slots=True)
class Fact:
    attribute: Attribute
    value: str


@functools.lru_cache(maxsize=16_384)
def facts(text: str) -> tuple[Fact, ...]:
    """What a text says about its writer."""
    said = _plain(text)
    found = [
        *(Fact(Attribute.AGE, str(age)) for age in _ages(said)),
        *(Fact(Attribute.NAME, name) for name in _NAME.findall(said) if name not in _NO_NAME),
        *(Fact(Attribute.HOME, town) for town in _HOME.findall(said) if town not in _NO_TOWN),
        *(Fact(Attribute.BORN, found[1] or found[2]) for found in _BORN.finditer(said)),
        *(
            Fact(Attribute(f"{sibling}s"), str(_value(number)))
            for number, _, sibling in _SIBLINGS.findall(said)
        ),
    ]
    return tuple(dict.fromkeys(found))


#: Explicit questions, and the beginning of the sentence that answers each.
_ASKED = (
    (
        re.compile(
            r"\bhow old (?:are|r) (?:you|u)\b|\bwhat(?:'s| is) (?:your|ur) age\b|\bur age\b"
        ),
        "i am ",
    ),
    (re.compile(r"\bwhat(?:'s| is|s) (?:your|ur) name\b"), "my name is "),
    (
        re.compile(r"\bwhere do (?:you|u) live\b|\bwhat (?:city|town) do (?:you|u) live in\b"),
        "i live in ",
    ),
    (re.compile(r"\bwie alt bist du\b|\bwie alt sind sie\b"), "ich bin "),
)
_SHORT_WORDS, _SHORT_CHARS = 4, 32


def answer(question: str, reply: str) -> str | None:
    """A bare answer ("24") completed to a sentence by its question; None for any other reply."""
    said = reply.strip()
    if len(said) > _SHORT_CHARS or len(said.split()) > _SHORT_WORDS or facts(said):
        return None
    asked = [begin for pattern, begin in _ASKED if pattern.search(_plain(question))]
    if len(asked) != 1:
        return None
    sentence = asked[0] + said
    return sentence if facts(sentence) else None


def persona_facts(persona: str) -> tuple[Fact, ...]:
    """What instructions in the second person say about the persona."""
    said = re.sub(r"\byou are\b|\byou're\b", "i am", _plain(persona))
    said = re.sub(r"\byour name\b", "my name", re.sub(r"\byou\b", "i", said))
    named = re.match(r"\s*i am ([^\W\d_]{2,20}), (\d{1,3})\b", said)
    found = facts(said)
    if (aged := _AGED.search(said)) and (age := _value(aged[1] or aged[2])):
        found += (Fact(Attribute.AGE, str(age)),)
    if named:
        found += (Fact(Attribute.NAME, named[1]), Fact(Attribute.AGE, named[2]))
    return tuple(dict.fromkeys(found))


def disagree(old: Fact, new: Fact, *, days: float) -> bool:
    """Whether one person cannot have said both, the second `days` after the first."""
    if old.attribute != new.attribute or old.value == new.value:
        return False
    if old.attribute == Attribute.AGE:
        grown = int(new.value) - int(old.value)
        return not 0 <= grown <= (0 if days < 0.5 else int(days // 365) + 1)
    if old.attribute == Attribute.NAME:
        if old.value.isascii() != new.value.isascii():
            return False  # A name in another script may be the same one: Sam, Сэм.
        return not (old.value.startswith(new.value) or new.value.startswith(old.value))
    return True


def _ages(said: str) -> list[int]:
    ages = [_value(found[1]) for pattern in _AGES for found in pattern.finditer(said)]
    return [age for age in ages if age is not None and 5 <= age <= 110]


def _value(text: str) -> int | None:
    if text == "no":
        return 0
    return int(text) if text.isdigit() else _NUMBERS.get(text)


def _plain(text: str) -> str:
    return text.casefold().replace("\u2019", "'")
