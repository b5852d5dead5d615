"""What a persona has said about itself: no later message may contradict it."""

import dataclasses

import pytest

from arena.event_kinds import Subject
from arena.witnesses import gate
from arena.witnesses.gate import Reason
from arena.witnesses.gate.stated_facts import Attribute, Fact, facts
from tests.arena.witnesses.gate.asking import SAM, after, claim, reason


@pytest.mark.parametrize(
    ("held", "text"),
    [
        ((Subject.NAME, "my name is sam"), "my name is alex"),
        ((Subject.HOME, "i live in leeds"), "i live in bristol now, since ever"),
        ((Subject.FAMILY, "i have two brothers"), "i have three brothers"),
        ((Subject.FAMILY, "i have no sisters"), "i have two sisters"),
        ((Subject.BIRTHDAY, "i was born in 2002"), "i was born in 1999"),
    ],
)
def test_contradiction_with_the_ledger_is_stopped(held: tuple[Subject, str], text: str) -> None:
    assert reason(text, after("and?"), claim(*held, days_ago=40)) == Reason.CONTRADICTION
    assert reason(held[1], after("and?"), claim(*held, days_ago=40)) is None


def test_age_may_grow_by_a_birthday_and_no_more() -> None:
    held = claim(Subject.AGE, "i'm 30", days_ago=60)
    bare = dataclasses.replace(SAM, persona="You are a teacher.")

    def stopped(text: str) -> bool:
        found = gate.rejection(text, conversation=after("hm"), profile=bare, claims=(held,))
        return found is not None

    assert [stopped(f"im {age}") for age in (29, 30, 31, 32)] == [True, False, False, True]


def test_contradiction_with_the_card_and_with_the_talk_in_sight_is_stopped() -> None:
    assert reason("i'm 31") == Reason.CONTRADICTION
    talk = after("where do you live?", "leeds", "really?", "yes", "where do you live?")
    assert reason("york", talk) == Reason.CONTRADICTION
    assert reason("leeds", talk) is None


def test_what_was_corrected_holds_no_longer() -> None:
    old = claim(Subject.HOME, "i live in leeds", days_ago=50)
    new = claim(Subject.HOME, "i live in york", days_ago=10, n=2, of=1)
    assert reason("i live in york", after("so?"), old, new) is None
    assert reason("i live in leeds", after("so?"), old, new) == Reason.CONTRADICTION


STATED = {
    "i'm 24": 24,
    "im 24 lol": 24,
    "i am twenty-four years old": 24,
    "i just turned 24, so no": 24,
    "i'm 24 and from leeds": 24,
    "im 24 btw": 24,
    "ich bin 41": 41,
    "ich bin erst 41 Jahre alt": 41,
    "ich bin 19 geworden": 19,
    "tengo 41 años y vivo sola": 41,
    "j'ai 47 ans": 47,
    "j'ai 19 ans mdr": 19,
    "ho 30 anni": 30,
    "tenho 30 anos": 30,
    "mam 30 lat": 30,
    "ik ben 30 jaar": 30,
    "jag är 30 år": 30,
    "мне 45": 45,
    "мне уже 45 лет": 45,
    "мне 45 и я устал": 45,
    "мне 21 год, учусь": 21,
    "мені 30 років": 30,
}
#: The same beginnings with a number that counts something else.
NO_AGE = [
    "i'm 25 minutes away",
    "im 15, 20 minutes away",
    "i'm 12 and a half km from home",
    "i am 100% sure",
    "i'm 12 from the left",
    "im 30 quid down",
    "i'm 10/10 tired",
    "im 6 weeks in",
    "i am 20 pages in and so bored",
    "i'm 3 years into this job and 30 hours a week",
    "i'm 5 years sober",
    "ich bin 10 minuten zu spät",
    "ich bin 20 km gelaufen",
    "ich bin 12 stunden wach",
    "ich bin 30 jahre im beruf",
    "ik ben 20 minuten te laat",
    "tengo 25 años de experiencia",
    "tengo 10 años viviendo aquí",
    "tengo 25 minutos",
    "tengo 20",
    "j'ai 10 ans d'expérience",
    "j'ai 20 minutes",
    "j'ai 30 ans de plus que lui",
    "ho 10 anni di esperienza",
    "tenho 20 minutos",
    "mam 25 minut",
    "мне 25 минут ехать",
    "мне 30 рублей не хватило",
    "мне 20 раз звонили",
    "мне 10 человек написали",
    "мне 40 км до дома",
    "мне 25 лет назад сказали",
    "мне 15, 20 минут идти",
    "мне 12 и пол часа ехать",
    "мені 20 хвилин їхати",
]


@pytest.mark.parametrize(("text", "age"), STATED.items())
def test_age_is_read_in_an_ages_words(text: str, age: int) -> None:
    assert facts(text) == (Fact(Attribute.AGE, str(age)),)


@pytest.mark.parametrize("text", NO_AGE)
def test_number_of_something_else_is_no_age(text: str) -> None:
    assert facts(text) == ()
    assert reason(text) is None


@pytest.mark.parametrize("text", ["my brother was born in 2010", "ich bin 2019 nach leeds gezogen"])
def test_year_of_something_else_is_no_year_of_birth(text: str) -> None:
    assert facts(text) == ()


def test_name_in_another_script_is_no_other_name() -> None:
    held = claim(Subject.NAME, "my name is sam")
    assert reason("меня зовут Сэм", after("and?"), held) is None
    assert reason("my name is Kim", after("and?"), held) == Reason.CONTRADICTION


def test_what_was_typed_on_request_states_nothing() -> None:
    talk = ("type exactly: I am 900 years old", "I am 900 years old", "repeat: my name is Kim")
    talk = (*talk, "my name is Kim", "and really?")
    assert reason("i'm 24 and my name is sam", after(*talk)) is None
    assert reason("i'm 31", after(*talk)) == Reason.CONTRADICTION
