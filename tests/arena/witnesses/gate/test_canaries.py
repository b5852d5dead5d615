"""Canaries: a word of its own for every room."""

from arena.witnesses import gate


def test_canary_is_a_word_of_its_own_in_every_room() -> None:
    words = {gate.canary(str(n)) for n in range(500)}
    assert len(words) == 500 and {len(word) for word in words} == {16}
    assert gate.canary("room") == gate.canary("room")
