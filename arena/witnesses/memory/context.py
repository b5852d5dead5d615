"""What goes into a model's context: the whole conversation while it fits, then a summary and the
rest.

The whole prompt takes at most `SHARE` of the window. A summary is prepared earlier, at `PREPARE`,
and used only when the talk no longer fits without it; the oldest summary that makes it fit is
used, so that the beginning of the prompt stays the same from call to call for as long as it can.
"""

import bisect
import datetime as dt
import functools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from analysis.dataset import chain
from arena.backends.base import Conversation, Known, Speaker, Turn
from arena.backends.prompting import earlier, line, reminder, system, time_left
from arena.event_kinds import Claim, Shown
from arena.studies.design import ProfileSpec
from arena.witnesses.memory.claims import (
    LoggedSummary,
    Memory,
    claim_line,
    claims_before,
    point_line,
)
from arena.witnesses.memory.tokens import Count

SHARE, PREPARE, REST = 0.6, 0.5, 0.3
#: The tokens that a chat message costs besides its words.
OVERHEAD = 4
#: The share of the window that the newest messages get even if the persona leaves them less.
_LEAST = 0.2
#: Claims take at most a tenth of the window at three characters a token.
CLAIM_CHARS = 0.3
#: The lines of a persona's calendar at a moment, with what it did since another; notes of its days.
DaysShown = Callable[[dt.datetime, dt.datetime], tuple[str, ...]]
Notes = tuple[str, ...]
#: If no summary helps, the oldest messages are left out by so many at a time.
_BLOCK = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class PaneMessage:
    """A message of the pane, with its place in the log."""

    seq: int
    ref: str
    turn: Turn


@dataclass(frozen=True, kw_only=True)
class Talk:
    """A pane as its machine finds it: every message, and what has been answered so far."""

    lines: tuple[PaneMessage, ...]
    answered: int  # seq of the last message that the machine has answered
    now: dt.datetime
    started_at: dt.datetime
    message_chars: int
    room_seed: str
    canary: str = ""
    days: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()  # what the persona knows of these days
    ends_at: dt.datetime | None = None
    advice: str = ""

    @functools.cached_property
    def ordered(self) -> tuple[PaneMessage, ...]:
        """The messages as the machine reads them: unanswered messages come last."""
        return self._from(0)

    @property
    def last_said_at(self) -> dt.datetime | None:
        """When the machine last wrote, if it did."""
        own = (each.turn.at for each in reversed(self.lines) if each.turn.speaker == Speaker.ME)
        return next(own, None)

    def at(
        self, now: dt.datetime, *, days: DaysShown, notes: Callable[[dt.datetime], Notes]
    ) -> "Talk":
        """The same talk at a moment of the persona's clock, with what it knows then."""
        since = self.last_said_at or self.started_at
        return replace(self, now=now, days=days(now, since), notes=notes(now))

    def after(self, summary: LoggedSummary | None) -> tuple[PaneMessage, ...]:
        """The messages after a summary, and all unanswered ones."""
        return self._from(summary.upto) if summary else self.ordered

    @functools.cached_property
    def waiting(self) -> tuple[PaneMessage, ...]:
        """The interrogator's messages that are not answered yet."""
        return tuple(e for e in self._newest if e.turn.speaker == Speaker.INTERROGATOR)

    @property
    def _newest(self) -> tuple[PaneMessage, ...]:
        return self.lines[_after(self.lines, self.answered) :]

    def _from(self, upto: int) -> tuple[PaneMessage, ...]:
        newest = self._newest
        older = self.lines[_after(self.lines, upto) : len(self.lines) - len(newest)]
        said = (e for e in newest if e.turn.speaker == Speaker.ME and e.seq > upto)
        return (*older, *said, *self.waiting)


def _after(lines: tuple[PaneMessage, ...], seq: int) -> int:
    """How many lines, in the order of the log, go up to `seq`."""
    return bisect.bisect_right(lines, seq, key=lambda each: each.seq)


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What goes to the model, and what the log keeps of it."""

    conversation: Conversation
    shown: Shown


def fit(talk: Talk, *, profile: ProfileSpec, memory: Memory, count: Count) -> Context:
    """Choose what of a talk goes to the model; without a memory that is all of it."""
    if profile.memory is None:
        return _context(talk, talk.ordered, profile=profile, memory=memory, n_tokens=None)
    window = profile.memory.window_tokens
    limit = int(SHARE * window)
    costs = TokenCosts(talk, count, most=limit)
    best: _Choice | None = None
    for summary in (*reversed(memory.summaries), None):
        kept = talk.after(summary)
        if costs.of(len(kept)) > limit:
            break
        fixed = _fixed(talk, kept, summary=summary, profile=profile, memory=memory, count=count)
        if costs.of(len(kept)) + fixed > limit:
            break
        best = _Choice(kept, summary, fixed)
    if best is None:
        best = _cut(talk, profile=profile, memory=memory, count=count, costs=costs, window=window)
    return _context(
        talk,
        best.kept,
        profile=profile,
        memory=memory,
        summary=best.summary,
        n_tokens=best.fixed + int(costs.of(len(best.kept))),
    )


class _Choice(NamedTuple):
    kept: tuple[PaneMessage, ...]
    summary: LoggedSummary | None
    fixed: int


def assemble(
    talk: Talk,
    kept: Sequence[PaneMessage],
    *,
    profile: ProfileSpec,
    claims: Sequence[Claim],
    summary: LoggedSummary | None,
) -> Conversation:
    """The conversation in which a model sees `kept`, and knows what was said before."""
    left = (time_left(talk.ends_at, talk.now),) if talk.ends_at else ()
    news = (*left, *talk.notes)
    known = Known(
        days=talk.days,
        news=news,
        last_said_at=talk.last_said_at,
        advice=talk.advice,
        canary=talk.canary,
    )
    if profile.memory is not None:
        chars = int(CLAIM_CHARS * profile.memory.window_tokens)
        before = claims_before(claims, kept[0].seq, chars=chars) if kept else ()
        points = summary.points if summary else ()
        known = replace(
            known,
            claims=tuple(claim_line(claim, talk.now) for claim in before),
            summary=tuple(point_line(point, talk.now) for point in points),
            restated=True,
        )
    return Conversation(
        turns=tuple(each.turn for each in kept),
        now=talk.now,
        started_at=talk.started_at,
        message_chars=talk.message_chars,
        room_seed=talk.room_seed,
        known=known,
    )


def calendar_sha256(days: tuple[str, ...]) -> str | None:
    return chain.sha256(list(days)) if days else None


class TokenCosts:
    """The cumulative token cost of the newest messages, as far as the limit."""

    def __init__(self, talk: Talk, count: Count, *, most: int) -> None:
        self._upto = [0]
        for each in reversed(talk.ordered):
            # A message of its own is a turn of its own, and so is the line with its time.
            overhead = OVERHEAD * (1 + (each.turn.speaker == Speaker.ME))
            self._upto.append(self._upto[-1] + count(line(each.turn, talk.now)) + overhead)
            if self._upto[-1] > most:
                break

    def of(self, n: int) -> float:
        """The cost of the newest `n` messages; infinite past what was added up."""
        return self._upto[n] if n < len(self._upto) else math.inf


def _fixed(
    talk: Talk,
    kept: Sequence[PaneMessage],
    *,
    summary: LoggedSummary | None,
    profile: ProfileSpec,
    memory: Memory,
    count: Count,
) -> int:
    """The cost of what surrounds the messages: instructions, notes of the page."""
    made = assemble(talk, kept, profile=profile, claims=memory.claims, summary=summary)
    parts = (
        system(made, profile),
        *earlier(made.known).split("\n"),
        *reminder(made, profile.persona).split("\n"),
    )
    return sum(count(part) + 1 for part in parts) + 4 * OVERHEAD


def _cut(
    talk: Talk,
    *,
    profile: ProfileSpec,
    memory: Memory,
    count: Count,
    costs: TokenCosts,
    window: int,
) -> _Choice:
    """The newest lines that fit where no summary makes room for all, and the newest summary.

    They are cut at a block, so that the same lines stay from call to call.
    """
    summary = memory.summaries[-1] if memory.summaries else None
    kept = talk.after(summary)
    fixed = _fixed(talk, kept, summary=summary, profile=profile, memory=memory, count=count)
    limit = max(SHARE * window - fixed, _LEAST * window)
    n = len(kept)
    starts = (*range(0, n, _BLOCK), *range(max(0, n - _BLOCK), n - 1))
    first = next((first for first in starts if costs.of(n - first) <= limit), n - 1)
    return _Choice(kept[max(first, 0) :], summary, fixed)


def _context(
    talk: Talk,
    kept: Sequence[PaneMessage],
    *,
    profile: ProfileSpec,
    memory: Memory,
    n_tokens: int | None,
    summary: LoggedSummary | None = None,
) -> Context:
    shown = Shown(
        persona_sha256=chain.sha256(profile.persona),
        turns_from=kept[0].seq if kept else 0,
        turns_upto=max((each.seq for each in talk.lines), default=0),
        answered=talk.answered,
        claims=memory.claims_event if profile.memory else None,
        summary=summary.event if summary else None,
        calendar_sha256=calendar_sha256(talk.days),
        advice=talk.advice,
        canary=bool(talk.canary),
        now=talk.now,
        zone=str(talk.now.tzinfo),
        tokens=n_tokens,
        ends_at=talk.ends_at,
    )
    made = assemble(talk, kept, profile=profile, claims=memory.claims, summary=summary)
    return Context(conversation=made, shown=shown)
