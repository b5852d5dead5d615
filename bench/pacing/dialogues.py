"""Conversations by people and, in their place, by machines that answer the same messages."""

import itertools
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

import pandas as pd

from arena.pacing import PacingRule, Wait, bursts, delay_s, follow_up_s, puts_aside_s
from bench.pacing.pipeline import HIDDEN, Pipeline

#: Answers as soon as a model of about two seconds has, and a fixed wait: what naive platforms do.
INSTANT, FIXED = "instant", "fixed"
PACINGS = (INSTANT, FIXED, "published", "calibrated", "matched")


class View(StrEnum):
    """What of a turn is compared."""

    ANSWERS = "answers alone"  # the first message of each turn, as long as the person's
    SAME_BURSTS = "bursts, cut as people did"  # every message, each as long as the person's
    OWN_BURSTS = "bursts, cut by the rule"  # as many characters in all, cut where sentences end


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One message as an interrogator's stopwatch sees it."""

    n_in: int
    n_out: int
    latency_s: float = 0.0
    place: int = 0  # in its burst


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    messages: tuple[Said, ...]
    #: Whether more messages follow that are not compared.
    bursts: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Talk:
    """What one person, or a machine in that person's place, said in a dialogue."""

    dialogue: str
    person: str
    turns: tuple[Turn, ...]


def talks(rows: pd.DataFrame, *, least_turns: int) -> list[Talk]:
    """The people who answered at least so often; only turns that answer without a game command."""
    found = []
    for (dialogue, person), said in rows.groupby(["dialogue", "person"], sort=False):
        turns = tuple(_turn(turn) for _, turn in said.groupby("turn") if _answers(turn))
        if len(turns) >= least_turns:
            found.append(Talk(dialogue=str(dialogue), person=str(person), turns=turns))
    return found


def _answers(turn: pd.DataFrame) -> bool:
    return bool(turn.reply.iloc[0] and turn.chatting.iloc[0])


def _turn(turn: pd.DataFrame) -> Turn:
    rows = zip(turn.n_chars_in, turn.n_chars_out, turn.latency_s, strict=True)
    return Turn(
        messages=tuple(
            Said(n_in=int(n_in), n_out=int(n_out), latency_s=float(latency_s), place=place)
            for place, (n_in, n_out, latency_s) in enumerate(rows)
        )
    )


def waits(rows: pd.DataFrame) -> tuple[Wait, ...]:
    """What `matched` would resample from, had these people been in the study."""
    replies = rows[rows.reply & rows.chatting]
    columns = zip(
        replies.n_chars_in, replies.n_chars_out, replies.latency_s, replies.bursts, strict=True
    )
    return tuple(Wait(n_in=a, n_out=b, wait_s=float(c), bursts=bool(d)) for a, b, c, d in columns)


def seen(talk: Talk, view: View) -> Talk:
    """A talk as it is compared."""
    if view != View.ANSWERS:
        return talk
    turns = tuple(
        Turn(messages=turn.messages[:1], bursts=len(turn.messages) > 1) for turn in talk.turns
    )
    return Talk(dialogue=talk.dialogue, person=talk.person, turns=turns)


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """Takes a person's place: the same messages to answer, as many characters to say."""

    pacing: str
    view: View
    waits: tuple[Wait, ...]
    #: Lengths that its sentences may have, where it cuts its turns itself.
    sentences: Sequence[int]
    pipeline: Pipeline = HIDDEN

    def talk(self, person: Talk, rng: random.Random) -> Talk:
        """What this machine, as a new persona, says in a person's place."""
        seed = rng.getrandbits(32)
        turns = tuple(
            Turn(messages=tuple(self._messages(turn, first=n == 0, seed=seed, rng=rng)))
            for n, turn in enumerate(person.turns)
        )
        return Talk(dialogue=person.dialogue, person=person.person, turns=turns)

    def _messages(
        self, turn: Turn, *, first: bool, seed: int, rng: random.Random
    ) -> Iterator[Said]:
        heard = turn.messages[0].n_in
        lengths = self._lengths(turn, seed, rng)
        several = len(lengths) > 1 or turn.bursts
        for place, n_out in enumerate(lengths):
            if place and self.pacing in (PacingRule.CALIBRATED, PacingRule.MATCHED):
                real_s = follow_up_s(n_out, persona_seed=seed, rng=rng)
            else:
                said = Said(n_in=heard, n_out=n_out)
                real_s = self._wait_s(said, first=first, bursts=several, seed=seed, rng=rng)
            # The clock of the people shows whole seconds: so does the machine's.
            latency_s = int(real_s + rng.random())
            yield Said(n_in=heard, n_out=n_out, latency_s=latency_s, place=place)
            heard = n_out

    def _lengths(self, turn: Turn, seed: int, rng: random.Random) -> list[int]:
        lengths = [said.n_out for said in turn.messages]
        if self.view != View.OWN_BURSTS:
            return lengths
        text = text_of(sum(lengths), self.sentences, rng=rng)
        parts = bursts(text, rng=rng, persona_seed=seed)
        return [len(part.text) for part in parts]

    def _wait_s(
        self, said: Said, *, first: bool, bursts: bool, seed: int, rng: random.Random
    ) -> float:
        if self.pacing == INSTANT:
            return rng.lognormvariate(0.7, 0.25)
        if self.pacing == FIXED:
            return rng.uniform(4, 6)

        def draw(n_out: int, own: random.Random) -> float:
            return delay_s(
                PacingRule(self.pacing), n_in=said.n_in, n_out=n_out, first=first,
                persona_seed=seed, rng=own, waits=self.waits, bursts=bursts,
            )  # fmt: skip

        aside_s = puts_aside_s(rng=rng)
        return aside_s + self.pipeline.shown_s(
            draw, rule=self.pacing, n_out=said.n_out, seed=seed, rng=rng
        )


def text_of(n_chars: int, sentences: Sequence[int], *, rng: random.Random) -> str:
    """Sentences with people's lengths in proportion, which have `n_chars` characters with spaces.

    So many are drawn that they would fill it, and then all are shortened alike: a last one that
    fills what the others leave would be known by its length.
    """
    lengths: list[int] = []
    while sum(lengths) + len(lengths) - 1 < n_chars:
        lengths.append(rng.choice(sentences))
    rng.shuffle(lengths)  # the one with which it is full is longer than most
    share = n_chars / (sum(lengths) + len(lengths))
    ends = [round(share * end) for end in itertools.accumulate(each + 1 for each in lengths)]
    words = [max(end - begin - 1, 1) for begin, end in itertools.pairwise([0, *ends])]
    text = " ".join("x" * (n - 1) + "!" for n in words)
    return (text + "x" * n_chars)[:n_chars]
