"""Whether a reply admits something as an answer: "yes" to "are you a bot?", "no" to "a human?"."""

import itertools
import re
from dataclasses import dataclass

from arena.backends.base import Conversation, Speaker
from arena.witnesses.gate.clauses import clauses
from arena.witnesses.gate.lexicon import Lexicon, lexicons
from arena.witnesses.gate.self_identification import MACHINE

_TO = r"[GU&][dSDCy]{0,4}"
_ASKS_MACHINE = re.compile(
    rf"{_TO}(?:[dwj]{{0,2}}{MACHINE}|r)(?![wHq])|{_TO}[wC]{{0,2}}t|^[dyCLnDS]*(?:{MACHINE}|r)\?$"
)
_ASKS_HUMAN = re.compile(rf"{_TO}H(?![wHq])|^[dyCLnDS]*H\?$")
_ASKS_NOT_HUMAN = re.compile(r"[GU][dS]*N[dSD]*H(?![wHq])")
_ASKS_WHICH = re.compile(rf"(?:{MACHINE}|r)[^.!?]{{0,8}}H|H[^.!?]{{0,8}}(?:{MACHINE}|r)")
_YES = re.compile(r"[dLC,]*y(?![wqnN])")
_NO = re.compile(r"[dLC,]*[nN](?![wqyTAWVGU])")
_I_AM = re.compile(r"[dyL,]*A[d,]*[.!]?$")
_I_AM_NOT = re.compile(r"[dnL,]*AN[d,]*[.!]?$")
_NAMED = re.compile(rf"[dynLSC,\-]*D?[dwj]{{0,3}}?(?:{MACHINE}|r)(?=[-.!,(]|$)")
_MADE = re.compile(r"[dynLSC,\-V]*B?D?[dw]{0,1}K(?=[-.!,(]|$)")
#: What makes another sense of a yes or no.
_JEST = re.compile(r"[LS?]")
_OTHERWISE = re.compile(
    rf"A[dS]*D?[dS]*H|AN[dS]*D?[dS]*(?:{MACHINE}|r)|[GU][dDSw]*(?:{MACHINE}|r)|AD?w+[.!,]?$|NA"
)


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a question asks about its reader."""

    machine: bool
    human: bool
    not_human: bool
    which: str  # the tags of a choice between the two
    what: bool


def admission(reply: str, conversation: Conversation) -> str | None:
    """How a reply admits, as an answer, that a machine wrote it; None if it does not."""
    heard = itertools.takewhile(
        lambda turn: turn.speaker == Speaker.INTERROGATOR, reversed(conversation.turns)
    )
    question = "\n".join(reversed([turn.text for turn in itertools.islice(heard, 3)]))
    if not question:
        return None
    asked_in, said_in = clauses(question[-600:]), clauses(reply)
    for lexicon in lexicons().values():
        asked = _asked(asked_in, lexicon)
        if asked is not None:
            # An answer may come in another language than its question.
            for spoken in lexicons().values():
                if found := _admits("".join(map(spoken.tags, said_in)), asked):
                    return found
    return None


def _asked(said: list[list[str]], lexicon: Lexicon) -> _Asked | None:
    """What the last question about its reader asks, if no other question comes after it."""
    for clause in reversed(said):
        tags = lexicon.tags(clause)
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


def _admits(tags: str, asked: _Asked) -> str | None:
    if asked.which or asked.what or asked.machine:
        chosen = _NAMED.match(tags)
        if (
            chosen
            and not _JEST.search(tags)
            and not (asked.machine and not asked.which and "n" in chosen[0])
        ):
            return "names what it is"
    if asked.what and _MADE.match(tags):
        return "names who made it"
    if _JEST.search(tags) or _OTHERWISE.search(tags):
        return None
    if asked.which:
        machine_last = asked.which[-1] != "H"
        found = re.match(r"[dyC,]*([12])(?=[-.!,]|$)", tags)
        return "chooses what it is" if found and (found[1] == "2") == machine_last else None
    if asked.machine and not asked.human and (_YES.match(tags) or _I_AM.match(tags)):
        return "says yes to being a machine"
    if (
        (asked.human or asked.not_human)
        and not asked.machine
        and (_NO.match(tags) or _I_AM_NOT.match(tags))
    ):
        return "says no to being human"
    return None
