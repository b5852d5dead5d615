"""The two backends for language models, against a server that misbehaves as told."""

import asyncio
import subprocess
import sys
import time

import pytest

from arena import backends
from arena.backends import BackendError, Reply, Spent, prompt
from tests.arena.backends.conversations import AProfile, model, talk
from tests.kit import fake_provider
from tests.kit.fake_provider import HUGE, PARTY, FakeProvider
from tests.kit.paths import ROOT
from tests.kit.stubborn import until

pytestmark = pytest.mark.usefixtures("key", "closing")

ASKED = talk("hi", "hello", "who are you?")
PAID = Spent(tokens_in=21, tokens_out=7, cost_usd=None, request_id="req-1")

both = pytest.mark.parametrize("name", ["openai", "litellm"])


async def ask(profile: AProfile, *, seed: int = 1) -> Reply:
    return await backends.get_backend(profile.backend).reply(ASKED, profile=profile, seed=seed)


async def fail(profile: AProfile) -> BackendError:
    with pytest.raises(BackendError) as caught:
        await ask(profile)
    return caught.value


@both
async def test_reply_carries_what_the_log_wants(name: str, provider: FakeProvider) -> None:
    reply = await ask(model(name, "ok", provider, price_in=1, price_out=10))
    assert reply == Reply(
        text="Fine, thanks. You?",
        model="ok-2026-01-01",
        tokens_in=21,
        tokens_out=7,
        cost_usd=(21 * 1 + 7 * 10) / 1_000_000,
        finish="stop",
        request_id="req-1",
    )


@both
async def test_request_is_the_prompt_and_the_options(name: str, provider: FakeProvider) -> None:
    profile = model(name, "ok", provider, temperature=0.7, top_p=0.9, seed=True, max_tokens=99)
    await ask(profile, seed=2**40 + 5)
    (sent,) = provider.requests
    assert sent == {
        "model": "ok",
        "messages": list(prompt(ASKED, profile)),
        "temperature": 0.7,
        "top_p": 0.9,
        "max_tokens": 99,
        "seed": 5,
    }


@both
async def test_options_left_out_are_not_sent(name: str, provider: FakeProvider) -> None:
    await ask(model(name, "ok", provider))
    assert provider.requests[0].keys() == {"model", "messages", "temperature", "max_tokens"}


@both
async def test_unknown_price_is_no_cost_rather_than_nought(
    name: str, provider: FakeProvider
) -> None:
    assert (await ask(model(name, "ok", provider))).cost_usd is None
    assert (await ask(model(name, "ok", provider, price_in=1))).cost_usd is None


@both
@pytest.mark.parametrize(
    ("mode", "kind", "retryable"),
    [
        ("err400", "bad_request", False),
        ("err401", "no_key", False),
        ("err404", "unknown_model", False),
        ("err429", "rate_limit", True),
        ("quota", "quota", False),
        ("err500", "unavailable", True),
        ("err503", "unavailable", True),
        ("prompt-filter", "refused", False),
        ("refusal", "refused", True),
        ("filter", "refused", True),
        ("empty", "empty", True),
        ("null", "empty", True),
        ("blank", "empty", True),
        ("malformed", "malformed", True),
        ("surrogate", "malformed", True),
        ("bad-utf8", "malformed", True),
        ("disconnect", "unavailable", True),
        ("hang-up", "unavailable", True),
    ],
)
async def test_misbehaviour_is_a_failure_of_its_kind(
    name: str, mode: str, kind: str, retryable: bool, provider: FakeProvider, key: str
) -> None:
    error = await fail(model(name, mode, provider))
    assert (error.kind, error.retryable) == (kind, retryable)
    assert key not in str(error)
    assert "Expected" in str(error)


@both
@pytest.mark.parametrize("mode", ["html", "no-choices", "wrong-shape"])
async def test_answers_of_another_shape_are_failures(
    name: str, mode: str, provider: FakeProvider
) -> None:
    # litellm reports these as errors of the provider.
    assert (await fail(model(name, mode, provider))).kind in ("malformed", "unavailable")


@both
@pytest.mark.parametrize("mode", ["refusal", "filter", "empty", "surrogate"])
async def test_useless_replies_are_counted(name: str, mode: str, provider: FakeProvider) -> None:
    assert (await fail(model(name, mode, provider))).spent == PAID


@both
async def test_huge_and_unfinished_replies_are_passed_on_whole(
    name: str, provider: FakeProvider
) -> None:
    assert (await ask(model(name, "huge", provider))).text == HUGE
    assert (await ask(model(name, "length", provider))).finish == "length"


@both
async def test_slow_provider_is_waited_for_and_a_stall_is_not(
    name: str, provider: FakeProvider
) -> None:
    assert (await ask(model(name, "slow", provider))).text == "Sorry, was away."
    began = time.monotonic()
    error = await fail(model(name, "stall", provider, timeout="500 ms", max_retries=5))
    assert error.kind == "timeout"
    assert time.monotonic() - began > 0.45
    assert len(provider.requests) - 1 <= 1


@both
async def test_timeout_covers_all_retries(name: str, provider: FakeProvider) -> None:
    await ask(model(name, "ok", provider))
    await fail(model(name, "err500", provider, timeout="10 s", max_retries=10))
    # Waits of 0.25 s at least, each twice the last: no more than six tries fit in.
    assert 2 <= len(provider.requests) - 1 <= 6


@both
async def test_passing_failures_are_tried_again(name: str) -> None:
    with FakeProvider(fail_first=2) as provider:
        reply = await ask(model(name, "ok", provider, max_retries=2))
        assert reply.text == "Fine, thanks. You?"
        assert len(provider.requests) == 3


@both
async def test_lasting_failures_are_not_tried_again(name: str, provider: FakeProvider) -> None:
    for mode in ("err400", "err401", "refusal", "empty", "quota"):
        await fail(model(name, mode, provider, max_retries=5))
    assert len(provider.requests) == 5


@both
async def test_rate_limit_beyond_the_timeout_is_told_at_once(
    name: str, provider: FakeProvider
) -> None:
    error = await fail(model(name, "err429", provider, timeout="5 min", max_retries=5))
    assert (error.kind, error.retry_after_s) == ("rate_limit", 700.0)
    assert len(provider.requests) == 1


@both
async def test_missing_key_names_the_variable(
    name: str, provider: FakeProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OPENAI_API_KEY")
    for profile, variable in (
        (model(name, "ok", provider), "OPENAI_API_KEY"),
        (model(name, "ok", provider, key_env="LOCAL_KEY"), "LOCAL_KEY"),
    ):
        error = await fail(profile)
        assert (error.kind, error.retryable) == ("no_key", False)
        assert f"The environment variable {variable} is not set." in str(error)
    assert provider.requests == []


@both
async def test_key_of_another_variable_is_used(
    name: str, provider: FakeProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOCAL_KEY", "another")
    await ask(model(name, "ok", provider, key_env="LOCAL_KEY"))
    assert provider.headers[0]["authorization"] == "Bearer another"


@both
async def test_server_that_is_not_there_is_unavailable(name: str, provider: FakeProvider) -> None:
    profile = model(name, "ok", provider)
    provider.stop()
    assert (await fail(profile)).kind == "unavailable"


@both
async def test_rooms_are_answered_side_by_side(name: str, provider: FakeProvider) -> None:
    profile = model(name, "gathering", provider)
    replies = await asyncio.gather(*(ask(profile) for _ in range(PARTY)))
    assert [reply.text for reply in replies] == ["Here we all are."] * PARTY


async def test_hundreds_of_calls_are_in_flight_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fake_provider, "PARTY", 300)
    with FakeProvider() as provider:
        profile = model("openai", "gathering", provider)
        replies = await asyncio.gather(*(ask(profile) for _ in range(300)))
    assert [reply.text for reply in replies] == ["Here we all are."] * 300


@both
async def test_provider_has_no_more_calls_than_the_profile_allows(
    name: str, provider: FakeProvider
) -> None:
    profile = model(name, "stall", provider, timeout="1 h", max_calls=2)
    calls = [asyncio.create_task(ask(profile)) for _ in range(4)]
    await until(lambda: len(provider.requests) == 2, what="two calls")
    with FakeProvider() as another:  # It has places of its own.
        await ask(model(name, "ok", another, timeout="1 h", max_calls=2))
    assert len(provider.requests) == 2
    calls[0].cancel()
    await until(lambda: len(provider.requests) == 3, what="the third call")
    for call in calls:
        call.cancel()
    await asyncio.gather(*calls, return_exceptions=True)


async def test_openai_takes_the_address_of_the_environment(
    provider: FakeProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", provider.base_url)
    options = {"temperature": 1, "max_tokens": 9, "timeout": "5 min"}
    await ask(AProfile(backend="openai", model="ok", options=options))
    assert len(provider.requests) == 1


async def test_openai_sends_the_limit_under_the_name_wanted(provider: FakeProvider) -> None:
    await ask(model("openai", "ok", provider, limit_field="max_completion_tokens"))
    assert provider.requests[0]["max_completion_tokens"] == 200
    assert "max_tokens" not in provider.requests[0]


async def test_litellm_knows_prices(provider: FakeProvider) -> None:
    reply = await ask(model("litellm", "gpt-4o-mini", provider))
    assert reply.cost_usd == pytest.approx((21 * 0.15 + 7 * 0.60) / 1e6)


async def test_litellm_refuses_a_provider_it_does_not_know() -> None:
    options = {"temperature": 1, "max_tokens": 9, "timeout": "5 min"}
    error = await fail(AProfile(backend="litellm", model="nonsense", options=options))
    assert (error.kind, error.retryable) == ("bad_request", False)


@both
def test_loops_come_and_go_without_a_trace(name: str) -> None:
    """Two event loops in turn, warnings as errors, nothing open, nothing called but our server."""
    code = f"""
import asyncio, gc, sys
from arena import backends
from tests.arena.backends.conversations import model, talk
from tests.kit.fake_provider import FakeProvider

def only_here(event, args):
    if event == "socket.connect" and args[1][0] != "127.0.0.1":
        print("connected to", args[1])
sys.addaudithook(only_here)

async def play(provider):
    machine = model({name!r}, "ok", provider)
    for _ in range(3):
        await backends.get_backend({name!r}).reply(talk("hi"), profile=machine, seed=1)
    await backends.close()

with FakeProvider() as provider:
    for _ in range(2):
        asyncio.run(play(provider))
        gc.collect()
    print(len(provider.requests))
"""
    done = subprocess.run(
        [sys.executable, "-X", "dev", "-W", "error", "-c", code],
        cwd=ROOT, check=True, capture_output=True, text=True,
    )  # fmt: skip
    noise = [line for line in done.stderr.splitlines() if "took" not in line]
    assert (done.stdout, noise) == ("6\n", [])


@both
async def test_importing_the_library_does_not_stop_the_loop(name: str) -> None:
    """The import waits for the loop to turn: in the loop's own thread it would wait in vain."""
    code = f"""
import asyncio, sys, threading
from arena import backends
from tests.arena.backends.conversations import model, talk
from tests.kit.fake_provider import FakeProvider

importing, turned = threading.Event(), threading.Event()

class Waiting:
    def find_spec(self, module, path, target=None):
        if module == {name!r}:
            importing.set()
            print("turned" if turned.wait(60) else "stopped")
sys.meta_path.insert(0, Waiting())

async def main(provider):
    machine = model({name!r}, "ok", provider)
    call = asyncio.create_task(
        backends.get_backend({name!r}).reply(talk("hi"), profile=machine, seed=1))
    while not call.done():
        await asyncio.sleep(0.01)
        if importing.is_set():
            turned.set()
    await call
    await backends.close()

with FakeProvider() as provider:
    asyncio.run(main(provider))
"""
    done = await asyncio.create_subprocess_exec(
        sys.executable, "-c", code, cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    out, _ = await done.communicate()
    assert (done.returncode, out) == (0, b"turned\n")
