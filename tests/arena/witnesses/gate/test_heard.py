"""Which words of the interrogator are recent."""

from arena.witnesses.gate.heard import recently_heard
from tests.arena.witnesses.gate.asking import after


def test_recent_words_are_the_interrogators_and_the_newest() -> None:
    heard = recently_heard(after(*(f"line {n}" for n in range(60))))
    assert "line 58" in heard and "line 59" not in heard and "line 2\n" not in heard
