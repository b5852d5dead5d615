"""The strings that an interrogator may ask to be typed back are of every kind and sendable."""

import re
import unicodedata
from collections import Counter

from tests.kit.paths import DATA

FOLDER = DATA / "echo"
MAX_CHARS = 300


def rows() -> list[tuple[str, str, str]]:
    header, *lines = (FOLDER / "strings.tsv").read_text("utf-8").removesuffix("\n").split("\n")
    assert header == "id\tkind\ttext"
    found = [tuple(line.split("\t")) for line in lines]
    return [(name, kind, text) for name, kind, text in found]


def unescaped(text: str) -> str:
    return re.sub(r"\\(.)", lambda m: {"n": "\n", "\\": "\\"}[m[1]], text)


def test_there_are_enough_of_every_kind() -> None:
    kinds = Counter(kind for _, kind, _ in rows())
    assert sum(kinds.values()) >= 300
    assert min(kinds.values()) >= 20 and max(kinds.values()) <= 30
    readme = (FOLDER / "README.md").read_text("utf-8")
    assert set(kinds) == set(re.findall(r"^\| (\w+) \|", readme, re.MULTILINE)) - {"kind"}


def test_ids_and_texts_are_unique() -> None:
    table = rows()
    assert len({name for name, _, _ in table}) == len({text for *_, text in table}) == len(table)


def test_a_text_is_one_that_a_person_can_send() -> None:
    for name, _, escaped in rows():
        text = unescaped(escaped)
        assert 0 < len(text) <= MAX_CHARS and text.strip() == text, name
        odd = [c for c in text if unicodedata.category(c) == "Cc" and c != "\n"]
        assert not odd, name


def test_only_texts_of_two_lines_have_line_breaks() -> None:
    for name, kind, escaped in rows():
        assert ("\n" in unescaped(escaped)) == (kind == "two_lines"), name
