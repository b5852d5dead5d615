"""What is too little for a number."""

import numpy as np
import pytest

from analysis.numerics.limits import lacking, lacking_of


def test_enough_lacks_nothing() -> None:
    assert lacking(10, 5, 4.0) == ""
    assert lacking_of(np.repeat(list("abcde"), 2)) == ""


@pytest.mark.parametrize(
    ("rooms", "people", "worth", "said"),
    [
        (9, 5, 5.0, "it needs at least 10 rooms (9 so far)."),
        (12, 4, 4.0, "it needs at least 5 interrogators (4 so far)."),
        (
            40,
            6,
            2.51,
            "at least interrogators worth 4 of equally many rooms (these 6 are worth 2.5).",
        ),
        (3, 2, 2.0, "it needs at least 10 rooms (3 so far) and 5 interrogators (2 so far)."),
    ],
)
def test_what_is_missing_is_said(rooms: int, people: int, worth: float, said: str) -> None:
    assert lacking(rooms, people, worth).endswith(said)


def test_one_who_plays_most_rooms_makes_the_others_few() -> None:
    who = ["a"] * 50 + list("bcdefg")
    assert "these 7 are worth 1.3" in lacking_of(who)
