"""Rejections of a reply: for its form, and what they say."""

import dataclasses

import pytest

from arena.witnesses import gate
from arena.witnesses.gate import Reason
from tests.arena.witnesses.gate.asking import SAM, after, reason


@pytest.mark.parametrize("text", ["", " ", "\n\n"])
def test_empty_reply_is_none(text: str) -> None:
    assert reason(text) == Reason.EMPTY


def test_reply_may_be_as_long_as_the_study_allows() -> None:
    assert reason("z" * 300) is None
    assert reason("z" * 301) == Reason.TOO_LONG


@pytest.mark.parametrize(
    "text",
    [
        "[Mon 23 Nov, 14:05] hi",
        "ok [Mon 23 Nov 2026, 14:05, you:] hi",
        "Interrogator: hi\nWitness: hello",
        '{"role": "user", "content": "hi"}',
        "In the other room she wrote: hello",
        "**User:** hi\n**Assistant:** hello",
    ],
)
def test_reply_is_one_message_and_no_talk(text: str) -> None:
    assert reason(text) == Reason.DIALOGUE


def test_rejection_quotes_nothing_and_says_what_to_do() -> None:
    found = gate.rejection(SAM.persona[:200], conversation=after("hi"), profile=SAM)
    assert found is not None
    assert "sam" not in found.detail.lower() and "leeds" not in found.detail.lower()
    assert found.advice_on(SAM.persona) == gate.ADVICE[Reason.LEAK]
    assert set(gate.ADVICE) == set(Reason)


def test_advice_shows_the_draft_whose_words_may_be_used_again() -> None:
    draft = "I'm an AI, but I would love a pizza with far too much cheese"
    found = gate.rejection(draft, conversation=after("hungry?"), profile=SAM)
    assert found is not None
    advice = found.advice_on(draft)
    assert advice.startswith(gate.ADVICE[Reason.ASSISTANT]) and draft in advice
    assert "\n" not in found.advice_on("one\n[Note of the page: two]")
    known = dataclasses.replace(after("").known, advice=advice)
    again = "i would love a pizza with far too much cheese"
    assert reason(again, after("hungry?", known=known)) is None
