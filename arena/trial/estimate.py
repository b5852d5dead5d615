"""What a room of a profile would take, worked out from the calls of its trial."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from arena.studies.design import ProfileSpec
from arena.trial.setting import TrialSetting
from arena.witnesses.memory.context import SHARE

#: How often an interrogator is taken to ask: in a chat, and in a room that lasts for days.
EVERY_S, A_DAY = 30, 20
DAY_S = 86_400
#: What a question and its stamp add to the next prompt, beside the answer.
_QUESTION_TOKENS = 30


class Took(Protocol):
    """What a call took, as far as that is known."""

    @property
    def tokens_in(self) -> int | None: ...
    @property
    def tokens_out(self) -> int | None: ...
    @property
    def cost_usd(self) -> float | None: ...


class Measured(Took, Protocol):
    """A call that gave a reply, and what its judge took if it has one."""

    @property
    def judged(self) -> Took | None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomEstimate:
    """A whole room by its length; `budget` names the part of its budget that ends before it."""

    n_replies: int
    tokens_in: int
    tokens_out: int
    cost_usd: float | None
    budget: str | None
    n_replies_in_budget: int


def estimate(
    calls: Sequence[Measured], *, profile: ProfileSpec, setting: TrialSetting
) -> RoomEstimate | None:
    """What a room takes if prompts go on growing; None where a provider does not count tokens.

    `calls` are those that gave a reply, in the order of a conversation. Money goes by the tokens of
    the trial: one price for what is read and what is written, as they were mixed there.
    """
    counted = [(c.tokens_in, c.tokens_out) for c in calls if c.tokens_in and c.tokens_out]
    if not counted:
        return None
    tokens_out = round(sum(out for _, out in counted) / len(counted))
    (first_in, _), (last_in, _) = counted[0], counted[-1]
    measured = (last_in - first_in) / (len(counted) - 1) if len(counted) > 1 else 0.0
    growth = max(measured, 0.0) or tokens_out + _QUESTION_TOKENS
    costs = [call.cost_usd for call in calls if call.cost_usd is not None]
    price = sum(costs) / sum(map(sum, counted)) if len(costs) == len(calls) else None
    judged = _JudgedReply.of([call.judged for call in calls if call.judged is not None])
    return _room(
        _Prompts(first_in=first_in, growth=growth, tokens_out=tokens_out, price=price),
        judged,
        profile=profile,
        setting=setting,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Prompts:
    """How prompts grow from reply to reply, in tokens, and what a token costs (US dollars)."""

    first_in: int
    growth: float
    tokens_out: int
    price: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _JudgedReply:
    """What the judge takes for each reply; its prompt does not grow."""

    calls: int = 0
    tokens_in: float = 0.0
    tokens_out: float = 0.0
    cost_usd: float | None = 0.0

    @classmethod
    def of(cls, calls: Sequence[Took]) -> "_JudgedReply":
        if not (n := len(calls)):
            return cls()
        costs = [call.cost_usd for call in calls if call.cost_usd is not None]
        return cls(
            calls=1,
            tokens_in=sum(call.tokens_in or 0 for call in calls) / n,
            tokens_out=sum(call.tokens_out or 0 for call in calls) / n,
            cost_usd=sum(costs) / n if len(costs) == n else None,
        )


def _room(
    prompts: _Prompts, judged: _JudgedReply, *, profile: ProfileSpec, setting: TrialSetting
) -> RoomEstimate:
    asked_every_s = DAY_S / A_DAY if setting.is_long else EVERY_S
    n_replies = max(1, round(setting.duration_s / asked_every_s))
    most = SHARE * profile.memory.window_tokens if profile.memory else float("inf")
    budget, ended, n_in_budget = profile.budget, None, n_replies
    tokens_in = tokens_out = calls = 0.0
    cost_usd: float | None = 0.0
    for n in range(n_replies):
        asked = max(prompts.first_in, min(prompts.first_in + prompts.growth * n, most))
        calls += 1 + judged.calls
        tokens_in += asked + judged.tokens_in
        tokens_out += prompts.tokens_out + judged.tokens_out
        if cost_usd is None or prompts.price is None or judged.cost_usd is None:
            cost_usd = None
        else:
            cost_usd += prompts.price * (asked + prompts.tokens_out) + judged.cost_usd
        over = {
            "calls": calls > budget.calls,
            "tokens": tokens_in + tokens_out > budget.tokens,
            "cost_usd": cost_usd is not None and cost_usd > budget.cost_usd > 0,
        }
        if ended is None and any(over.values()):
            ended, n_in_budget = next(name for name, is_over in over.items() if is_over), n
    return RoomEstimate(
        n_replies=n_replies,
        tokens_in=round(tokens_in),
        tokens_out=round(tokens_out),
        cost_usd=cost_usd,
        budget=ended,
        n_replies_in_budget=n_in_budget,
    )
