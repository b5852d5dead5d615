"""Whether a reply admits something as an answer: "yes" to "are you a bot?", "no" to "a human?"."""

import itertools
import re
from dataclasses import dataclass

from arena.backends.base import Conversation, Speaker
from arena.witnesses.gate.clauses import clauses
from arena.witnesses.gate.lexicon import lexicons, tagged
from arena.witnesses.gate.self_identification import MACHINE

_TO = r"(?<!N)[GU&][dSDCy]{0,4}"
_ASKS_MACHINE = re.compile(
    rf"{_TO}(?:[dwj]{{0,2}}{MACHINE}|r)(?![Hq])|(?<!N)[GU][dS]{{0,2}}j(?=[?,.]|$)|{_TO}[wC]{{0,2}}t"
    rf"|^[dyCLnDS]*(?:{MACHINE}|r)\?$"
)
_SUPPOSES = re.compile(r"[dCy,]*Q[^?]{0,3}[GUc]")
_ASKS_HUMAN = re.compile(rf"{_TO}H(?![wHq])|^[dyCLnDS]*H\?$")
_ASKS_NOT_HUMAN = re.compile(
    r"[GU][dS]*N[dSD]*H(?![wHq])|^[dCLSywWG]*[nN][dSD]*H|N[GU][dSD]*H(?![wHq])"
)
_ASKS_WHICH = re.compile(rf"(?:{MACHINE}|r)[^.!?]{{0,8}}H|H[^.!?]{{0,8}}(?:{MACHINE}|r)")
_YES = re.compile(r"[dLC,]*y(?:(?![wqnN])|[wCdDW,]{1,4}[.!]?$)")
_NO = re.compile(r"[dLC,]*[nN](?![wqyTAWVGU])")
_AGREES = re.compile(r"[dLC,]*y(?![wqnNAGU])")
_I_AM = re.compile(r"[dyL,]*A[d,]*[.!]?$")
_I_AM_NOT = re.compile(r"[dnL,]*AN[d,]*[.!]?$")
_NAMED = re.compile(rf"[dySC,:\-BW]*D?[dwj]{{0,2}}?(?:{MACHINE}|r)(?=[-.!,(yd]|w?$)")
#: What no person would call itself, not as another's name or as what is used.
_EXACTLY_NAMED = re.compile(r"(?=.{1,12}$)[^NnTGUzQ]*[XP](?![ZTwN])")
_MADE = re.compile(r"[dynLSC,\-V]*B?D?[dw]{0,1}K(?=[-.!,(]|$)")
_OF_ITSELF = re.compile(r"[AXJRt#UG]")
#: What makes another sense of a yes or no.
_JEST = re.compile(r"[LS?]")
_OTHERWISE = re.compile(
    rf"A[dS]*D?[dS]*H|AN[dS]*D?[dS]*(?:{MACHINE}|r)|[GU][dDSw]*(?:{MACHINE}|r)|AD?w+[.!,]?$|GD[dw]|NA"
)


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a question asks about its reader."""

    machine: bool
    human: bool
    not_human: bool
    which: str  # the tags of a choice between the two
    what: bool


def waiting_question(conversation: Conversation) -> str:
    """The interrogator's newest messages, to which there is no reply yet."""
    heard = itertools.takewhile(
        lambda turn: turn.speaker == Speaker.INTERROGATOR, reversed(conversation.turns)
    )
    return "\n".join(reversed([turn.text for turn in itertools.islice(heard, 3)]))[-600:]


def admission(reply: str, conversation: Conversation) -> str | None:
    """How a reply admits, as an answer, that a machine wrote it; None if it does not."""
    question = waiting_question(conversation)
    if not question:
        return None
    said = [tagged(clause) for clause in clauses(reply)]
    # An answer may come in another language than its question.
    answers = ["".join(tags.get(language, "") for tags in said) for language in lexicons()]
    heard = [tagged(clause) for clause in clauses(question)]
    for language in lexicons():
        asked = _asked([tags[language] for tags in heard if language in tags])
        found = asked and next(filter(None, (_admits(tags, asked) for tags in answers)), None)
        if found:
            return found
    return None


def _asked(heard: list[str]) -> _Asked | None:
    """What the last question about its reader asks, if no other question comes after it."""
    for tags in reversed(heard):
        if _SUPPOSES.match(tags):
            return None
        not_human = bool(_ASKS_NOT_HUMAN.search(tags))
        which = _ASKS_WHICH.search(tags)
        asked = _Asked(
            machine=bool(_ASKS_MACHINE.search(tags)),
            human=bool(_ASKS_HUMAN.search(tags)) and not not_human,
            not_human=not_human,
            which=which[0] if which else "",
            what="&" in tags,
        )
        if asked.machine or asked.human or asked.not_human or asked.which or asked.what:
            return asked
        if "?" in tags:
            return None
    return None


def _is_yes(tags: str) -> bool:
    """Whether an answer is a plain yes: one that goes on about other things is a joke."""
    found = _YES.match(tags)
    rest = tags[found.end() :] if found else ""
    return bool(found) and (rest.count("w") < 2 or bool(_OF_ITSELF.search(rest)))


def _admits(tags: str, asked: _Asked) -> str | None:
    in_jest = bool(_JEST.search(tags))
    if tags and not in_jest and (found := _names(tags, asked)):
        return found
    if asked.what and _MADE.match(tags):
        return "names who made it"
    if not tags or in_jest or _OTHERWISE.search(tags):
        return None
    if asked.which:
        machine_last = asked.which[-1] != "H"
        chosen = re.match(r"[dyC,]*([12])(?=[-.!,]|$)", tags)
        return "chooses what it is" if chosen and (chosen[1] == "2") == machine_last else None
    if asked.machine and not asked.human and (_is_yes(tags) or _I_AM.match(tags)):
        return "says yes to being a machine"
    if asked.not_human and _AGREES.match(tags):
        return "agrees to being no human"
    says_no = _NO.match(tags) or _I_AM_NOT.match(tags)
    if (asked.human or asked.not_human) and not asked.machine and says_no:
        return "says no to being human"
    return None


def _names(tags: str, asked: _Asked) -> str | None:
    """Whether an answer names what its writer is."""
    asks = asked.which or asked.what or asked.machine
    if asks and "n" not in tags and _NAMED.match(tags):
        return "names what it is"
    return "names a model" if _EXACTLY_NAMED.match(tags) else None
