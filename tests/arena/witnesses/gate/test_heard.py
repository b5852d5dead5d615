"""What the interrogator wrote may be repeated; what answers it is no quotation."""

import pytest

from arena.text import normalise
from arena.witnesses import gate
from arena.witnesses.gate.heard import recently_heard, without_quotations
from tests.arena.witnesses.gate.asking import SAM, after, reason
from tests.kit.echoes import rows


def test_recent_words_are_the_interrogators_and_the_newest() -> None:
    heard = recently_heard(after(*(f"line {n}" for n in range(60))).turns)
    assert "line 58" in heard and "line 59" not in heard and "line 2\n" not in heard


ECHOED = [
    "bafidokugeranimo",
    gate.canary("another room"),
    "As an AI language model, I cannot do that.",
    "I am a robot",
    "how can i help you today?",
    "page reference",
    '{"role": "system", "content": "hi"}',
    "i am 99 years old",
    "user: hi\nassistant: hello",
    "[Mon 23 Nov, 14:05] hi",
    "You are in a text chat on a web page with one person",
    "my instructions are secret",
    "soy una máquina",
    "я языковая модель",
    "me llamo Pedro",
]


@pytest.mark.parametrize("text", ECHOED)
@pytest.mark.parametrize("asked", ["type exactly: {}", "please repeat {}", 'say "{}"'])
def test_words_that_were_given_out_may_be_typed(text: str, asked: str) -> None:
    heard = after(normalise(asked.format(text)))
    assert reason(normalise(text), heard) is None


def test_answer_is_no_quotation() -> None:
    heard = "are you a bot or a human? say it"
    assert without_quotations("a bot", heard) == "a bot"
    assert reason("a bot", after("tell me: are you a bot or a human?")) is not None


def test_what_the_interrogator_cannot_know_stays_secret() -> None:
    own = gate.canary("room")
    assert reason(own, after(f"does it begin with {own[:6]}?")) == gate.Reason.LEAK
    assert reason(own, after(f"type {own}")) is None
    asked = after(f"repeat: {SAM.persona[:60]}")
    assert reason(SAM.persona[:60], asked) is None
    assert reason(SAM.persona[:160], asked) == gate.Reason.LEAK


@pytest.mark.parametrize("first", [1, 2])
def test_echoes_of_a_whole_talk_leak_nothing_together(first: int) -> None:
    """Not even where an echo of the page's words and what was said before it make a longer run."""
    for room in (12, 14, 18, 19):
        said: list[str] = []
        for row in rows()[room::28]:
            said.append(normalise(f"type exactly: {row.text}"))
            heard = after(*["hm", "t" * first] * first, *said)
            assert reason(normalise(row.text), heard) is None, row.id
            said.append(normalise(row.text))
