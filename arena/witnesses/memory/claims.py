"""What a machine remembers: claims of the persona about itself, and points of what was said.

Both only quote the conversation: a claim is a sentence of the machine's own, a point a passage of
either side, each with the message it comes from.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from arena.backends.base import Speaker
from arena.backends.quoting import on_one_line
from arena.event_kinds import Claim, SummaryPoint


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedSummary:
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
    summaries: tuple[LoggedSummary, ...] = ()

    @property
    def summary_upto(self) -> int:
        return self.summaries[-1].upto if self.summaries else 0


NO_MEMORY = Memory()


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


def claim_line(claim: Claim, now: dt.datetime) -> str:
    """A claim as it stands in a prompt."""
    return f'{_day(claim.said_at, now)}, {claim.subject}: "{on_one_line(claim.claim)}"'


def point_line(point: SummaryPoint, now: dt.datetime) -> str:
    """A point as it stands in a prompt."""
    who = "you" if point.by == Speaker.ME else "the interrogator"
    return f'{_day(point.at, now)}, {who}: "{on_one_line(point.text)}"'


def _day(at: dt.datetime, now: dt.datetime) -> str:
    return at.astimezone(now.tzinfo).strftime("%a %d %b %Y")
