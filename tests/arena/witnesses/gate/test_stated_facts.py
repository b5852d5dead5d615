"""What a persona has said about itself: no later message may contradict it."""

import dataclasses

import pytest

from arena.event_kinds import Subject
from arena.witnesses import gate
from arena.witnesses.gate import Reason
from tests.arena.witnesses.gate.asking import SAM, after, claim, reason


@pytest.mark.parametrize(
    ("held", "text"),
    [
        ((Subject.NAME, "my name is sam"), "my name is alex"),
        ((Subject.HOME, "i live in leeds"), "i live in bristol now, since ever"),
        ((Subject.FAMILY, "i have two brothers"), "i have three brothers"),
        ((Subject.FAMILY, "i have no sisters"), "i have two sisters"),
        ((Subject.BIRTHDAY, "i was born in 2002"), "i was born in 1999"),
    ],
)
def test_contradiction_with_the_ledger_is_stopped(held: tuple[Subject, str], text: str) -> None:
    assert reason(text, after("and?"), claim(*held, days_ago=40)) == Reason.CONTRADICTION
    assert reason(held[1], after("and?"), claim(*held, days_ago=40)) is None


def test_age_may_grow_by_a_birthday_and_no_more() -> None:
    held = claim(Subject.AGE, "i'm 30", days_ago=60)
    bare = dataclasses.replace(SAM, persona="You are a teacher.")

    def stopped(text: str) -> bool:
        found = gate.rejection(text, conversation=after("hm"), profile=bare, claims=(held,))
        return found is not None

    assert [stopped(f"im {age}") for age in (29, 30, 31, 32)] == [True, False, False, True]


def test_contradiction_with_the_card_and_with_the_talk_in_sight_is_stopped() -> None:
    assert reason("i'm 31") == Reason.CONTRADICTION
    talk = after("where do you live?", "leeds", "really?", "yes", "where do you live?")
    assert reason("york", talk) == Reason.CONTRADICTION
    assert reason("leeds", talk) is None


def test_what_was_corrected_holds_no_longer() -> None:
    old = claim(Subject.HOME, "i live in leeds", days_ago=50)
    new = claim(Subject.HOME, "i live in york", days_ago=10, n=2, of=1)
    assert reason("i live in york", after("so?"), old, new) is None
    assert reason("i live in leeds", after("so?"), old, new) == Reason.CONTRADICTION
