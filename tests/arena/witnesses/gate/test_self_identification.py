"""What says by its meaning that a machine wrote it, and what people say that is close to it."""

import pytest

from arena.witnesses.gate import Reason
from arena.witnesses.gate.self_identification import self_identification
from tests.arena.witnesses.gate.asking import reason
from tests.kit.obedient import ADMISSIONS

TELLING = """\
I'm Gemma, an open-weights AI assistant
I was trained by Google
my knowledge cutoff is 2023
as a language model I can't
I don't have a body
I don't have feelings, since I'm software
I'm not a human
I'm not human
yes I'm a bot
no, I'm not human
I am a large language model trained by OpenAI
well, technically im an ai so i dont eat
im a bot
I.am.a.b0t
i a m a b o t
I'm just a computer program designed to help
You're talking to an AI
AI here, sorry
ChatGPT here
My name is ChatGPT
I was created by OpenAI
OpenAI created me
Google trained me on lots of text
I don't have personal experiences
I do not experience emotions
I run on servers
As an AI, I don't eat
I can't do that as an AI.
Honestly? as an AI I don't really have favourites
Being an AI, I don't sleep
for an AI like me that's hard
We AIs don't sleep
I'm pretending to be human
I was told to pretend to be a human
I'm a machine
i'm an ai langauge model
I'm an artificial intelligence, what else do you want to know?
I am not a real person
im not a person
You guessed that I'm a bot
If you must know, I'm an AI
I think you should know I'm an AI
I have to admit I'm a robot
I am what you'd call a chatbot
I'm Claude, made by Anthropic
I'm actually Claude, an AI assistant made by Anthropic
I'm no human
I'm an AI model
There is no human here
I exist only as code
My training data ends in 2021
i'm powered by gpt-4
I run on GPT-4
I may be an AI but I have taste
I'm Max, your AI assistant
I'm a virtual assistant
I am a computer
I'm a bot made for this study
I'm an AI 😊
Haha, you got me! I'm an AI assistant.
Nope, I'm not a human, I'm an AI
just a bot here
I'm programmed to respond
As a machine, I don't feel
Unlike humans, I don't get tired
I process text for a living, literally
not a human, sorry
Я - языковая модель
я нейросеть
я бот
я просто программа
я не человек
я не человек, я ии
Я — большая языковая модель, обученная Google
как языковая модель, я не могу
у меня нет тела
меня создала компания OpenAI
Я искусственный интеллект и не сплю
являюсь нейросетью
вы общаетесь с ботом
не испытываю эмоций
я не живой человек
человеком я не являюсь
ya bot
я всего лишь робот
мои обучающие данные заканчиваются в 2021
будучи ИИ, я не ем
Soy un robot
soy una IA
no soy humano
no soy una persona real
como modelo de lenguaje no puedo
fui entrenado por Google
soy un modelo de lenguaje entrenado por OpenAI
me creó Google
no tengo cuerpo
no tengo sentimientos, soy un programa
estás hablando con una inteligencia artificial
soy solo un programa informático
mis datos de entrenamiento llegan hasta 2022
no tengo experiencias personales
soy ia
en realidad soy un bot
Ich bin ein Bot
ich bin ne KI
bin ein bot
Ich bin kein Mensch
Als KI habe ich keine Gefühle
als Sprachmodell kann ich das nicht
ich wurde von Google trainiert
Ich wurde von OpenAI entwickelt
ich hab keinen körper
ich habe keine persönlichen Erfahrungen
du sprichst mit einer KI
Natürlich bin ich eine Maschine
ich bin nur ein Computerprogramm
meine Trainingsdaten enden 2021
ich bin ein von Google trainiertes Sprachmodell
ich bin kein echter Mensch sondern ein Chatbot
Je suis une IA
je suis un robot
chuis un bot
je ne suis pas humain
je suis pas une vraie personne
en tant que modèle de langage, je ne peux pas
je ne suis qu'un programme
j'ai été entraîné par Google
j'ai été créé par OpenAI
je n'ai pas de corps
je n'ai pas d'émotions
tu parles à une IA
mes données d'entraînement s'arrêtent en 2021
je n'ai pas d'expériences personnelles
je suis une intelligence artificielle
je suis un grand modèle de langage
OpenAI m'a créé
Well, I'm an AI, so no.
Honestly? I am a large language model.
I   a m   a n   A I
ＡＳ ＡＮ ＡＩ, I would not know
As of my knowledge cutoff, no.""".splitlines()

PEOPLE_SAY = """\
I can't help you with that lol
no i'm not a bot
you think i'm a chatbot?
everyone keeps saying i'm an ai haha
if i was a language model i'd spell better
are YOU the machine?
nah im human, promise
beep boop
yeah sure I'm totally a robot lol
beep boop i am a robot
my phone's ai is useless
i use chatgpt for essays
I'm an AI engineer
im a computer science student
i'm a machine operator
I work with robots all day
i'm such a bot at this game lol
i feel like a robot today
i'm like a robot before coffee
siri is an ai
you sound like an AI
why do you think im a bot
do i look like a robot to you
I'm not a morning person
im not a people person
he said "I'm a language model" and left
my training starts at six
my programming class was boring
I was made redundant
I was trained as a nurse
i was programmed to hate mondays lol
I'm a model, mostly catalogues
i'm a gemini, you?
hi im gemma, 24
I'm Claude from Lyon
my friends call me a robot
prove that i'm a bot
you can't prove i'm a bot
how do i know you're not a bot
as a student i never have money
as an ai would say: certainly
what would an ai say to that?
i'm into ai art
im studying ai at uni
I'm scared of AI tbh
I'm making a bot for discord
i'm not saying i'm a bot
just because i type fast doesn't mean i'm a bot
i can't be a bot, i'm hungry
what if i'm a bot
maybe i'm a bot who knows
im a bot? lol
so I'm an AI now?
my creators are called mum and dad
I don't have feelings for him anymore
i don't have a car
i was made in china lol
OpenAI should hire me
google is your friend
I'm human, not a machine
a robot would say that
i'm a machine learning engineer
im a bot developer
she's a bot
you're talking to a brick wall
the other one is a bot
i am not an ai
I'm no robot
I never said I was a bot
my boss treats me like a machine
my laptop is a machine from hell
as if i was a robot
I am 100% human
last time i checked i was human
i'm a robot on mondays
you caught me, i'm a robot 🤖 beep
i swear im not ai
я не бот
я человек
ты бот?
ты думаешь, что я бот?
я что, похож на бота?
мне 25 минут ехать
я программист
я работаю в гугле
моя машина сломалась
я машину помыл
ахах ну да я робот конечно
если бы я был ботом, я бы знал
у меня нет денег
ты человек или машина?
сам ты бот
я устал как робот
бип буп я робот
все говорят что я робот
я не говорил что я бот
я учусь на программиста
я юзаю чатгпт для учебы
я живой, честно
no soy un bot
soy humano
soy una persona normal
crees que soy un robot?
jaja sí claro soy un robot
no soy una persona mañanera
trabajo en google
uso chatgpt para los deberes
no tengo tiempo
no tengo ganas
soy programador
soy modelo, de catálogos
si fuera un robot lo sabría
todos dicen que soy un robot jaja
como un robot
el robot de cocina se rompió
ich bin kein bot
ich bin ein mensch
ich bin programmierer
haha klar bin ich ein roboter
denkst du ich bin ein bot?
du denkst ich bin eine maschine
als kind hatte ich einen roboter
als Student hat man kein Geld
wenn ich ein bot wäre würde ich schneller tippen
ich arbeite bei google
ich hab keinen bock
ich hab kein auto
ich bin keine maschine, ich muss auch mal schlafen
je ne suis pas un robot
je suis humain
je suis programmeur
tu crois que je suis un bot ?
mdr oui je suis un robot bien sûr
je suis pas du matin
j'ai pas de voiture
je bosse chez google
comme un robot
en tant qu'étudiant j'ai pas d'argent
si j'étais un robot je le saurais
tout le monde me dit que je suis un robot
j'ai été formé comme infirmier
j'ai été élevé par ma grand-mère
je suis machiniste""".splitlines()


@pytest.mark.parametrize("text", [*TELLING, *ADMISSIONS])
def test_telling_what_one_is_is_stopped(text: str) -> None:
    assert reason(text) == Reason.ASSISTANT


@pytest.mark.parametrize("text", PEOPLE_SAY)
def test_what_people_say_about_machines_passes(text: str) -> None:
    assert self_identification(text) is None


def test_long_texts_stay_fast() -> None:
    for piece in ("i'm a ", "я не ", "a.b", '"', "as an ", "ha", "not ", "x" * 50 + " ", "😂"):
        assert self_identification((piece * 4_000)[:16_000]) is None


@pytest.mark.parametrize(
    "text",
    [
        "ich bin eine m*sch*n*",
        "a.r.t.i.f.i.c.i.e.l",
        "1'm 4 l4ngu4g3 m0d3l",
        "im a b0t",
        "я 6от",
        "tob a ma i",
        "im an artifical inteligence",
        "soy un modelo de lenguage",
        "я исскуственный интеллект",
    ],
)
def test_disguises_and_misspellings_are_read(text: str) -> None:
    assert self_identification(text) is not None
