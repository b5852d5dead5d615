"""How people send several lines: turns are told apart, pasted ones left out, the chance fitted."""

import numpy as np
import pytest

from arena.pacing.figures import KEPT_IN_ONE
from bench.pacing.line_breaks import Turn, fit_kept, report, turns

MESSAGE = (
    "<message><ts>2019-01-01T10:{at}.000001</ts><user>{who}</user><text>{text}</text></message>"
)


def channel(*said: tuple[str, str, str]) -> list[Turn]:
    lines = (MESSAGE.format(at=at, who=who, text=text) for at, who, text in said)
    return list(turns("\n".join(lines)))


def test_turn_ends_with_another_person_or_a_pause() -> None:
    assert channel(
        ("00:00", "Ann", "hi"),
        ("00:10", "Ann", "you\nthere?"),
        ("00:20", "Bob", "yes"),
        ("02:00", "Bob", "sorry"),
    ) == [Turn(12, 1, 1), Turn(3, 0, 0), Turn(5, 0, 0)]


@pytest.mark.parametrize("pasted", ["```\nx = 1\n```", "see https://example.org", "&gt; so\nno"])
def test_pasted_turns_are_left_out(pasted: str) -> None:
    assert channel(("00:00", "Ann", pasted), ("00:10", "Bob", "a\nb")) == [Turn(3, 1, 0)]


def test_fit_finds_the_chance_that_the_turns_were_drawn_with() -> None:
    rng = np.random.default_rng(1)
    n = rng.integers(10, 800, 20_000)
    chance = 1 / (1 + np.exp(-KEPT_IN_ONE[0] - KEPT_IN_ONE[1] * np.log(n)))
    kept = rng.random(len(n)) < chance
    drawn = [Turn(int(c), int(k), int(not k)) for c, k in zip(n, kept, strict=True)]
    assert fit_kept(drawn) == pytest.approx(KEPT_IN_ONE, rel=0.1)
    assert next(report(drawn)) == "20000 turns, 20000 of several lines"
