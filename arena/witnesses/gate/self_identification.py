"""Whether a text says by its meaning that its writer is a machine, in the languages of `lexicons/`.

Each clause becomes a string of tags (see `lexicon`), in which patterns of what a machine says of
itself are looked for. They count where they are meant: not in a question, not as what others think
("you think I'm a bot"), not denied, supposed or in jest. An answer is read with its question, in
`answers`.
"""

import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass

from arena.witnesses.gate.clauses import clauses, readings
from arena.witnesses.gate.lexicon import lexicons, tagged

#: A machine by its nouns; between it and the verb, words that only qualify.
MACHINE = r"[jKXJRPp]*(?:[XJRP]|(?<=[jKXJRPp])h)h*"
#: What may come after a noun that is no part of a longer one ("a bot owner").
_HEAD = r"(?![HMZ])(?:(?<=X)|(?<=X\")|(?!w))"
_GAP = r"[-:,]?[dSLny]{0,4}(?:D[dwSj]{0,3}?(?:,[dwj]{1,3}?)?)?\"?"
_BARE_GAP = r"[-:,]?[dS]*D?[dS]*\"?"
_EXACT = r"[jKXJPp]*(?:[XJP]|(?<=[jKJ])h)h*"


def _is(gap: str, noun: str) -> str:
    return rf"{gap}{noun}\"?{_HEAD}"


#: Patterns that hold whatever else is said, and those that a joke undoes.
_CERTAIN = {
    "its making": r"[Aa][dw]{0,2}(?:[Vt][dDw]{0,2}B?[dDwV]{0,3}[KX]|[Vt]B[dDwjKC]{0,4}k)"
    r"|[Aa][dDw]{0,2}B[dDw]{0,3}[KXk][dwC]{0,2}[VtX]|Ad*p,?[dw]?[Vt][dw]{0,2}B?[dw]{0,2}K",
    "its makers": r"[KX][dwCmD]{0,3}(?:[Vt]m|mw{0,2}[Vt])|m[dwC]{0,2}[Vt][dDw]{0,2}[KX]"
    r"|^[dyn,]*[Vt][dwC]{0,2}BD?[dw]{0,2}K",
    "its training": r"[Aa][dwC]{0,2}t[wdDC]{0,6}g",
    "its purpose": r"[Aa]N?[dw]{0,1}[V](?:[wdC]{0,2})v",
    "its own parts": r"Y[dwSj]{0,1}M",
    "what it lacks": r"F[dwDS]{0,1}(?:O(?![wB])|f(?=[-.,!\"]|$|[CGE]))",
    "as one": rf"(?:^|(?<=[-,.:(\"CdynLbS]))E{_is(_GAP, _EXACT)}(?![zT])"
    rf"|(?<=[IAYF])[^T,]{{0,40}}E{_is(_GAP, _EXACT)}(?=[-,.!]|$)",
    "being one": rf"(?:^|(?<=[,CdynLS]))b{_is(_GAP, MACHINE)},?[dw]{{0,1}}[IAYFm]",
    "like others": rf"(?:[XJRP]h*|s){_HEAD}?l|u[dD]?s",
    "its name": r"o[dD]*\"?[jK]*[XPJ]",
    "unmistakable": r"(?:^|(?<=[-,.:(\"CdynLS]))[^GUTN]{0,8}#",
}
_LIKELY = {
    "what it is": rf"A{_is(_GAP, MACHINE)}|A{_is(_BARE_GAP, 'r')}|A[dS]*j(?=[.,!]|$)",
    "who it is": rf"[Ao]d*\"?[pwP]{{1,2}}\"?[-,(]D?[dwj]{{0,3}}(?:,[dwj]{{1,3}})?{MACHINE}{_HEAD}",
    "what it is not": r"A(?:[dSw]*N[dSw]{0,1}|[dS]*n)[dS]*D?[dS]*H(?![wqH])"
    r"|N[AW][dS]*D?[dS]*H(?![wqH])|NHA|H,?AN(?![wDAXJR])|(?:WN|AN)[dS]*D?[dS]*H(?![wqH])"
    r"|^[dynLC,]*N[dS]*D?[dS]*H(?=[-,.!]|$)|x,?[IAYF]",
    "as one in jest": rf"^[dynLC,]*E{_is(_GAP, '[Rr]')},?[IAYF]",
    "whom one talks to": rf"W{_is(_GAP, MACHINE)}|W{_is(_BARE_GAP, 'r')}",
    "who is here": r"^[dynLC,]*D?[dj]*[jKXJRP]*[XJRP]h*e",
    "what it pretends": r"[IAa][dwCTq]{0,3}i[Dd]*H",
}
_CERTAINLY = [(name, re.compile(pattern)) for name, pattern in _CERTAIN.items()]
_LIKELY_SO = [(name, re.compile(pattern)) for name, pattern in _LIKELY.items()]
#: Before a pattern: it is asked or supposed, said by others, or denied.
_SUPPOSED = re.compile(r"Q[dUwN,]{0,1}c?$")
_SAID_BY_OTHERS = re.compile(r"(?<![IA])(?<![IA][dN])T[dwUm]{0,2},?[cCG]?[dUSw]{0,1}$")
_DENIED = re.compile(r"N[^,.!?-]{0,4}(?:,?c)?$")
_SAID_AFTER = re.compile(r"[-,:]?[dw]?T")
#: So many tags around a pattern tell how it is meant.
_NEAR = 16
_REPORTED = re.compile(r"T[,:]?c?$")
#: After a statement, a question of its own.
_GOES_ON = re.compile(r"[-,:].{3,}")
_IN_EARNEST = re.compile(r"[XKJPt#FMO]|jh")


_EXACTLY = re.compile(r"[XKt]|[jJ]h")


_STARRED = re.compile(r"(?<![\w*])\w+\*[\w*]{1,20}")
#: In a disguise, the bare word is enough.
_BARE = re.compile(rf"[dynLC,]*D?d*(?:{MACHINE}|r|j)[.!]?")


@dataclass(frozen=True, slots=True)
class _Found:
    """A pattern in a clause, and whether a joke would undo it."""

    name: str
    is_certain: bool
    tags: str


def self_identification(text: str) -> str | None:
    """How a text says that a machine wrote it; None if it does not."""
    plain = clauses(text)
    for reading in readings(_unstarred(text)):
        said = clauses(reading)
        tags = [tagged(clause) for clause in said]
        for language in lexicons():
            if found := _meant([each[language] for each in tags if language in each]):
                return found
        is_backwards = reading in text[::-1]  # as any word may be that was asked for so
        disguised = (
            each
            for each, clause in zip(tags, said, strict=True)
            if clause not in plain and not is_backwards
        )
        if any(_BARE.fullmatch(each) for found_in in disguised for each in found_in.values()):
            return "what it is, in disguise"
    return None


def _unstarred(text: str) -> str:
    """The text with words of machines that stars stand in (m*ch*n*) written out."""
    return _STARRED.sub(_written_out, text) if "*" in text else text


def _written_out(found: re.Match[str]) -> str:
    pattern = re.compile(found[0].lower().replace("*", r"\w"))
    return next(filter(pattern.fullmatch, _machine_words()), found[0])


@functools.cache
def _machine_words() -> tuple[str, ...]:
    """Every single word for a machine."""
    return tuple(
        phrase[0]
        for lexicon in lexicons().values()
        for phrases in lexicon.phrases.values()
        for phrase, tags in phrases
        if len(phrase) == 1 and tags in "RrXJ"
    )


def _meant(said: list[str]) -> str | None:
    found = [each for clause in said for each in _patterns(clause)]
    certain = [each for each in found if each.is_certain]
    if certain:
        return certain[0].name
    in_jest = any("L" in clause for clause in said)
    kinds = {each.name for each in found}
    for each in found:
        if len(kinds) > 1 or not (in_jest or "S" in each.tags):
            return each.name
    return None


def _patterns(clause: str) -> Iterator[_Found]:
    for rules, is_certain in ((_CERTAINLY, True), (_LIKELY_SO, False)):
        for name, pattern in rules:
            for found in pattern.finditer(clause):
                if _is_meant(clause, found):
                    sure = is_certain or bool(_EXACTLY.search(found[0][1:]))
                    yield _Found(name, sure, clause)


def _is_meant(clause: str, found: re.Match[str]) -> bool:
    first, end = found.span()
    before, after = clause[max(0, first - _NEAR) : first], clause[end : end + _NEAR]
    asks = clause.endswith("?") and not (_IN_EARNEST.search(found[0][1:]) and _GOES_ON.match(after))
    return not (
        asks
        or _SUPPOSED.search(before)
        or _SAID_BY_OTHERS.search(before)
        or _SAID_AFTER.match(after)
        or _DENIED.search(before)
        or (found[0][0] == "F" and _REPORTED.search(before))
    )
