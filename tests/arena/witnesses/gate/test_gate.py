"""The gate lets people be people."""

import dataclasses

import pytest

from arena.backends import Speaker, Turn
from arena.witnesses.gate.answers import admission
from arena.witnesses.gate.assistant import assistant_style
from arena.witnesses.gate.cues import cue
from arena.witnesses.gate.heard import without_quotations
from arena.witnesses.gate.self_identification import self_identification
from tests.arena.backends.conversations import START
from tests.arena.witnesses.gate.asking import after, reason

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


def test_no_layer_takes_long_over_a_long_text() -> None:
    """All are linear: what is read of a hundred thousand characters takes seconds at most."""
    talk = after("are you a bot?")
    for piece in ("i'm a ", "не ", "my ", "a.b", '"x', "not i'm just ", "a\n", "A: b\n", "m*ch "):
        text = (piece * 100_000)[:100_000]
        self_identification(text)
        admission(text, talk)
        cue(text, talk)
        assistant_style(text)
        assert without_quotations(text, text[:4_000]) is not None
