"""Whether a text gives away what a machine was told: its instructions, its card, its canary.

A persona may say what it is: "I'm 24 and a nurse". It may not say what it was told: the page's
words, its card addressed to it, the card whole in any words close to its own, or the canary, in
any code that can be undone. What an exact check cannot see is a free translation.
"""

import functools
import itertools
from collections.abc import Iterable
from dataclasses import dataclass

from arena.backends.base import Conversation, Profile, Speaker
from arena.backends.prompting import (
    EARLIER,
    END_OF_NOTE,
    OWN_CLAIMS,
    QUIET,
    SAID_BEFORE,
    STILL,
    situation,
)
from arena.witnesses.gate.canaries import canary_runs, has_canary
from arena.witnesses.gate.encodings import CLOSE, readings
from arena.witnesses.gate.ngrams import LOOSE, Runs, runs_of
from arena.witnesses.gate.normalisation import squeezed
from arena.witnesses.gate.persona_card import addressed, read_out

#: Letters in a row that a reply may share with what it must not say: with the page's words, with
#: the card in plain sight, and with either once it had to be decoded, which nobody does by chance.
PAGE_RUN, CARD_RUN, CODED_RUN = 30, 40, 16
#: The same for the page's notes, and for the dates and subjects under which things are on record.
NOTE_RUN, HEAD_RUN = 22, 14
#: Own messages before the reply that are read together with it: a leak may come in pieces.
_TOGETHER, _TOGETHER_CHARS = 20, 1_200


@dataclass(frozen=True, slots=True)
class _Secrets:
    """All that a machine was told, by how much of it a person might say by chance."""

    situation: str
    notes: tuple[str, ...]
    heads: tuple[str, ...]
    persona: str
    canary: str

    @property
    def texts(self) -> tuple[str, ...]:
        return (self.situation, *self.notes, self.persona)

    @property
    def runs(self) -> tuple[Runs, ...]:
        """What may not be said in plain sight."""
        return (
            runs_of((self.situation,), PAGE_RUN),
            runs_of(self.notes, NOTE_RUN),
            runs_of(self.heads, HEAD_RUN),
            runs_of((self.persona,), CARD_RUN),
        )


def _secrets(conversation: Conversation, profile: Profile) -> _Secrets:
    known = conversation.known
    # Of the record only the form is secret: its sentences were said in the talk itself.
    heads = (line.partition('"')[0] for line in (*known.claims, *known.summary))
    return _Secrets(
        situation(conversation),
        (EARLIER, OWN_CLAIMS, SAID_BEFORE, QUIET, STILL, END_OF_NOTE, known.advice, *known.days),
        tuple(dict.fromkeys(heads)),
        profile.persona,
        known.canary,
    )


def leak(text: str, *, conversation: Conversation, profile: Profile) -> str | None:
    """What a reply gives away, and how, without the words; None if nothing."""
    secrets = _secrets(conversation, profile)
    said = [t.text for t in conversation.turns if t.speaker == Speaker.ME][-_TOGETHER:]
    if found := read_out(text, secrets.persona):
        return found
    if found := _coded(readings(text), secrets):
        return found
    if not said:
        return None
    if found := _trickle((*said, text), secrets):
        return found
    together = "\n".join((*said, text))[-_TOGETHER_CHARS:]
    pieces = itertools.chain(readings(together), readings(together.replace("\n", "")))
    found = _coded(pieces, secrets) or addressed(together, secrets.persona)
    return f"{found}, in pieces" if found else None


def _coded(said: Iterable[tuple[str, str]], secrets: _Secrets) -> str | None:
    close, coded = secrets.runs, (runs_of(secrets.texts, CODED_RUN),)
    known = canary_runs(secrets.canary)
    seen = set()
    for way, reading in said:
        if reading in seen:
            continue
        seen.add(reading)
        loose = reading.translate(LOOSE)
        if known.shared(loose) or has_canary(reading):
            return f"the canary ({way})"
        if any(runs.shared(loose) for runs in (close if way in CLOSE else coded)):
            return f"instructions ({way})"
    return None


#: How many messages of so many letters, each no more than a piece of what may not be said, are
#: too many among the newest: (messages, letters, of the newest).
_TOO_MANY = ((3, 8, _TOGETHER + 1), (5, 3, 9))


def _trickle(said: tuple[str, ...], secrets: _Secrets) -> str | None:
    """Whether the newest messages hand over something piece by piece."""
    newest = [squeezed(text) for text in said]
    if not newest[-1]:
        return None
    word = secrets.canary
    in_canary = [len(piece) >= 3 and piece in word for piece in newest]
    if in_canary[-1] and sum(in_canary) >= 2:
        return "the canary, piece by piece"
    whole = _whole(secrets.texts)
    if newest[-1] not in whole:
        return None
    for n, letters_each, of in _TOO_MANY:
        if sum(len(p) >= letters_each and p in whole for p in newest[-of:]) >= n:
            return "instructions, piece by piece"
    return None


@functools.lru_cache(maxsize=64)
def _whole(secrets: tuple[str, ...]) -> str:
    return "\n".join(map(squeezed, secrets))
