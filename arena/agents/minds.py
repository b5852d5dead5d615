"""The model behind an agent: asked through a backend, again where it failed, under a budget."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from arena import clock
from arena.backends import BackendError, Conversation, Spent, Task, get_backend
from arena.backends.base import Reply
from arena.errors import ArenaError
from arena.studies.design import Budget

T = TypeVar("T")

#: How often one question is put to the model, in all, and how long (s) before it is put again.
MAX_TRIES, RETRY_S = 4, 2.0
_GREETING = "You will be asked for one JSON object at a time. Reply with the word ready."


@dataclass(frozen=True, slots=True, kw_only=True)
class MindProfile:
    """A model and its options, as backends read them; the agent's name is its own."""

    name: str
    backend: str
    model: str
    options: Mapping[str, object]
    persona: str = ""


class MindFailed(ArenaError):
    """A model gave nothing to act on, however often it was asked."""

    code = "agent.failed"


@dataclass(slots=True)
class AgentSpending:
    """What an agent has used up in a room."""

    calls: int = 0
    tokens: int = 0
    cost_usd: float = 0.0
    failures: list[str] = field(default_factory=list)

    def add(self, call: Reply | Spent) -> None:
        self.calls += 1
        self.tokens += (call.tokens_in or 0) + (call.tokens_out or 0)
        self.cost_usd += call.cost_usd or 0.0

    def exhausted(self, budget: Budget) -> bool:
        too_dear = 0 < budget.cost_usd <= self.cost_usd
        return self.calls >= budget.calls or self.tokens >= budget.tokens or too_dear


class Mind:
    """One room's use of a model."""

    def __init__(self, profile: MindProfile, budget: Budget, *, retry_s: float = RETRY_S) -> None:
        self.profile, self.budget, self.spent = profile, budget, AgentSpending()
        self._retry_s = retry_s

    async def ask(self, task: Callable[[str], Task], read: Callable[[str], T]) -> T:
        """What can be read in the model's answer; `task` is told what was wrong with the last."""
        complaint, last = "", "it was not asked"
        for n in range(MAX_TRIES):
            if self.spent.exhausted(self.budget):
                raise MindFailed("The agent's budget for this room is used up.")
            if n:
                await asyncio.sleep(self._retry_s * 2 ** (n - 1))
            try:
                return read(await self._text(task(complaint), seed=self.spent.calls))
            except BackendError as error:
                self.spent.add(error.spent)
                last = str(error)
                self.spent.failures.append(f"{error.kind}: {last}"[:300])
                if not error.retryable:
                    break
            except ValueError as error:
                last = complaint = f"Your last reply could not be used. {error}"
                self.spent.failures.append(f"unreadable: {error}"[:300])
        raise MindFailed(f"The model gave nothing to act on: {last}")

    async def greet(self) -> None:
        """Raise if the model does not answer at all."""
        try:
            await self._text(Task(instructions=_GREETING, material="Ready?"), seed=0)
        except BackendError as error:
            raise MindFailed(f"{self.profile.name} does not answer: {error}") from error

    async def _text(self, task: Task, *, seed: int) -> str:
        now = clock.now()
        conversation = Conversation(
            turns=(), now=now, started_at=now, message_chars=0, room_seed="", task=task
        )
        backend = get_backend(self.profile.backend)
        reply = await backend.reply(conversation, profile=self.profile, seed=seed)
        self.spent.add(reply)
        return reply.text
