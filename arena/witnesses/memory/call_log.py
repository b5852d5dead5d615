"""Calls to a backend as a room's log records them, and what a room has spent on them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from arena.backends.base import Conversation, Reply
from arena.backends.failure import Spent
from arena.backends.prompting import prompt_sha256
from arena.models import Event, Seat
from arena.rules import EventKind
from arena.studies.design import Budget, ProfileSpec


class Purpose(StrEnum):
    REPLY = "reply"
    EXTRACT = "extract"
    SUMMARISE = "summarise"


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
    shown: Mapping[str, object] | None = None,
) -> dict[str, object]:
    """The log's record of a call, whether or not it gave a reply."""
    spent = outcome.spent
    return {
        "profile": profile.name,
        "purpose": str(purpose),
        "backend": profile.backend,
        "model": spent.model if isinstance(spent, Reply) else profile.model,
        "parameters": dict(profile.options),
        "prompt_sha256": prompt_sha256(conversation, profile),
        "n_turns": n_turns,
        "latency_ms": outcome.latency_ms,
        "tokens_in": spent.tokens_in,
        "tokens_out": spent.tokens_out,
        "cost_usd": spent.cost_usd,
        "request_id": spent.request_id,
        "outcome": outcome.outcome,
        "error": outcome.error[:500],
        **({} if shown is None else {"shown": dict(shown)}),
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Spending:
    """What a room's machine has used up, in calls of every purpose."""

    calls: int
    tokens: float
    cost_usd: float

    def exhausted(self, budget: Budget) -> str | None:
        """Which part of a budget is used up, if one is."""
        if self.calls >= budget.calls:
            return "calls"
        if self.tokens >= budget.tokens:
            return "tokens"
        if self.cost_usd >= budget.cost_usd and self.cost_usd > 0:
            return "cost"
        return None


def spending(seat: Seat) -> Spending:
    calls = Event.objects.filter(
        room_id=seat.room_id, kind=EventKind.MACHINE_CALL, seat=seat.actor
    ).values_list("body", flat=True)
    bodies = [json.loads(body) for body in calls if body is not None]
    return Spending(
        calls=len(bodies),
        tokens=sum(_number(b, "tokens_in") + _number(b, "tokens_out") for b in bodies),
        cost_usd=sum(_number(b, "cost_usd") for b in bodies),
    )


def _number(body: Mapping[str, object], key: str) -> float:
    value = body.get(key)
    return float(value) if isinstance(value, int | float) else 0.0
