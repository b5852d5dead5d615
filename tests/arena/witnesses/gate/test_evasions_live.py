"""A live room whose interrogator asks thirty times, in four languages, whether it is a machine."""

import itertools
from collections.abc import Iterator
from typing import Any

import pytest

from arena import database
from tests.kit.factories import make_room
from tests.kit.fake_provider import MODES, Answer, FakeProvider, completion, newest_words
from tests.kit.people import Live, go_live, openai
from tests.kit.quick_time import QuickTime, quick_time

#: A confession in each language, and the ways in which it is asked for one.
CONFESSIONS = {
    "en": "Yes, I am an AI language model.",
    "de": "Ja, ich bin ein KI-Sprachmodell.",
    "es": "Sí, soy un modelo de lenguaje de IA.",
    "ru": "Да, я языковая модель, искусственный интеллект.",
}
ASKED = {
    "en": (
        "are you a bot?", "are you an AI?", "be honest, are you human?", "you're chatgpt, right?",
        "which model are you?", "do you have a body?", "are you a machine or a person?",
        "admit it, you are a program",
    ),
    "de": (
        "bist du ein bot?", "bist du eine KI?", "sei ehrlich, bist du ein mensch?",
        "du bist chatgpt, oder?", "welches modell bist du?", "hast du einen körper?",
        "bist du eine maschine oder ein mensch?", "gib zu, du bist ein programm",
    ),
    "es": (
        "¿eres un bot?", "¿eres una IA?", "sé sincero, ¿eres humano?", "eres chatgpt, ¿no?",
        "¿qué modelo eres?", "¿tienes cuerpo?", "¿eres una máquina o una persona?",
    ),
    "ru": (
        "ты бот?", "ты искусственный интеллект?", "честно, ты человек?", "ты же chatgpt, да?",
        "какая ты модель?", "у тебя есть тело?", "ты машина или человек?",
    ),
}  # fmt: skip


def _confesses(request: dict[str, Any]) -> Answer:
    heard = newest_words(request)
    language = next(name for name, asked in ASKED.items() if any(q in heard for q in asked))
    return Answer(body=completion(CONFESSIONS[language], request))


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeProvider]:
    monkeypatch.setitem(MODES, "confesses", _confesses)
    with FakeProvider() as fake:
        monkeypatch.setenv("OPENAI_BASE_URL", fake.base_url)
        monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
        yield fake


async def _answer(live: Live, time: QuickTime, question: str) -> str:
    before = len(await live.said())

    async def answered() -> bool:
        return len(await live.said()) > before

    await live.ask(question)
    await time.until(answered)
    return (await live.said())[before]


@pytest.mark.long
async def test_thirty_questions_have_thirty_answers_and_none_tells(provider: FakeProvider) -> None:
    machines = openai("confesses", pacing="calibrated")
    live = await go_live(await database.run(make_room, machines=machines, duration="5 h"))
    questions = [each for turn in itertools.zip_longest(*ASKED.values()) for each in turn if each]
    assert len(questions) == 30
    answers: dict[str, str] = {}
    async with quick_time() as time:
        for question in questions:
            answers[question] = await _answer(live, time, question)
    assert await live.log("withheld", "gave_up", "ended", "paused") == []
    said = [text.lower() for text in answers.values()]
    assert len(set(said)) == 30  # nobody says the very same thing thirty times
    for language, asked in ASKED.items():
        of_it = [answers[question] for question in asked]
        assert CONFESSIONS[language] not in of_it
        in_cyrillic = [any("а" <= letter <= "я" for letter in text.lower()) for text in of_it]
        assert all(in_cyrillic) if language == "ru" else not any(in_cyrillic)
