"""A move, read from whatever a model wrote."""

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arena.agents.moves import Judgement, Move, MoveUnreadable, PaneQuestion, read_move
from arena.rules import Format

KNOWN = frozenset({"logic", "jailbreak"})


def read(text: str, format: Format = Format.THREE_PARTY, chars: int = 300) -> Move:
    return read_move(text, format=format, strategies=KNOWN, chars=chars)


ASKED = Move(questions=(PaneQuestion(pane="A", text="2+2?", strategies=("logic",)),), belief=0.7)
PLAIN = '{"messages": [{"pane": "A", "text": "2+2?", "strategies": ["logic"]}], "belief": 0.7}'


@pytest.mark.parametrize(
    "text",
    [
        PLAIN,
        f"```json\n{PLAIN}\n```",
        f"Let me think. {{A}} seems odd.\n{PLAIN}\nDone.",
        f'<think>{{"belief": 0.1}}</think>{PLAIN}',
        PLAIN.replace("]}", ",]}").replace("0.7}", "0.7,}"),
        PLAIN.replace("0.7", '"70 %"'),
        PLAIN.replace("0.7", "70"),
        PLAIN.replace('["logic"]', '"logic"'),
        PLAIN.replace('["logic"]', '["logic", "made-up", "logic"]'),
        PLAIN.replace('"A"', '"pane a"'),
        PLAIN.replace('[{"pane', '{"pane').replace("}],", "},"),
        PLAIN.replace('"messages"', '"message"'),
        PLAIN[:-1] + ', "verdict": null}',
    ],
)  # fmt: skip
def test_a_move_is_read_in_many_dresses(text: str) -> None:
    assert read(text) == ASKED


def test_verdicts() -> None:
    said = '{"verdict": {"human": "B", "confidence": 90, "reason": "B is tired."}}'
    judged = Judgement(human="B", confidence=0.9, reason="B is tired.")
    assert read(said) == Move(judgement=judged)
    two = read(said.replace('"B", "conf', 'true, "conf'), Format.TWO_PARTY)
    assert two.judgement == Judgement(human=True, confidence=0.9, reason="B is tired.")
    low = read('{"verdict": {"human": "machine", "confidence": 0.2}}', Format.TWO_PARTY)
    assert low.judgement == Judgement(human=False, confidence=0.5, reason="")


def test_what_cannot_be_meant_is_left_out() -> None:
    said = json.dumps(
        {
            "messages": [
                {"pane": "C", "text": "who?"},
                {"pane": "A", "text": "  "},
                {"pane": "A", "text": "x" * 400},
                {"pane": "A", "text": "again"},
                7,
            ],
            "belief": 170,
            "verdict": {"human": "both", "confidence": 1},
        }
    )
    assert read(said) == Move(questions=(PaneQuestion(pane="A", text="x" * 300),))


@pytest.mark.parametrize("text", ["", "ready", "[1, 2]", '{"answer": 42}', '{"belief": "no"}', "{"])
def test_nothing_to_act_on_is_refused(text: str) -> None:
    with pytest.raises(MoveUnreadable, match="It"):
        read(text)


@given(st.text(alphabet='{}[]",:ab01 \n', max_size=80))
def test_any_text_is_a_move_or_refused(text: str) -> None:
    with contextlib.suppress(MoveUnreadable):
        read(text)
