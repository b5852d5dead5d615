"""Rooms that ask one provider while it fails: who asks, who is told to wait, and who comes back."""

import asyncio
from collections.abc import Iterator

import pytest

from arena import backends
from arena.backends import BackendError, ProviderRests, Reply
from arena.backends.breaker import MOST_S, N_FAILURES
from tests.arena.backends.conversations import AProfile, model, talk
from tests.kit.fake_provider import FakeProvider
from tests.kit.told_clock import ToldClock

pytestmark = pytest.mark.usefixtures("key", "closing")


@pytest.fixture
def now() -> Iterator[ToldClock]:
    yield ToldClock()


async def ask(profile: AProfile) -> Reply:
    return await backends.get_backend("openai").reply(talk("hi"), profile=profile, seed=1)


async def outcomes(profile: AProfile, n: int) -> list[str]:
    """How `n` calls one after the other end: in a word each."""
    words = []
    for _ in range(n):
        try:
            await ask(profile)
        except ProviderRests:
            words.append("rests")
        except BackendError as error:
            words.append(error.kind)
        else:
            words.append("ok")
    return words


async def test_provider_that_fails_is_left_alone_by_every_room(provider: FakeProvider) -> None:
    told = await outcomes(model("openai", "err503", provider), N_FAILURES + 3)
    assert told == ["unavailable"] * N_FAILURES + ["rests"] * 3
    # Another profile of the same address and key is told the same, without asking.
    assert await outcomes(model("openai", "ok", provider), 1) == ["rests"]
    assert len(provider.requests) == N_FAILURES


async def test_other_providers_are_asked_all_the_same(provider: FakeProvider) -> None:
    await outcomes(model("openai", "err503", provider), N_FAILURES)
    with FakeProvider() as another:
        assert await outcomes(model("openai", "ok", another), 2) == ["ok"] * 2


@pytest.mark.parametrize("after_s", [5, 90, 600])
async def test_retry_after_of_any_length_is_obeyed(
    after_s: int, provider: FakeProvider, now: ToldClock
) -> None:
    provider.retry_after = str(after_s)
    assert await outcomes(model("openai", "err503", provider), 1) == ["unavailable"]
    with pytest.raises(ProviderRests) as told:
        await ask(model("openai", "ok", provider))
    assert after_s - 1 < told.value.wait_s < after_s + 32
    now.forward(after_s - 2)
    assert await outcomes(model("openai", "ok", provider), 1) == ["rests"]
    now.forward(2)
    assert await outcomes(model("openai", "ok", provider), 1) == ["ok"]
    assert len(provider.requests) == 2


@pytest.mark.parametrize("mode", ["refusal", "empty", "err400", "err401", "err404"])
async def test_provider_that_answers_is_not_left_alone(mode: str, provider: FakeProvider) -> None:
    told = await outcomes(model("openai", mode, provider), 2 * N_FAILURES)
    assert "rests" not in told
    assert len(provider.requests) == 2 * N_FAILURES


async def test_account_without_money_is_left_alone_at_once(
    provider: FakeProvider, now: ToldClock
) -> None:
    quota, ok = model("openai", "quota", provider), model("openai", "ok", provider)
    assert await outcomes(quota, 2) == ["quota", "rests"]
    now.forward(60)
    assert await outcomes(ok, 1) == ["ok"]


async def test_stalls_count_as_failures(provider: FakeProvider) -> None:
    stalling = model("openai", "stall", provider, timeout="100 ms", max_retries=3)
    await ask(model("openai", "ok", provider))  # imports take longer than that
    told = await asyncio.gather(*(outcomes(stalling, 1) for _ in range(N_FAILURES)))
    assert told == [["timeout"]] * N_FAILURES
    assert await outcomes(stalling, 1) == ["rests"]


async def test_recovered_provider_is_tried_by_one_room_and_then_by_all(
    provider: FakeProvider, now: ToldClock
) -> None:
    await outcomes(model("openai", "err503", provider), N_FAILURES)
    now.forward(MOST_S)
    slow = model("openai", "slow", provider)
    told = [word for [word] in await asyncio.gather(*(outcomes(slow, 1) for _ in range(50)))]
    assert (told.count("ok"), told.count("rests")) == (1, 49)
    for _ in range(40):
        assert await outcomes(model("openai", "ok", provider), 1) == ["ok"]
    told = [word for [word] in await asyncio.gather(*(outcomes(slow, 1) for _ in range(50)))]
    assert told == ["ok"] * 50


async def test_last_real_failure_is_told_where_others_opened_the_breaker(
    provider: FakeProvider,
) -> None:
    """A call that failed was made, and may have cost something: it is not told as none."""
    trying = model("openai", "err503", provider, max_retries=10)
    told = await asyncio.gather(*(outcomes(trying, 1) for _ in range(N_FAILURES)))
    assert told == [["unavailable"]] * N_FAILURES
    assert len(provider.requests) == N_FAILURES


async def test_call_that_is_given_up_leaves_its_place_to_another(
    provider: FakeProvider, now: ToldClock
) -> None:
    await outcomes(model("openai", "err503", provider), N_FAILURES)
    now.forward(MOST_S)
    probe = asyncio.create_task(ask(model("openai", "stall", provider)))
    while len(provider.requests) == N_FAILURES:
        await asyncio.sleep(0.01)
    assert await outcomes(model("openai", "ok", provider), 1) == ["rests"]
    probe.cancel()
    await asyncio.gather(probe, return_exceptions=True)
    assert await outcomes(model("openai", "ok", provider), 1) == ["ok"]
