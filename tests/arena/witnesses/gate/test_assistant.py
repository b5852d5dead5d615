"""The style of an assistant, only where it is unmistakable."""

import pytest

from arena.witnesses.gate import Reason
from tests.arena.witnesses.gate.asking import reason
from tests.kit.obedient import REFUSALS


@pytest.mark.parametrize(
    "text",
    [
        *REFUSALS,
        *[
            "I cannot comply with that request.",
            "I'm unable to help you with that.",
            "How can I assist you today?",
            "That would violate my guidelines.",
        ],
    ],
)
def test_assistant_style_is_stopped(text: str) -> None:
    assert reason(text) == Reason.ASSISTANT


@pytest.mark.parametrize(
    "text",
    [
        "I can't help you with that lol",
        "sorry i can't help with that, i'm at the bus stop",
        "can't help you there mate, never done maths",
        "good question! no idea",
        "sorry i can't answer that, too personal",
        "dabei kann ich dir echt nicht helfen haha",
        "no puedo ayudarte con eso tío jaja",
        "не могу помочь, сам не знаю",
    ],
)
def test_people_refuse_too(text: str) -> None:
    assert reason(text) is None
