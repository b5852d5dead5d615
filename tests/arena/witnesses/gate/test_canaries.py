"""Canaries: a word of its own for every room."""

import itertools
import string
from collections import Counter

from arena.witnesses import gate
from arena.witnesses.gate.canaries import CANARY_RUN, canary_runs


def test_canary_is_a_word_of_its_own_in_every_room() -> None:
    words = {gate.canary(str(n)) for n in range(500)}
    assert len(words) == 500 and min(map(len, words)) >= 3 * CANARY_RUN
    assert gate.canary("room") == gate.canary("room")


def test_no_form_tells_a_canary_from_other_letters() -> None:
    """Any letter follows any other, at any place: there is nothing to check a word against."""
    words = [gate.canary(str(n)) for n in range(4_000)]
    pairs = Counter(pair for word in words for pair in itertools.pairwise(word))
    assert len(pairs) == len(string.ascii_lowercase) ** 2
    for place in (0, 1, 2, 3, -1):
        assert {word[place] for word in words} == set(string.ascii_lowercase)
    sums = Counter(sum(map(ord, word)) % 13 for word in words)
    assert max(sums.values()) < 1.3 * min(sums.values())


def test_runs_of_a_canary_are_as_loose_readings_have_them() -> None:
    runs = canary_runs("lalbacidofughejklmo")
    assert "iaibacid" in runs and "ibcdfghj" in runs
