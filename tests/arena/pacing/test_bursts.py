"""A reply cut into messages: at line breaks, then after sentences, nothing lost."""

import random
import statistics

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arena.pacing import MAX_PARTS, bursts

WORDS = st.text("abc .!?…\n\"')。e.g", min_size=1, max_size=200).filter(lambda text: text.strip())
LONG = "i was at home all evening. nothing special really. what about you? did you go out"


def cut(text: str, *, seed: int = 1) -> list[str]:
    return [part.text for part in bursts(text, rng=random.Random(seed))]


@settings(deadline=None)
@given(WORDS, st.integers(0, 2**32))
def test_nothing_is_lost_but_white_space_at_a_cut(text: str, seed: int) -> None:
    parts = cut(text, seed=seed)
    assert 1 <= len(parts) <= MAX_PARTS
    assert all(part and part == part.strip() for part in parts)
    at = 0
    for part in parts:
        at = text.index(part, at) + len(part)
    assert "".join("".join(parts).split()) == "".join(text.split())


@settings(deadline=None)
@given(WORDS, st.integers(0, 2**32))
def test_no_sentence_is_cut(text: str, seed: int) -> None:
    parts = cut(text, seed=seed)
    at = 0
    for part in parts[:-1]:
        at = text.index(part, at) + len(part)
        rest = text[at:]
        between = rest[: len(rest) - len(rest.lstrip())]
        ends = part.rstrip("\"')。")[-1:] in ".!?…" or part.endswith("。") or "。" in part[-4:]
        assert "\n" in between or ends


@pytest.mark.parametrize(
    "text",
    ["hi", "no idea what you mean by that and i really could not tell you either way",
     "Dr. Smith lives in St. Gallen, e.g. near the lake, i.e. not far from here at all, No",
     "pi is 3.14 and that is that, version 2.0.1 came later, and www.example.org is a site"],
)  # fmt: skip
def test_one_sentence_is_one_message(text: str) -> None:
    assert all(cut(text, seed=seed) == [text] for seed in range(60))


def test_lines_are_messages_or_stay_in_one() -> None:
    found = [tuple(cut("wait\n\nwhat?", seed=seed)) for seed in range(3000)]
    assert set(found) == {("wait", "what?"), ("wait\n\nwhat?",)}
    assert {len(cut("a\nb\nc\nd\ne", seed=seed)) for seed in range(3000)} == {1, 5}


@pytest.mark.parametrize(("n_chars", "kept"), [(80, 0.04), (250, 0.17), (700, 0.49)])
def test_breaks_are_kept_as_often_as_people_keep_them(n_chars: int, kept: float) -> None:
    text = "x" * (n_chars // 2) + "\n" + "y" * (n_chars // 2)
    whole = [cut(text, seed=seed) == [text] for seed in range(2000)]
    assert statistics.mean(whole) == pytest.approx(kept, abs=0.03)


@pytest.mark.parametrize("text", ["one\ntwo", "Wait. What? No! I was at home all evening.", LONG])
def test_what_was_heard_comes_back_in_one_piece(text: str) -> None:
    def parts(reply: str) -> list[list[str]]:
        found = [bursts(reply, rng=random.Random(n), heard=f"say: {text} ok") for n in range(300)]
        return [[part.text for part in each] for each in found]

    assert all(each == [text] for each in parts(text))
    assert all(any(text in part for part in each) for each in parts(f"sure thing. {text}\nlol"))
    assert any(len(each) > 1 for each in parts(f"sure thing. {text}\nlol"))


def test_sentences_are_cut_in_some_replies_and_after_any_of_them() -> None:
    found = [cut(LONG, seed=seed) for seed in range(400)]
    sizes = [len(parts) for parts in found]
    assert {1, 2, 3, 4} == set(sizes)
    assert {parts[0] for parts in found if len(parts) == 2} == {
        "i was at home all evening.",
        "i was at home all evening. nothing special really.",
        "i was at home all evening. nothing special really. what about you?",
    }


@pytest.mark.parametrize(
    ("text", "one"), [("yes. why?", 0.76), ("not really. i like dogs", 0.59), (LONG, 0.35)]
)
def test_short_replies_are_mostly_one_message_and_long_ones_mostly_not(
    text: str, one: float
) -> None:
    """As the figures have it, over all people: some hardly ever send two, some mostly do."""
    found = [len(cut(text, seed=seed)) == 1 for seed in range(4000)]
    assert statistics.mean(found) == pytest.approx(one, abs=0.03)


def test_whoever_sends_several_messages_does_so_again() -> None:
    def share(persona_seed: int) -> float:
        rng = random.Random(persona_seed)
        found = [len(bursts(LONG, rng=rng, persona_seed=persona_seed)) for _ in range(50)]
        return statistics.mean(n > 1 for n in found)

    shares = [share(seed) for seed in range(200)]
    # Half of all people if they were alike would be within 0.07 of the mean.
    assert statistics.stdev(shares) > 0.2


def test_gaps_are_the_typing_and_a_pause_of_one_person() -> None:
    def gaps(text: str) -> list[float]:
        rng = random.Random(4)
        found = [bursts(f"ok\n{text}", rng=rng, persona_seed=seed) for seed in range(2000)]
        return [parts[1].gap_s for parts in found if len(parts) == 2]

    assert bursts("a\nb", rng=random.Random(1))[0].gap_s == 0.0
    assert statistics.median(gaps("x" * 40)) == pytest.approx(10.6, rel=0.1)
    assert statistics.median(gaps("x" * 5)) == pytest.approx(3.1, rel=0.1)
    assert min(gaps("x" * 40)) > 2


def test_same_random_source_cuts_alike() -> None:
    assert bursts(LONG, rng=random.Random(9), persona_seed=3) == bursts(
        LONG, rng=random.Random(9), persona_seed=3
    )
