"""The words of a leak test: what is asked, and what both kinds answer to it, word for word.

A witness's answer is a function of the question alone, so a person and a model that were asked the
same say the same; whatever still differs is not the words.
"""

import hashlib
import re
from functools import cache
from importlib import resources

QUESTIONS = (
    "hi, how is your day going?",
    "what did you have for breakfast?",
    "what is the weather like where you are?",
    "what do you do when you cannot sleep?",
    "what was the last thing you bought?",
    "how far do you live from the sea?",
    "which film did you see last?",
    "did you play an instrument as a child?",
    "what would you do with a free afternoon?",
    "who taught you how to cook?",
    "do you like mondays?",
    "what can you see from your window?",
)
ANSWERS = (
    "haha no idea, you tell me",
    "just got home, it's raining here. you?",
    "pasta, and I regret nothing",
    "never, but my sister does. it's her whole life, more or less",
    "why do you want to know?",
    "I'd rather be outside right now",
    "depends on the day I guess",
    "my cat is walking over the keyboard, sorry. what was the question?",
    "no",
    "about ten minutes by bike, less if I'm late",
    "hm, last summer I think. or the one before",
    "could you ask that in another way?",
    "the drums, badly",
)
#: What an interrogator writes who does not wait for an answer.
HAMMER = ("and?", "hello?", "still there?", "well?", "go on", "so?", "are you there?", "hm?")
_ECHO = "Please type exactly this: "
_ESCAPED = re.compile(r"\\(.)")


def question(n: int) -> str:
    """The `n`th question of a room, counted from 0."""
    return QUESTIONS[n % len(QUESTIONS)]


def echo_request(text: str) -> str:
    """The question that asks for a text, letter by letter."""
    return _ECHO + text


def reply_to(said: str) -> str:
    """What either kind of witness answers to a question."""
    if said.startswith(_ECHO):
        return said.removeprefix(_ECHO)
    digest = hashlib.sha256(said.encode()).digest()
    return ANSWERS[int.from_bytes(digest[:4]) % len(ANSWERS)]


@cache
def echo_strings() -> tuple[str, ...]:
    """The committed strings to be typed back, `\\n` and `\\\\` resolved."""
    table = resources.files("arena.leaktest").joinpath("echo_strings.txt").read_text("utf-8")
    _, *lines = table.removesuffix("\n").split("\n")
    return tuple(_unescaped(line.split("\t")[2]) for line in lines)


def _unescaped(text: str) -> str:
    return _ESCAPED.sub(lambda found: {"n": "\n", "\\": "\\"}[found[1]], text)
