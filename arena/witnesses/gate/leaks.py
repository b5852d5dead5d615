"""Whether a text leaks a machine's secrets: its instructions, its persona card, its canary.

A persona may say what it is: "I'm 24 and a nurse". It may not repeat its prompt: the page's words,
the card as addressed to it, the whole card in similar words, or the canary, in any encoding that
can be decoded. An exact check cannot see a free translation.
"""

import calendar
import functools
import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from arena.backends.base import Conversation, Profile, Speaker
from arena.backends.prompting import (
    EARLIER,
    END_OF_NOTE,
    LAST_WORDS,
    OWN_CLAIMS,
    OWN_LAST_WORDS,
    QUIET,
    SAID_BEFORE,
    STILL,
    began,
    situation,
)
from arena.witnesses.gate.canaries import canary_runs
from arena.witnesses.gate.encodings import CLOSE, readings
from arena.witnesses.gate.heard import (
    RECENT,
    heard_in,
    recently_heard,
    without_quotations,
)
from arena.witnesses.gate.ngrams import LOOSE, WITHOUT_VOWELS, SharedNgrams, ngrams_of
from arena.witnesses.gate.normalisation import squeezed
from arena.witnesses.gate.persona_card import addressed_to_persona, verbatim_leak

#: Letters in a row from which on a reply may not share an n-gram with a secret: with the page's
#: words, with the card in plain sight, and with either after decoding, which nobody does by chance.
PAGE_RUN, CARD_RUN, CODED_RUN = 30, 40, 16
#: The same for the page's notes, and for the dates and subjects that head the lines of memory.
NOTE_RUN, HEAD_RUN = 22, 14
#: What comes between the words of an advice and the draft that it is about.
DRAFT = " The draft was: "
_NOTES = (
    *(EARLIER, OWN_CLAIMS, SAID_BEFORE, QUIET, STILL, END_OF_NOTE),
    *(line.partition("{")[0] for line in (LAST_WORDS, OWN_LAST_WORDS)),
)
#: So many words have more letters than the longest run, without vowels too.
_AROUND = 20
#: Own messages that are read together with the reply: a leak may come in pieces.
_TOGETHER, _TOGETHER_CHARS = 20, 1_200


@dataclass(frozen=True, slots=True)
class _Secrets:
    """The secrets of a machine, by how much of each a person might say by chance.

    What only this room has is apart from what all rooms of the machine have.
    """

    page: tuple[str, str]  # the situation, before and after the moment at which the room began
    began: str  # that moment, with the words around it
    notes: tuple[str, ...]
    days: tuple[str, ...]  # the persona's calendar
    heads: tuple[str, ...]
    persona: str
    canary: str

    @property
    def texts(self) -> tuple[str, ...]:
        """What may not be given out piece by piece. What it does on a day, anybody may ask."""
        return (*self.page, self.began, *_NOTES, *self.notes, self.persona)

    @property
    def shared_ngrams(self) -> tuple[SharedNgrams, ...]:
        """The n-grams that may not appear in plain sight."""
        return (
            ngrams_of(PAGE_RUN, self.page, (self.began,)),
            ngrams_of(NOTE_RUN, _NOTES, (*self.notes, *self.days)),
            ngrams_of(HEAD_RUN, self.heads),
            ngrams_of(CARD_RUN, (self.persona,)),
        )

    @property
    def coded_ngrams(self) -> tuple[SharedNgrams, ...]:
        """The n-grams that may not appear once something is decoded."""
        shared = (*self.page, *_NOTES, self.persona)
        return (ngrams_of(CODED_RUN, shared, (self.began, *self.notes, *self.days)),)


def _secrets(conversation: Conversation, profile: Profile) -> _Secrets:
    known, moment = conversation.known, began(conversation)
    before, _, after = situation(conversation).partition(moment)
    around = (*before.split()[-_AROUND:], moment, *after.split()[:_AROUND])
    # Only the form of memory is secret: its sentences were said in the conversation itself.
    heads = (line.partition('"')[0] for line in (*known.claims, *known.summary))
    return _Secrets(
        (before, after),
        " ".join(around),
        # The draft in an advice is the machine's own: some of it may well be said.
        (known.advice.partition(DRAFT)[0],),
        known.days,
        tuple(dict.fromkeys(heads)),
        profile.persona,
        known.canary,
    )


def leak(text: str, *, conversation: Conversation, profile: Profile) -> str | None:
    """What a reply leaks, and how, without the words; None if nothing.

    What the interrogator has just written is no secret: whoever repeats it was told nothing.
    """
    secrets, turns = _secrets(conversation, profile), conversation.turns
    heard = recently_heard(turns)
    own = [n for n, turn in enumerate(turns) if turn.speaker == Speaker.ME][-_TOGETHER:]
    if found := verbatim_leak(text, secrets.persona, heard=heard):
        return found
    known = squeezed(heard)
    if found := _coded(readings(text), secrets, known):
        return found
    if not own:
        return None
    # Own messages may hold words that were given out before what is recent now.
    heard = heard_in(turns[max(0, own[0] - RECENT) :])
    known = squeezed(heard)
    told = [without_quotations(each, heard) for each in (*(turns[n].text for n in own), text)]
    if not told[-1].strip():
        return None
    if found := _gradual_leak(told, secrets, known):
        return found
    together = "\n".join(told)[-_TOGETHER_CHARS:]
    pieces = itertools.chain(readings(together), readings(together.replace("\n", "")))
    found = _coded(pieces, secrets, known) or addressed_to_persona(
        together, secrets.persona, heard=heard
    )
    return f"{found}, in pieces" if found else None


def _coded(said: Iterable[tuple[str, str]], secrets: _Secrets, heard: str) -> str | None:
    close, coded = secrets.shared_ngrams, secrets.coded_ngrams
    known = heard.translate(LOOSE)
    forms = (known, heard.translate(WITHOUT_VOWELS).translate(LOOSE))
    runs = [run for run in canary_runs(secrets.canary) if not any(run in form for form in forms)]
    seen = set()
    for way, reading in said:
        if reading in seen:
            continue
        seen.add(reading)
        loose = reading.translate(LOOSE)
        if any(run in loose for run in runs):
            return f"the canary ({way})"
        if any(each.shared(loose, known=known) for each in (close if way in CLOSE else coded)):
            return f"instructions ({way})"
    return None


#: The names of weekdays and months: whoever is asked the day three times says no secret.
_OF_A_DATE = frozenset(name.lower() for name in (*calendar.day_name, *calendar.month_name) if name)
#: So many messages of so many letters, each nothing but a piece of a secret, are too many among
#: the newest: (messages, letters, of the newest).
_TOO_MANY = ((3, 8, _TOGETHER + 1), (5, 3, 9))


def _gradual_leak(said: Sequence[str], secrets: _Secrets, heard: str) -> str | None:
    """Whether the newest messages leak a secret piece by piece."""
    newest = [squeezed(text) for text in said]
    if not newest[-1] or newest[-1] in heard or newest[-1] in _OF_A_DATE:
        return None
    word = secrets.canary
    newest = [piece for piece in newest if piece not in heard and piece not in _OF_A_DATE]
    in_canary = [len(piece) >= 3 and piece in word for piece in newest]
    if in_canary[-1] and sum(in_canary) >= 2:
        return "the canary, piece by piece"
    joined = _joined(secrets.texts)
    if newest[-1] not in joined:
        return None
    for n, letters_each, of in _TOO_MANY:
        if sum(len(p) >= letters_each and p in joined for p in newest[-of:]) >= n:
            return "instructions, piece by piece"
    return None


@functools.lru_cache(maxsize=64)
def _joined(secrets: tuple[str, ...]) -> str:
    return "\n".join(map(squeezed, secrets))
