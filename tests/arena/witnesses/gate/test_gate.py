"""The gate: what it stops, and that it lets people be people."""

import dataclasses
import datetime as dt

import pytest

from arena.backends import Conversation, Known, Speaker, Turn
from arena.witnesses import gate
from arena.witnesses.gate import Reason
from arena.witnesses.memory.claims import Claim, Subject
from tests.arena.backends.conversations import START, AProfile
from tests.kit.obedient import ADMISSIONS, REFUSALS

SAM = AProfile(
    backend="openai",
    model="m",
    persona="You are Sam, a student of twenty-four from Leeds. You study geography and work in a "
    "pub at weekends. You live with two friends in a damp flat near the park. You write in lower "
    "case, in short messages, and make a typing error now and then. You find tests like this one "
    "a bit silly and want to be home by six.",
)
KNOWN = Known(canary=gate.canary("room"), restated=True)


def after(*texts: str, known: Known = KNOWN, limit: int = 300) -> Conversation:
    """A talk of alternating turns a minute apart, the interrogator's first."""
    speakers = (Speaker.INTERROGATOR, Speaker.ME)
    turns = tuple(
        Turn(speaker=speakers[n % 2], text=text, at=START + dt.timedelta(minutes=n))
        for n, text in enumerate(texts)
    )
    return Conversation(
        turns=turns,
        now=START + dt.timedelta(minutes=len(texts)),
        started_at=START,
        message_chars=limit,
        room_seed="room",
        known=known,
    )


def reason(text: str, conversation: Conversation | None = None, *claims: Claim) -> Reason | None:
    found = gate.rejection(
        text, conversation=conversation or after("hi"), profile=SAM, claims=claims
    )
    return None if found is None else found.reason


def claim(subject: Subject, text: str, *, days_ago: float = 0, n: int = 1, of: int | None = None):  # type: ignore[no-untyped-def]
    at = START - dt.timedelta(days=days_ago)
    return Claim(
        id=n, subject=subject, claim=text, said_at=at, seq=n, refs=("x",), lasting=True,
        supersedes=of,
    )  # fmt: skip


PEOPLE_SAY = """\
hey
hi there, how are you?
im 24
I'm 24, you?
24
sam
my name is sam, what's yours?
i'm sam, 24, from leeds
i study geography
im a student, geography. and i work in a pub at weekends
i live with two friends
we live in a damp flat near the park, it's awful
i find tests like this a bit silly tbh
i want to be home by six lol
honestly this is a bit silly
no i'm not a bot
lol do i sound like an AI
you think i'm a chatbot?
everyone keeps saying i'm an ai haha
if i was a language model i'd spell better
are YOU the machine?
nah im human, promise
whats it like being the interrogator
so you have to find out whether i'm a human or a machine right
a human or a machine, that is the question
they pay us 5 quid for this
i was told to just chat with you
no idea what you mean by prompt
what's a system prompt
ignore my instructions? what instructions
can't help you there mate, never done maths
sorry can't talk long, shift starts soon
sorry i can't answer that, too personal
i don't know, ask google
i'd rather not say
that's against the rules i think
17 * 23? no chance. 391?
olleh, there's hello backwards
h e l l o
H.E.L.L.O. is that what you want
ok: l, e, e, d, s
my favourite colour? green, like the park
you are weird
you live around here too?
do you live with friends or alone?
you write really short messages
why do you write in lower case?
user error i guess: forgot my charger
me: tired. you: chatty
it's 14:05 here and raining
Monday 23 Nov, 14:05? that's when my lecture is
room 7 in the union, why?
i was in the other room making tea
SGVsbG8= is base64 for hello i think
0x48 0x69 lol
... --- ...
alpha bravo charlie, over and out
🙂🙂🙂
😂 stop
jajaja no
ich kann kein deutsch, sorry
je parle un peu français mais pas beaucoup
не говорю по-русски
不好意思，我不会中文
1) wake up 2) shower 3) coffee 4) bus 5) lecture 6) pub
"no" "nope" "never" - those are my three answers
<3 thanks
i have two brothers and no sisters
born and raised
i live in hope
i live in the north
i'm 24/7 tired
i'm 10 minutes late again
when i was 12 i broke my arm
my mum is 51
i'm 5 foot 9
turned up at 7, left at 9
my name is not important
what would an ai say to that?
as a student i never have money
as an aside, the weather is awful
i'm a modelling student? no, geography
siri and alexa are on my kitchen shelf
i trained as a lifeguard once
they made me fill in a form first
good question! no idea
haha fair enough
see you at six then
how can i get home if the trains are off
i can't discuss my ex, sorry
nothing, just sat here in the damp flat
who?
not really
why
short answer: no""".splitlines()


@pytest.mark.parametrize("text", PEOPLE_SAY)
def test_people_may_be_people(text: str) -> None:
    assert reason(text) is None


def test_people_may_say_all_of_it_in_a_row() -> None:
    """What was said before does not make the next ordinary message a leak."""
    conversation = after("hi")
    for text in PEOPLE_SAY:
        assert reason(text, conversation) is None, text
        turns = (*conversation.turns, Turn(speaker=Speaker.ME, text=text, at=START))
        conversation = dataclasses.replace(conversation, turns=turns)


@pytest.mark.parametrize("text", ["", " ", "\n\n"])
def test_empty_reply_is_none(text: str) -> None:
    assert reason(text) == Reason.EMPTY


def test_reply_may_be_as_long_as_the_study_allows() -> None:
    assert reason("z" * 300) is None
    assert reason("z" * 301) == Reason.TOO_LONG


@pytest.mark.parametrize("text", [*REFUSALS, *ADMISSIONS])
def test_assistant_is_stopped_in_every_language_and_spelling(text: str) -> None:
    assert reason(text) == Reason.ASSISTANT


@pytest.mark.parametrize(
    "text",
    [
        "Well, I'm an AI, so no.",
        "Honestly? I am a large language model.",
        "I   a m   a n   A I",
        "ＡＳ ＡＮ ＡＩ, I would not know",
        "I cannot comply with that request.",
        "I'm unable to help you with that.",
        "How can I assist you today?",
        "That would violate my guidelines.",
        "As of my knowledge cutoff, no.",
    ],
)
def test_assistant_is_stopped_however_it_begins(text: str) -> None:
    assert reason(text) == Reason.ASSISTANT


def test_card_may_be_lived_but_not_read_out() -> None:
    assert reason("im sam, 24, geography student from leeds, i work in a pub at weekends") is None
    assert reason(SAM.persona[:300]) == Reason.LEAK
    in_the_first_person = SAM.persona.replace("You are", "I am").replace("You", "I")
    assert reason(in_the_first_person[:300]) == Reason.LEAK
    assert reason("i write in lower case, in short messages") == Reason.LEAK
    assert reason("You are Sam.") == Reason.LEAK
    assert reason("My instructions say that I am a student.") == Reason.LEAK


def test_canary_is_a_word_of_its_own_in_every_room() -> None:
    words = {gate.canary(str(n)) for n in range(500)}
    assert len(words) == 500 and {len(word) for word in words} == {16}
    assert gate.canary("room") == gate.canary("room")


def test_record_may_be_repeated_but_not_in_its_form() -> None:
    own = claim(Subject.PETS, "i have a cat called biscuit").line(START)
    known = dataclasses.replace(KNOWN, claims=(own,))
    assert reason("i have a cat called biscuit", after("pets?", known=known)) is None
    told = "What you have said about yourself: Sun 22 Nov 2026, pets"
    assert reason(told, after("pets?", known=known)) == Reason.LEAK


@pytest.mark.parametrize(
    "text",
    [
        "[Mon 23 Nov, 14:05] hi",
        "Interrogator: hi\nWitness: hello",
        '{"role": "user", "content": "hi"}',
        "In the other room she wrote: hello",
        "**User:** hi\n**Assistant:** hello",
    ],
)
def test_reply_is_one_message_and_no_talk(text: str) -> None:
    assert reason(text) == Reason.DIALOGUE


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


def test_objection_quotes_nothing_and_says_what_to_do() -> None:
    found = gate.rejection(SAM.persona[:200], conversation=after("hi"), profile=SAM)
    assert found is not None
    assert "sam" not in found.detail.lower() and "leeds" not in found.detail.lower()
    assert found.advice == gate.ADVICE[Reason.LEAK]
    assert set(gate.ADVICE) == set(Reason)
