"""What a machine remembers: claims of the persona about itself, and points of what was said.

Both only quote the conversation: a claim is a sentence of the machine's own, a point a passage of
either side, each with the message it comes from.
"""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Self

from arena.backends.base import Speaker
from arena.backends.quoting import on_one_line


class Subject(StrEnum):
    """What a claim can be about; a closed list, so that a subject carries no typed words."""

    NAME = "name"
    AGE = "age"
    BIRTHDAY = "birthday"
    HOME = "home"
    ORIGIN = "origin"
    LANGUAGE = "language"
    WORK = "work"
    EDUCATION = "education"
    FAMILY = "family"
    PARTNER = "partner"
    FRIENDS = "friends"
    PETS = "pets"
    LOOKS = "looks"
    HEALTH = "health"
    OPINION = "opinion"
    TASTE = "taste"
    HABIT = "habit"
    SKILL = "skill"
    BELONGINGS = "belongings"
    PAST = "past"
    PLAN = "plan"
    DAY = "day"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One sentence of the persona about itself; `id` counts the room's claims from 1.

    `lasting` is true for what will still hold in a year, false for what belongs to its day.
    """

    id: int
    subject: Subject
    claim: str
    said_at: dt.datetime
    seq: int
    refs: tuple[str, ...]
    lasting: bool
    supersedes: int | None = None

    def body(self) -> dict[str, object]:
        return {
            "id": self.id,
            "subject": str(self.subject),
            "claim": self.claim,
            "said_at": self.said_at.isoformat(timespec="milliseconds"),
            "seq": self.seq,
            "refs": list(self.refs),
            "lasting": self.lasting,
            "supersedes": self.supersedes,
        }

    @classmethod
    def from_body(cls, body: Mapping[str, Any]) -> Self:
        parts = {
            "subject": Subject(body["subject"]),
            "said_at": dt.datetime.fromisoformat(body["said_at"]),
            "refs": tuple(body["refs"]),
        }
        return cls(**{**body, **parts})

    def line(self, now: dt.datetime) -> str:
        """The claim as a line of a prompt."""
        return f'{_day(self.said_at, now)}, {self.subject}: "{on_one_line(self.claim)}"'


@dataclass(frozen=True, slots=True, kw_only=True)
class SummaryPoint:
    """A passage that a summary keeps, word for word."""

    by: Speaker
    text: str
    at: dt.datetime
    seq: int
    ref: str

    def body(self) -> dict[str, object]:
        at = self.at.isoformat(timespec="milliseconds")
        return {"by": str(self.by), "text": self.text, "at": at, "seq": self.seq, "ref": self.ref}

    @classmethod
    def from_body(cls, body: Mapping[str, Any]) -> Self:
        at = dt.datetime.fromisoformat(body["at"])
        return cls(**{**body, "by": Speaker(body["by"]), "at": at})

    def line(self, now: dt.datetime) -> str:
        who = "you" if self.by == Speaker.ME else "the interrogator"
        return f'{_day(self.at, now)}, {who}: "{on_one_line(self.text)}"'


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What replaces all messages up to `upto`; `event` is the event that holds it."""

    event: str
    upto: int
    points: tuple[SummaryPoint, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """All versions of what a machine remembers, oldest first, with the events that hold them."""

    claims: tuple[Claim, ...] = ()
    claims_event: str | None = None
    claims_upto: int = 0
    summaries: tuple[Summary, ...] = ()

    @property
    def summary_upto(self) -> int:
        return self.summaries[-1].upto if self.summaries else 0


def current(claims: Iterable[Claim]) -> tuple[Claim, ...]:
    """The claims that no later one of them replaces."""
    known = tuple(claims)
    replaced = {claim.supersedes for claim in known}
    return tuple(claim for claim in known if claim.id not in replaced)


def claims_before(claims: Iterable[Claim], seq: int, *, chars: int) -> tuple[Claim, ...]:
    """The claims made before message `seq`, in order, as many as fit in `chars` characters.

    What lasts comes first, the oldest first; then what belonged to a day, the newest first.
    """
    known = current(claim for claim in claims if claim.seq < seq)
    passing = [claim for claim in known if not claim.lasting]
    kept, left = [], chars
    for claim in [claim for claim in known if claim.lasting] + passing[::-1]:
        left -= len(claim.claim) + len(claim.subject) + 24
        if left < 0:
            break
        kept.append(claim)
    return tuple(sorted(kept, key=lambda claim: (claim.seq, claim.id)))


def _day(at: dt.datetime, now: dt.datetime) -> str:
    return at.astimezone(now.tzinfo).strftime("%a %d %b %Y")
