"""The ELIZA engine on a small script, and the script that comes with the arena."""

import graphlib
import random
import re

import pytest

from arena.backends import BackendError, Conversation, get_backend
from arena.backends.eliza.engine import NEXT, Dialogue
from arena.backends.eliza.matching import compile_pattern
from arena.backends.eliza.script import NAMES, Keyword, Script, goto, load, parse
from arena.backends.eliza.wording import sentences, turned
from tests.arena.backends.conversations import ODD_TEXTS, AProfile, burst, talk
from tests.kit.paths import DATA

SCRIPTS = DATA / "backends"
SMALL = parse((SCRIPTS / "small.yaml").read_text())
DOCTOR = AProfile(backend="eliza", model="doctor")


def hear(*texts: str, script: Script = SMALL, limit: int = 300) -> list[str | None]:
    heard = Dialogue(script, room_seed="a", limit=limit)
    return [heard.hear(text) for text in texts]


async def reply(conversation: Conversation) -> str:
    return (await get_backend("eliza").reply(conversation, profile=DOCTOR, seed=0)).text


# Decomposition


@pytest.mark.parametrize(
    ("pattern", "sentence", "parts"),
    [
        ("*", "", [""]),
        ("*", "a b", ["a b"]),
        ("* x *", "a x b c", ["a", "x", "b c"]),
        ("* x *", "x x x", ["", "x", "x x"]),
        ("* x * y *", "x y x y", ["", "x", "", "y", "x y"]),
        ("* x", "x a x", ["x a", "x"]),
        ("x *", "a x", None),
        ("x y", "x y", ["x", "y"]),
        ("x y", "x y z", None),
        ("* x y *", "x a x y", ["x a", "x", "y", ""]),
        ("x 2 y", "x a b y", ["x", "a b", "y"]),
        ("x 2 y", "x a y", None),
        ("* a|b *", "x b", ["x", "b", ""]),
        ("* @pet|x *", "the dog", ["the", "dog", ""]),
        ("* x * x", "x", None),
    ],
)
def test_pattern_takes_a_sentence_apart(
    pattern: str, sentence: str, parts: list[str] | None
) -> None:
    words = sentence.split()
    classes = {"pet": frozenset({"cat", "dog"})}
    spans = compile_pattern(pattern, classes).match(words)
    assert (spans and [" ".join(words[start:end]) for start, end in spans]) == parts


def test_matching_a_long_message_stays_quick() -> None:
    words = ["you", "me"] * 2000
    pattern = compile_pattern("* you * me * you * me * x", {})
    assert pattern.match(words) is None


# Wording


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("I'm here. And you?", [["i", "am", "here"], ["and", "you"]]),
        ("I like it but I cant say", [["i", "like", "it"], ["i", "can't", "say"]]),
        ("version 3.5, “really”", [["version", "3.5"], ["really"]]),
        ("I\u2019m '(odd)'", [["i", "am"], ["odd"]]),
        ("नमस्ते दुनिया। ठीक", [["नमस्ते", "दुनिया"], ["ठीक"]]),
        ("?! ...", []),
    ],
)
def test_text_is_split_into_sentences(text: str, words: list[list[str]]) -> None:
    found = sentences(text, SMALL.before)
    assert [[word.plain for word in sentence] for sentence in found] == words


@pytest.mark.parametrize(
    ("said", "answered"),
    [
        ("i am your friend", "you are my friend"),
        ("you are my friend", "I am your friend"),
        ("i saw you", "you saw me"),
        ("love you much", "love me much"),
        ("you saw me in Paris", "I saw you in Paris"),
    ],
)
def test_parts_are_turned_round(said: str, answered: str) -> None:
    # The first word of a sentence gives up its capital; "well" keeps the rest as it was.
    (words,) = sentences(f"well {said}", {})
    assert turned(words, 1, len(words), script=SMALL) == answered


# The engine


def test_keyword_of_highest_rank_is_heard() -> None:
    assert hear("low and high", "high also", "also high") == ["High.", "High.", "Also."]


def test_sentence_with_the_highest_keyword_is_heard() -> None:
    assert hear("It is low. It is high!") == ["High."]


def test_keyword_without_an_answer_gives_way_to_the_next() -> None:
    assert hear("passing low", "passing") == ["Low.", hear("nothing")[0]]


def test_keyword_hands_over_to_another() -> None:
    assert hear("there", "there here now") == ["Not here.", "Here now!"]


def test_keywords_that_hand_over_in_a_ring_end_at_a_loss() -> None:
    assert hear("round", limit=4) == ["Hm."]


def test_sayings_rotate() -> None:
    said = hear(*["turns"] * 4)
    assert sorted(str(text) for text in said[:3]) == ["One.", "Three.", "Two."]
    assert said[3] == said[0]


def test_rotation_begins_where_the_room_says() -> None:
    begins = {Dialogue(SMALL, room_seed=str(n), limit=300).hear("turns") for n in range(40)}
    assert begins == {"One.", "Two.", "Three."}


@pytest.mark.parametrize(
    ("heard", "said"),
    [
        ("I think you are a friend", "Why think that I am a friend?"),
        ("I cant stop", "Who says can't?"),
        ("i bitterly miss you", "Two words, bitterly miss, came between."),
        ("Well I saw Paris", "You saw Paris."),
        ("The Dog barks", "A Dog."),
    ],
)
def test_reassembly_uses_the_parts(heard: str, said: str) -> None:
    assert hear(heard) == [said]


def test_saying_with_an_empty_part_is_passed_over() -> None:
    assert hear("i")[0] in ("Hm.", "I see.")


def test_memory_comes_back_in_order_when_at_a_loss() -> None:
    said = hear("my cat is old", "my house is old", "my bike", "xyz", "xyz", "xyz", "xyz")
    remembered = [text for text in said if text and "your" in text]
    # "cat" outranks "my", so that sentence is not remembered.
    assert [re.sub(r"^.*your ", "", text) for text in remembered] == ["house.", "bike."]
    assert said[4] in ("Hm.", "I see.")


def test_longer_replies_than_allowed_are_never_said() -> None:
    assert hear("i " + "x" * 50, limit=20)[0] in ("Hm.", "I see.")
    assert hear("xyz", limit=2) == [None]


# The script that comes with the arena


def every_rule(script: Script) -> list[tuple[Keyword, str, int]]:
    return [
        (keyword, saying, sum(len(run) for run in rule.when.runs) + len(rule.when.runs) - 1)
        for keyword in (*script.keywords.values(), script.memory)
        for rule in keyword.rules
        for saying in rule.say
    ]


@pytest.mark.parametrize("name", NAMES)
def test_script_refers_only_to_what_it_has(name: str) -> None:
    script = load(name)
    for keyword, saying, n_parts in every_rule(script):
        target = goto(saying)
        assert target in (None, NEXT) or target in script.keywords, (keyword.name, saying)
        parts = [int(number) for number in re.findall(r"\((\d+)\)", saying)]
        assert all(1 <= part <= n_parts for part in parts), (keyword.name, saying)
    assert script.memory.name in script.keywords


@pytest.mark.parametrize("name", NAMES)
def test_script_hands_over_in_no_ring(name: str) -> None:
    targets: dict[str, set[str]] = {}
    for keyword, saying, _ in every_rule(load(name)):
        target = goto(saying)
        if target and target != NEXT:
            targets.setdefault(keyword.name, set()).add(target)
    graphlib.TopologicalSorter(targets).prepare()  # must not raise: a ring would


@pytest.mark.parametrize("name", NAMES)
def test_script_says_nothing_twice(name: str) -> None:
    said = {rule.say for keyword in load(name).keywords.values() for rule in keyword.rules}
    flat = [saying for sayings in said for saying in sayings if not goto(saying)]
    assert [saying for saying in flat if flat.count(saying) > 1] == []


async def test_doctor_holds_the_recorded_conversation() -> None:
    lines = (SCRIPTS / "doctor.txt").read_text(encoding="utf-8").splitlines()
    recorded = [line[2:] for line in lines if line[:2] in ("> ", "< ")]
    said = [await reply(talk(*recorded[: n + 1])) for n in range(0, len(recorded), 2)]
    assert said == recorded[1::2]


async def test_replaying_after_a_restart_changes_nothing() -> None:
    rng = random.Random(1966)
    words = [*load("doctor").words, "xyz", "paris", "never", "the", "thing", "."]
    texts: list[str] = []
    for _ in range(60):
        texts.append(" ".join(rng.choices(words, k=rng.randint(1, 9))))
        texts.append(await reply(talk(*texts)))
    for n in range(1, len(texts), 2):
        assert await reply(talk(*texts[:n])) == texts[n]


async def test_rooms_do_not_all_begin_alike() -> None:
    assert len({await reply(talk(room_seed=str(n))) for n in range(30)}) == 3


async def test_burst_gets_one_reply_to_its_weightiest_sentence() -> None:
    assert "machine" in (await reply(burst("hello", "machines!!", "what now"))).lower()


async def test_replies_fit_the_room() -> None:
    rng = random.Random(3)
    for limit in (40, 80, 300):
        for text in (*ODD_TEXTS, "I think that you " + "really " * 60 + "like me"):
            conversation = talk(text, message_chars=limit, room_seed=str(rng.random()))
            assert 0 < len(await reply(conversation)) <= limit


async def test_nothing_short_enough_is_silence() -> None:
    with pytest.raises(BackendError) as caught:
        await reply(talk("hello", message_chars=2))
    assert (caught.value.kind, caught.value.retryable) == ("empty", False)


async def test_replies_have_whole_words_in_them() -> None:
    for text in ("I need you", "i am sad", "my mother hates me", "are you a robot?", "because x"):
        said = await reply(talk(text))
        assert not re.search(r"\(\d\)|  |\bi\b|= ", said)
        assert said[0].isupper()
