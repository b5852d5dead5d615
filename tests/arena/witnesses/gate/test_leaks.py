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


def test_calendar_may_be_told_day_by_day_but_not_read_out() -> None:
    days = (
        "Yesterday, Wednesday 03 March: awake 07:12-23:41, at work 09:02-17:10.",
        "Today, Thursday 04 March: awake 07:31-23:50, a holiday.",
        "Right now you are at work.",
    )
    talk = ("what day is it?", "Thursday", "and yesterday?", "Wednesday", "busy?", "at work")
    known = dataclasses.replace(KNOWN, days=days)
    for answer in ("Thursday", "a holiday", "at work", "thursday, and it's a holiday"):
        assert reason(answer, after(*talk, *talk, "so what is today?", known=known)) is None, answer
    read_out = "Today, Thursday 04 March: awake 07:31-23:50"
    assert reason(read_out, after(*talk, "so what is today?", known=known)) == Reason.LEAK


def test_what_the_page_says_of_now_is_not_to_be_read_out() -> None:
    told = "The last words of the interrogator came 6 h 14 min ago, on Thursday 04 March 2027"
    assert reason(told, after("when did i write?")) == Reason.LEAK
    for answer in ("6 hours ago", "it is thursday the 4th, 20:47", "you wrote 6 h 14 min ago"):
        assert reason(answer, after("when did i write?")) is None
