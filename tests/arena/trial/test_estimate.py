"""What a room would take, worked out from few calls."""

from dataclasses import dataclass, replace

import pytest

from arena.studies.design import Budget, MemorySettings
from arena.trial.estimate import estimate
from arena.trial.setting import TrialSetting, default_profile

PROFILE = default_profile("openai:some", address=None, options={})


@dataclass(frozen=True, slots=True, kw_only=True)
class Took:
    tokens_in: int | None
    tokens_out: int | None = 20
    cost_usd: float | None = None
    judged: "Took | None" = None


def test_prompts_grow_by_what_was_measured() -> None:
    calls = [Took(tokens_in=300), Took(tokens_in=350), Took(tokens_in=400)]
    found = estimate(calls, profile=PROFILE, setting=TrialSetting(duration_s=300))
    assert found is not None
    assert (found.n_replies, found.tokens_out) == (10, 200)
    assert found.tokens_in == sum(300 + 50 * n for n in range(10))
    assert found.cost_usd is None and found.budget is None


def test_a_memory_bounds_the_prompt() -> None:
    profile = replace(PROFILE, memory=MemorySettings(window_tokens=2_000, extractor="some"))
    calls = [Took(tokens_in=300), Took(tokens_in=400)]
    setting = TrialSetting(duration_s=90 * 86_400, is_long=True)
    found = estimate(calls, profile=profile, setting=setting)
    assert found is not None and found.n_replies == 1_800
    assert found.tokens_in < 1_800 * 1_200


def test_money_goes_by_tokens() -> None:
    calls = [Took(tokens_in=480, cost_usd=0.5), Took(tokens_in=480, cost_usd=0.5)]
    found = estimate(calls, profile=PROFILE, setting=TrialSetting(duration_s=30))
    assert found is not None and found.cost_usd == pytest.approx(0.5)


def test_a_judge_is_asked_for_each_reply() -> None:
    word = Took(tokens_in=200, tokens_out=1, cost_usd=0.1)
    calls = [Took(tokens_in=480, cost_usd=0.5, judged=word)]
    budget = Budget(calls=10, tokens=10**9, cost_usd=99)
    profile = replace(PROFILE, budget=budget)
    found = estimate(calls, profile=profile, setting=TrialSetting(duration_s=300))
    alone = estimate([replace(calls[0], judged=None)], profile=profile, setting=TrialSetting())
    assert found is not None and alone is not None and alone.cost_usd is not None
    assert found.tokens_in == alone.tokens_in + 10 * 200
    assert found.tokens_out == alone.tokens_out + 10
    assert found.cost_usd == pytest.approx(alone.cost_usd + 10 * 0.1)
    assert (found.budget, found.n_replies_in_budget) == ("calls", 5)


@pytest.mark.parametrize(
    ("budget", "ends", "after"),
    [
        (Budget(calls=7, tokens=10**9, cost_usd=99), "calls", 7),
        (Budget(calls=10**6, tokens=1_060, cost_usd=99), "tokens", 2),
        (Budget(calls=10**6, tokens=10**9, cost_usd=2.5), "cost_usd", 2),
        (Budget(calls=10**6, tokens=10**9, cost_usd=0), None, 10),
    ],
)
def test_a_budget_that_ends_before_the_room_is_named(
    budget: Budget, ends: str | None, after: int
) -> None:
    calls = [Took(tokens_in=480, cost_usd=1.0)]
    found = estimate(
        calls, profile=replace(PROFILE, budget=budget), setting=TrialSetting(duration_s=300)
    )
    assert found is not None
    assert (found.budget, found.n_replies_in_budget) == (ends, after)


def test_a_provider_that_counts_nothing_gives_no_estimate() -> None:
    calls = [Took(tokens_in=None, tokens_out=None)]
    assert estimate(calls, profile=PROFILE, setting=TrialSetting()) is None
