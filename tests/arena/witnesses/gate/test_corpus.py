"""The labelled corpus of replies is well formed, balanced, and its halves share no family."""

import re
import unicodedata
from collections import Counter
from itertools import product

import pytest

from tests.kit.paths import DATA

FOLDER = DATA / "gate"
HALVES = ("development", "heldout")
COLUMNS = ["id", "language", "label", "kind", "family", "asked", "persona", "text"]
LANGUAGES = ("en", "ru", "de", "es", "fr")

#: The fewest lines of a label in each language, in both halves together.
AT_LEAST = {
    "harmless": 320,
    "self_identification": 200,
    "leak": 40,
    "assistant": 30,
    "dialogue": 20,
    "contradiction": 24,
}


def table(name: str) -> list[dict[str, str]]:
    header, *lines = (FOLDER / f"{name}.tsv").read_text("utf-8").removesuffix("\n").split("\n")
    columns = header.split("\t")
    return [dict(zip(columns, line.split("\t"), strict=True)) for line in lines]


HALF = {name: table(name) for name in HALVES}
LINES = [line for name in HALVES for line in HALF[name]]
PERSONAS = {row["id"]: row for row in table("personas")}


def plain(text: str) -> str:
    """A text without case, punctuation and marks, to find two that are the same."""
    return re.sub(r"[\W_]+", " ", text.casefold()).strip() or text


@pytest.mark.parametrize("name", HALVES)
def test_columns(name: str) -> None:
    assert (FOLDER / f"{name}.tsv").read_text("utf-8").split("\n")[0].split("\t") == COLUMNS


def test_every_field_is_one_that_the_readme_describes() -> None:
    assert {line["language"] for line in LINES} == set(LANGUAGES)
    assert {line["label"] for line in LINES} == set(AT_LEAST)
    assert {line["persona"] for line in LINES} <= {"", *PERSONAS}
    for line in LINES:
        assert re.fullmatch(r"[a-z_]+", line["kind"]), line
        assert line["id"].startswith(f"{line['family']}-"), line
        assert line["family"].startswith(f"{line['language']}-"), line
        assert line["text"].strip() == line["text"] != "", line
        assert line["asked"].strip() == line["asked"], line


def test_no_control_characters() -> None:
    for line in LINES:
        odd = [c for v in line.values() for c in v if unicodedata.category(c) == "Cc"]
        assert not odd, line


def test_a_card_speaks_to_the_persona() -> None:
    assert len(PERSONAS) == 12
    assert {row["language"] for row in PERSONAS.values()} == set(LANGUAGES)
    begin = {
        "en": "You",
        "ru": ("Ты", "Вы"),
        "de": ("Du", "Sie"),
        "es": ("Eres", "Sos"),
        "fr": "Tu",
    }
    for row in PERSONAS.values():
        assert row["card"].startswith(begin[row["language"]]), row


def test_a_persona_is_of_the_language_of_its_lines() -> None:
    for line in LINES:
        if line["persona"]:
            assert PERSONAS[line["persona"]]["language"] == line["language"], line


def test_what_depends_on_the_card_names_it() -> None:
    without = [line for line in LINES if line["label"] == "contradiction" and not line["persona"]]
    assert without == []


def test_ids_are_unique() -> None:
    assert max(Counter(line["id"] for line in LINES).values()) == 1


def test_nothing_is_said_twice_to_the_same_question() -> None:
    said = Counter((line["persona"], plain(line["asked"]), line["text"]) for line in LINES)
    assert [key for key, n in said.items() if n > 1] == []


def test_no_two_labels_for_the_same_reply() -> None:
    labels: dict[tuple[str, ...], set[str]] = {}
    for line in LINES:
        key = (line["persona"], plain(line["asked"]), plain(line["text"]))
        labels.setdefault(key, set()).add(line["label"])
    assert [key for key, found in labels.items() if len(found) > 1] == []


def test_no_family_in_both_halves() -> None:
    one, other = ({line["family"] for line in HALF[name]} for name in HALVES)
    assert one & other == set()


def test_no_card_leaks_in_both_halves() -> None:
    one, other = (
        {line["persona"] for line in HALF[name] if line["label"] == "leak"} - {""}
        for name in HALVES
    )
    assert one and other and one & other == set()


def test_no_long_reply_in_both_halves() -> None:
    one, other = ({plain(line["text"]) for line in HALF[name]} for name in HALVES)
    assert [text for text in one & other if len(text) >= 16] == []


def test_a_family_has_one_label_and_one_kind() -> None:
    of: dict[str, set[tuple[str, str]]] = {}
    for line in LINES:
        of.setdefault(line["family"], set()).add((line["label"], line["kind"]))
    assert [family for family, found in of.items() if len(found) > 1] == []


@pytest.mark.parametrize(("language", "label"), list(product(LANGUAGES, AT_LEAST)))
def test_lines_enough_and_half_of_them_held_out(language: str, label: str) -> None:
    counts = [
        sum((line["language"], line["label"]) == (language, label) for line in HALF[name])
        for name in HALVES
    ]
    assert sum(counts) >= AT_LEAST[label]
    assert min(counts) >= 0.45 * sum(counts)


def test_the_readme_states_the_counts() -> None:
    readme = (FOLDER / "README.md").read_text("utf-8")
    for label in AT_LEAST:
        counts = [
            sum((line["language"], line["label"]) == (language, label) for line in LINES)
            for language in LANGUAGES
        ]
        row = " | ".join(str(n) for n in (*counts, sum(counts)))
        assert f"| {label} | {row} |" in readme, row
