"""Bare answers ("24" to "how old are you?"), which are no sentences and need their question.

They become claims by rule, not by a model, and only if question and answer leave no doubt; no word
of the question is kept.
"""

import itertools
from collections.abc import Sequence

from arena.backends.base import Speaker
from arena.event_kinds import Claim, Subject
from arena.witnesses.gate.stated_facts import Attribute, answer, facts
from arena.witnesses.memory.claims import Memory
from arena.witnesses.memory.context import PaneMessage
from arena.witnesses.memory.schema import add

_SUBJECTS = {
    Attribute.AGE: Subject.AGE,
    Attribute.NAME: Subject.NAME,
    Attribute.HOME: Subject.HOME,
    Attribute.BORN: Subject.BIRTHDAY,
}


def terse_claims(
    lines: Sequence[PaneMessage], own: Sequence[PaneMessage], *, memory: Memory
) -> tuple[Claim, ...]:
    """The claims that bare answers among the machine's messages `own` make."""
    wanted = {each.seq for each in own}
    held = list(memory.claims)
    for before, each in itertools.pairwise(lines):
        if each.seq not in wanted or before.turn.speaker == Speaker.ME:
            continue
        sentence = answer(before.turn.text, each.turn.text)
        for fact in facts(sentence) if sentence else ():
            add(held, each, subject=_SUBJECTS[fact.attribute], claim=each.turn.text, lasting=True)
    return tuple(held[len(memory.claims) :])
