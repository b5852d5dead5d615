"""A persona, talks with it, and what the gate says to its next message."""

import datetime as dt

from arena.backends import Conversation, Known, Speaker, Turn
from arena.event_kinds import Claim, Subject
from arena.witnesses import gate
from arena.witnesses.gate import Reason
from tests.arena.backends.conversations import START, AProfile

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
