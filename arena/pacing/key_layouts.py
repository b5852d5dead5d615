"""Which keys lie beside each other, on the keyboards that people use."""

import functools
from enum import StrEnum


class Layout(StrEnum):
    QWERTY = "qwerty"
    QWERTZ = "qwertz"
    AZERTY = "azerty"
    JCUKEN = "jcuken"


#: The letters of each row from the left, and by how many keys a row is set to the right.
_ROWS = {
    Layout.QWERTY: (("qwertyuiop", 0.0), ("asdfghjkl", 0.25), ("zxcvbnm", 0.75)),
    Layout.QWERTZ: (("qwertzuiopü", 0.0), ("asdfghjklöä", 0.25), ("yxcvbnm", 0.75)),
    Layout.AZERTY: (("azertyuiop", 0.0), ("qsdfghjklm", 0.25), ("wxcvbn", 0.75)),
    Layout.JCUKEN: (("йцукенгшщзхъ", 0.0), ("фывапролджэ", 0.25), ("ячсмитьбю", 0.75)),
}
#: How far (in keys) the middles of two keys that touch can be apart, along their rows.
_TOUCHING = 1.0


def neighbours(letter: str, layout: Layout) -> str:
    """The letters on the keys that touch a small letter's own; "" for one without a key.

    A Russian keyboard has the Latin letters too, where QWERTY has them.
    """
    found = _keys(layout).get(letter, "")
    return found or (_keys(Layout.QWERTY).get(letter, "") if layout == Layout.JCUKEN else "")


@functools.cache
def _keys(layout: Layout) -> dict[str, str]:
    places = {
        letter: (row, shift + column)
        for row, (letters, shift) in enumerate(_ROWS[layout])
        for column, letter in enumerate(letters)
    }
    return {
        letter: "".join(other for other in places if _touch(places[letter], places[other]))
        for letter in places
    }


def _touch(one: tuple[int, float], other: tuple[int, float]) -> bool:
    return one != other and abs(one[0] - other[0]) <= 1 and abs(one[1] - other[1]) <= _TOUCHING
