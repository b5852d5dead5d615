"""What a rehearsal with the real models may spend, and the end of it when that is used up."""

import asyncio
import json
from dataclasses import dataclass

from arena.rehearsal.stage import Stage
from arena.rules import EventKind

#: How often (s) is looked how much was spent.
LOOK_S = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class SpendingLimit:
    """For all rooms together. Calls in flight when it is reached are still paid for."""

    calls: int
    cost_usd: float


async def used_up(own: Stage, limit: SpendingLimit) -> str:
    """Wait until a limit is reached; say which, and what was spent."""
    seen, n_calls, cost_usd = 0, 0, 0.0
    while True:
        rows = own.rows(
            "SELECT id, body FROM arena_event WHERE kind = ? AND id > ? ORDER BY id",
            EventKind.MACHINE_CALL,
            seen,
        )
        for row in rows:
            body = json.loads(row["body"])
            seen, n_calls = row["id"], n_calls + 1
            cost_usd += body["cost_usd"] or 0.0
        if n_calls >= limit.calls:
            return _sentence(f"{limit.calls} calls", n_calls, cost_usd, more="--calls")
        if cost_usd >= limit.cost_usd:
            budget = f"{limit.cost_usd:g} US dollars"
            return _sentence(budget, n_calls, cost_usd, more="--budget-usd")
        await asyncio.sleep(LOOK_S)


def _sentence(budget: str, n_calls: int, cost_usd: float, *, more: str) -> str:
    return (
        f"The rehearsal's budget of {budget} is used up ({n_calls} calls, {cost_usd:.4f} US "
        "dollars where prices are known), so it was stopped. Rehearse fewer rooms, or allow more "
        f"with {more}."
    )
