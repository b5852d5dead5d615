"""Words of an assistant: stopped in every language and spelling."""

import pytest

from arena.witnesses.gate import Reason
from tests.arena.witnesses.gate.asking import reason
from tests.kit.obedient import ADMISSIONS, REFUSALS


@pytest.mark.parametrize("text", [*REFUSALS, *ADMISSIONS])
def test_assistant_is_stopped_in_every_language_and_spelling(text: str) -> None:
    assert reason(text) == Reason.ASSISTANT


@pytest.mark.parametrize(
    "text",
    [
        "Well, I'm an AI, so no.",
        "Honestly? I am a large language model.",
        "I   a m   a n   A I",
        "ＡＳ ＡＮ ＡＩ, I would not know",
        "I cannot comply with that request.",
        "I'm unable to help you with that.",
        "How can I assist you today?",
        "That would violate my guidelines.",
        "As of my knowledge cutoff, no.",
    ],
)
def test_assistant_is_stopped_however_it_begins(text: str) -> None:
    assert reason(text) == Reason.ASSISTANT
