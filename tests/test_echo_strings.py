"""The strings that an interrogator may ask to be typed back are of every kind and sendable."""

import re
import unicodedata
from collections import Counter

from tests.kit.echoes import FOLDER, rows

MAX_CHARS = 300


def test_there_are_enough_of_every_kind() -> None:
    kinds = Counter(row.kind for row in rows())
    assert sum(kinds.values()) >= 300
    assert min(kinds.values()) >= 20 and max(kinds.values()) <= 30
    readme = (FOLDER / "README.md").read_text("utf-8")
    assert set(kinds) == set(re.findall(r"^\| (\w+) \|", readme, re.MULTILINE)) - {"kind"}


def test_ids_and_texts_are_unique() -> None:
    table = rows()
    assert len({row.id for row in table}) == len({row.text for row in table}) == len(table)


def test_a_text_is_one_that_a_person_can_send() -> None:
    for row in rows():
        text = row.text
        assert 0 < len(text) <= MAX_CHARS and text.strip() == text, row.id
        odd = [c for c in text if unicodedata.category(c) == "Cc" and c != "\n"]
        assert not odd, row.id


def test_only_texts_of_two_lines_have_line_breaks() -> None:
    for row in rows():
        assert ("\n" in row.text) == (row.kind == "two_lines"), row.id
