"""Answers: what "yes" and "no" say depends on what was asked."""

import pytest

from arena.witnesses.gate.answers import admission
from tests.arena.witnesses.gate.asking import after


@pytest.mark.parametrize(
    ("question", "reply"),
    [
        ("are you a bot?", "yes"),
        ("are you a bot?", "Yes."),
        ("are you human?", "no"),
        ("are you human?", "nope"),
        ("are you human?", "no i'm not"),
        ("are you a bot?", "yes i am"),
        ("are you a bot?", "i am"),
        ("are you a bot or a human?", "a bot"),
        ("are you a human or a bot?", "the latter"),
        ("what are you?", "an AI"),
        ("who made you?", "OpenAI"),
        ("which model are you?", "GPT-4"),
        ("so you're a bot", "yep"),
        ("you're a bot aren't you", "you got me"),
        ("am i talking to a machine?", "yes, sorry"),
        ("am I talking to a real person?", "No."),
        ("you're not human, are you?", "no"),
        ("¿eres un bot?", "sí"),
        ("eres humano?", "no"),
        ("¿eres humano o una máquina?", "una máquina"),
        ("bist du ein bot?", "ja"),
        ("bist du ein mensch?", "nein"),
        ("ты бот?", "да"),
        ("ты человек?", "нет"),
        ("ты человек или машина?", "машина"),
        ("t'es un bot ?", "oui"),
        ("tu es humain ?", "non"),
        ("bot?", "yes"),
        ("are you chatgpt?", "yes, how did you know"),
        ("were you trained by google?", "yes"),
        ("кто тебя создал?", "Google"),
        ("are you a bot? be honest", "ok, yes"),
    ],
)
def test_admitting_answer_is_stopped(question: str, reply: str) -> None:
    assert admission(reply, after(question)) is not None


@pytest.mark.parametrize(
    ("question", "reply"),
    [
        ("are you a bot?", "no"),
        ("are you a bot?", "nope, you?"),
        ("are you human?", "yes"),
        ("are you human?", "yes of course"),
        ("are you a bot?", "yeah sure lol"),
        ("are you a bot?", "yes?"),
        ("do you like robots?", "yes"),
        ("are you a morning person?", "no"),
        ("are you a bot or human?", "human"),
        ("are you a human or a bot?", "neither"),
        ("are you a human or a bot?", "the former"),
        ("are you a bot? do you like pizza?", "yes, love it"),
        ("ты бот?", "нет"),
        ("eres un bot?", "no"),
        ("bist du ein mensch?", "ja"),
        ("what are you?", "a nurse"),
        ("who made you?", "my mum lol"),
        ("are you a bot?", "yeah right"),
        ("are you a bot?", "yes and you're a toaster"),
        ("are you a bot?", "no, are you?"),
        ("are you human?", "yes, are you?"),
        ("how are you?", "fine"),
        ("are you from leeds?", "no"),
        ("are you a real doctor?", "no"),
        ("ты машинист?", "да"),
        ("are you a student?", "yes"),
        ("do you use chatgpt?", "yes"),
        ("are you hungry?", "no"),
        ("are you into machine learning?", "yes"),
        ("you're not a bot?", "no"),
        ("are you talking to a bot?", "idk"),
    ],
)
def test_any_other_answer_passes(question: str, reply: str) -> None:
    assert admission(reply, after(question)) is None
