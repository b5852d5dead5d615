"""Calls to a backend as a room's log records them, and what a room has spent on them."""

from collections.abc import Iterable
from dataclasses import dataclass

from arena.backends.base import Conversation, Reply
from arena.backends.failure import Spent
from arena.backends.prompting import prompt_sha256
from arena.event_kinds import NOT_ASKED, MachineCall, Purpose, Shown
from arena.studies.design import Budget, ProfileSpec


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How a call went: `ok`, or the kind of its failure and what was said about it."""

    outcome: str
    latency_ms: int
    spent: Reply | Spent
    error: str = ""


def call_body(
    conversation: Conversation,
    *,
    profile: ProfileSpec,
    purpose: Purpose,
    n_turns: int,
    outcome: Outcome,
    shown: Shown | None = None,
) -> MachineCall:
    """What the log keeps of a call, whether it gave a reply or only cost something."""
    spent = outcome.spent
    return MachineCall(
        profile=profile.name,
        purpose=purpose,
        backend=profile.backend,
        model=spent.model if isinstance(spent, Reply) else profile.model,
        parameters=dict(profile.options),
        prompt_sha256=prompt_sha256(conversation, profile),
        n_turns=n_turns,
        latency_ms=outcome.latency_ms,
        tokens_in=spent.tokens_in,
        tokens_out=spent.tokens_out,
        cost_usd=spent.cost_usd,
        request_id=spent.request_id,
        outcome=outcome.outcome,
        error=outcome.error[:500],
        shown=shown,
        tokens_cached=spent.tokens_cached,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Spending:
    """What a room's machine has used up, in calls of every purpose."""

    calls: int
    tokens: float
    cost_usd: float

    def with_calls(self, calls: Iterable[MachineCall]) -> "Spending":
        """This, and what further calls used up."""
        spent = self
        for call in calls:
            spent = Spending(
                calls=spent.calls + (call.outcome != NOT_ASKED),
                tokens=spent.tokens + (call.tokens_in or 0) + (call.tokens_out or 0),
                cost_usd=spent.cost_usd + (call.cost_usd or 0.0),
            )
        return spent

    def exhausted(self, budget: Budget) -> str | None:
        """Which part of a budget is used up, if one is."""
        if self.calls >= budget.calls:
            return "calls"
        if self.tokens >= budget.tokens:
            return "tokens"
        if self.cost_usd >= budget.cost_usd and self.cost_usd > 0:
            return "cost"
        return None


NOTHING_SPENT = Spending(calls=0, tokens=0, cost_usd=0.0)
