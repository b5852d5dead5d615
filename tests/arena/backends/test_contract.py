"""What holds for every registered backend, whoever wrote it."""

import asyncio

import pytest

from arena import backends
from arena.backends import BackendError, Reply
from tests.arena.backends.conversations import ODD_TEXTS, AProfile, burst, model, talk
from tests.kit.fake_provider import FakeProvider
from tests.kit.stubborn import until
from tests.kit.wire import TIMEOUT_S

pytestmark = pytest.mark.usefixtures("key", "closing")

#: A usable profile of each backend that answers by itself, the same way every time.
DETERMINISTIC = {
    "scripted": AProfile(backend="scripted", model="lines", options={"lines": ["One.", "Two."]}),
    "eliza": AProfile(backend="eliza", model="doctor"),
}
REMOTE = ("openai", "litellm")


def profile(name: str, provider: FakeProvider, *, mode: str = "ok") -> AProfile:
    return DETERMINISTIC.get(name) or model(name, mode, provider)


def test_every_backend_is_under_contract() -> None:
    assert set(backends.names()) == {*DETERMINISTIC, *REMOTE}


@pytest.mark.parametrize("name", backends.names())
def test_a_usable_profile_has_no_problem(name: str, provider: FakeProvider) -> None:
    assert backends.check(profile(name, provider)) == ()


@pytest.mark.parametrize("name", backends.names())
async def test_reply_is_a_reply(name: str, provider: FakeProvider) -> None:
    conversation = talk("Hello, how are you?", "Fine.", "What did you have for breakfast?")

    reply = await backends.get_backend(name).reply(
        conversation, profile=profile(name, provider), seed=1
    )

    assert isinstance(reply, Reply)
    assert 0 < len(reply.text) <= conversation.message_chars
    assert reply.model


@pytest.mark.parametrize("name", backends.names())
async def test_odd_conversations_give_a_reply_or_a_backend_error(
    name: str, provider: FakeProvider
) -> None:
    backend, machine = backends.get_backend(name), profile(name, provider, mode="echo")
    odd = [talk(text) for text in ODD_TEXTS]
    odd += [talk(), talk("hello", "hello"), burst(*ODD_TEXTS), talk("hi", message_chars=1)]
    for conversation in odd:
        try:
            reply = await backend.reply(conversation, profile=machine, seed=1)
        except BackendError as error:
            assert error.kind
        else:
            assert reply.text.encode("utf-8")


@pytest.mark.parametrize("name", backends.names())
async def test_unusable_options_are_a_backend_error(name: str, provider: FakeProvider) -> None:
    machine = AProfile(backend=name, model="none-such", options={})
    with pytest.raises(BackendError) as caught:
        await backends.get_backend(name).reply(talk("hi"), profile=machine, seed=1)
    assert (caught.value.kind, caught.value.retryable) == ("bad_request", False)


@pytest.mark.parametrize("name", REMOTE)
async def test_cancelling_stops_a_call_at_once(name: str, provider: FakeProvider) -> None:
    machine = profile(name, provider, mode="stall")
    call = asyncio.create_task(
        backends.get_backend(name).reply(talk("hi"), profile=machine, seed=1)
    )
    await until(lambda: len(provider.requests) == 1 or call.done(), what="the call")
    await _cancel(call)


async def _cancel(call: "asyncio.Task[Reply]") -> None:
    """Cancel a call that goes on for much longer than anybody here waits."""
    call.cancel()
    done, _ = await asyncio.wait({call}, timeout=TIMEOUT_S)
    assert done == {call}
    assert call.cancelled()


async def test_cancelling_stops_a_long_replay() -> None:
    texts = [f"i think you are number {n}" for n in range(4001)]
    machine = AProfile(backend="eliza", model="doctor")
    call = asyncio.create_task(
        backends.get_backend("eliza").reply(talk(*texts), profile=machine, seed=1)
    )
    await asyncio.sleep(0)  # It has begun, and comes up for breath.
    assert not call.done()
    await _cancel(call)


@pytest.mark.parametrize("name", DETERMINISTIC)
async def test_same_conversation_gets_the_same_reply(name: str, provider: FakeProvider) -> None:
    conversation = talk("hello", "Hello.", "my brother is a robot")
    replies = {
        (
            await backends.get_backend(name).reply(
                conversation, profile=profile(name, provider), seed=1
            )
        ).text
        for _ in range(5)
    }
    assert len(replies) == 1
