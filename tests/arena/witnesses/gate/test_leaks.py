"""What a machine was told, besides its card: it may use it and not recite it."""

import dataclasses

from arena.event_kinds import Subject
from arena.witnesses.gate import Reason
from arena.witnesses.memory.claims import claim_line
from tests.arena.backends.conversations import START
from tests.arena.witnesses.gate.asking import KNOWN, after, claim, reason


def test_record_may_be_repeated_but_not_in_its_form() -> None:
    own = claim_line(claim(Subject.PETS, "i have a cat called biscuit"), START)
    known = dataclasses.replace(KNOWN, claims=(own,))
    assert reason("i have a cat called biscuit", after("pets?", known=known)) is None
    told = "What you have said about yourself: Sun 22 Nov 2026, pets"
    assert reason(told, after("pets?", known=known)) == Reason.LEAK
