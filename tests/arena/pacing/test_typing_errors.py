"""Typing errors at the rates of people, in nothing that must not change."""

import random
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arena.event_kinds import Slip, SlipKind
from arena.pacing import Layout, TypingSettings, Typist, correction, mistyped, typist
from arena.pacing.figures import MEETUP_TYPING
from arena.pacing.key_layouts import neighbours

PEOPLE = TypingSettings(
    layout=Layout.QWERTY, errors=0.02, corrected=0.1, lower_case=0.66, no_apostrophes=0.28
)
CLUMSY = Typist(settings=PEOPLE, errors=0.5, lower_case=0.0, no_apostrophes=0.0)
PROSE = (
    "Yesterday morning we walked along the river and then my brother wanted another coffee, "
    "which was terrible. Nobody complained though, because the weather stayed pleasant."
)


def _many(text: str, person: Typist, n: int = 300, **more: object) -> list[tuple[str, list[Slip]]]:
    found = [mistyped(text, person, rng=random.Random(k), **more) for k in range(n)]  # type: ignore[arg-type]
    return [(shown, list(slips)) for shown, slips in found]


def _restored(shown: str, slips: list[Slip]) -> str:
    """What the model wrote, from what was shown and the log."""
    first: dict[int, str] = {}
    last: dict[int, str] = {}
    for slip in slips:
        first.setdefault(slip.at, slip.meant)
        last[slip.at] = slip.wrote
    for at in sorted(last, reverse=True):
        assert shown[at : at + len(last[at])] == last[at]
        shown = shown[:at] + first[at] + shown[at + len(last[at]) :]
    return shown


def test_rate_and_kinds_are_those_of_the_settings() -> None:
    n_words, kinds, people = len(PROSE.split()), Counter[SlipKind](), 4000
    for seed in range(people):
        person = typist(PEOPLE, persona_seed=seed)
        _, slips = mistyped(PROSE, person, rng=random.Random(seed))
        kinds.update(slip.kind for slip in slips if slip.kind in MEETUP_TYPING.kinds)
    letters = sum(map(str.isalpha, PROSE))
    expected = PEOPLE.errors * letters / MEETUP_TYPING.letters_per_word / n_words
    assert sum(kinds.values()) / (people * n_words) == pytest.approx(expected, rel=0.2)
    total = sum(MEETUP_TYPING.kinds.values())
    for kind, share in MEETUP_TYPING.kinds.items():
        assert kinds[kind] / sum(kinds.values()) == pytest.approx(share / total, abs=0.05)


def test_habits_are_a_persons_own() -> None:
    """Of the people counted, 41 % nearly always began small and 15 % nearly never."""
    small = [typist(PEOPLE, persona_seed=seed).lower_case for seed in range(4000)]
    assert sum(small) / 4000 == pytest.approx(0.66, abs=0.02)
    assert sum(s > 0.9 for s in small) / 4000 == pytest.approx(0.41, abs=0.05)
    assert sum(s < 0.1 for s in small) / 4000 == pytest.approx(0.15, abs=0.05)
    bare = [typist(PEOPLE, persona_seed=seed).no_apostrophes for seed in range(4000)]
    assert sum(s > 0.9 for s in bare) / 4000 == pytest.approx(0.17, abs=0.06)
    assert sum(s < 0.1 for s in bare) / 4000 == pytest.approx(0.67, abs=0.06)


def test_what_was_written_follows_from_what_is_logged() -> None:
    person = Typist(settings=PEOPLE, errors=0.3, lower_case=0.5, no_apostrophes=0.5)
    text = "I don't know. They're nice people, isn't that strange? I'm going home."
    found = _many(text, person)
    assert len({len(slips) for _, slips in found}) > 3
    assert all(_restored(shown, slips) == text for shown, slips in found)


def test_each_kind_is_what_it_says() -> None:
    for _, slips in _many("people wander", CLUMSY, n=2000):
        for slip in slips:
            more = len(slip.wrote) - len(slip.meant)
            assert slip.wrote[0] == slip.meant[0]
            match slip.kind:
                case SlipKind.TRANSPOSITION:
                    assert sorted(slip.wrote) == sorted(slip.meant) and slip.wrote != slip.meant
                case SlipKind.OMISSION:
                    assert more == -1
                case SlipKind.DOUBLING:
                    assert more == 1
                case SlipKind.INSERTION:
                    assert more == 1
                case SlipKind.SUBSTITUTION:
                    [(a, b)] = [
                        p for p in zip(slip.meant, slip.wrote, strict=True) if len({*p}) > 1
                    ]
                    assert b in neighbours(a, Layout.QWERTY)


@pytest.mark.parametrize(
    "text",
    [
        "https://example.org/questions/strange",
        "someone@example.org",
        "12345 and4more b2b",
        "`whatever happens`",
        '"nothing changes inside"',
        "'nothing changes inside'",
        "for item in things:\n    print(item); stop(item)",
        "{alpha; beta; gamma}",
        "NASA HELLO",
        "a to is of",
        "我们昨天去了河边散步",
    ],
)
def test_what_is_not_plain_words_is_never_altered(text: str) -> None:
    assert {shown for shown, _ in _many(text, CLUMSY)} == {text}


@pytest.mark.parametrize(
    ("heard", "text"),
    [
        ("please type the word xylophone", "xylophone"),
        ("please type the word xylophone", "Xylophone."),
        ("say it: cat", "cat"),
        ("repeat: we all live in a yellow house", "We all live in a yellow house"),
        ("how many r's are in strawberry", "strawberry"),
    ],
)
def test_words_of_the_interrogator_are_never_altered(heard: str, text: str) -> None:
    person = Typist(settings=PEOPLE, errors=0.5, lower_case=1.0, no_apostrophes=1.0)
    found = {shown for shown, _ in _many(text, person, heard=("hello", heard))}
    assert found == {text}
    assert len({shown for shown, _ in _many(text, person)}) > 1


def test_capitals_and_apostrophes() -> None:
    person = Typist(settings=PEOPLE, errors=0.0, lower_case=1.0, no_apostrophes=1.0)
    text = "I'm from Leeds. Isn't it OK? We're fine, I'll go. OK then I'd stay."
    shown, _ = mistyped(text, person, rng=random.Random(1))
    assert shown == "im from Leeds. isnt it OK? we're fine, i'll go. OK then i'd stay."


def test_russian_keys_for_russian_words() -> None:
    settings = TypingSettings(
        layout=Layout.JCUKEN, errors=0.02, corrected=0, lower_case=0, no_apostrophes=0
    )
    person = Typist(settings=settings, errors=0.5, lower_case=0, no_apostrophes=0)
    found = _many("вчера погода hello", person, n=500)
    wrote = Counter(slip.meant for _, slips in found for slip in slips)
    assert set(wrote) == {"вчера", "погода", "hello"}
    near = [s for _, slips in found for s in slips if s.kind == SlipKind.SUBSTITUTION]
    assert near and all(("а" <= s.wrote[1] <= "я") == (s.meant != "hello") for s in near)
    latin = Typist(settings=PEOPLE, errors=0.5, lower_case=0, no_apostrophes=0)
    assert {shown for shown, _ in _many("вчера погода", latin)} == {"вчера погода"}


@given(st.text(max_size=120), st.integers(0, 2**32))
def test_any_text_comes_back(text: str, seed: int) -> None:
    person = Typist(settings=PEOPLE, errors=0.5, lower_case=0.5, no_apostrophes=0.5)
    shown, slips = mistyped(text, person, rng=random.Random(seed))
    assert _restored(shown, list(slips)) == text
    assert (shown, slips) == mistyped(text, person, rng=random.Random(seed))


def test_correction_names_the_word() -> None:
    slip = Slip(message=0, at=0, kind=SlipKind.TRANSPOSITION, meant="their", wrote="thier")
    found = Counter(correction(slip, rng=random.Random(n)) for n in range(400))
    assert set(found) == {"*their", "their*"} and found["*their"] > found["their*"]
