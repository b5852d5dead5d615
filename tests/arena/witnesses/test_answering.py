"""Machine witnesses: what they are shown, what becomes of failures, what they may spend."""

import asyncio
import datetime as dt
import json
from collections.abc import Iterator

import pytest

from arena import backends, clock, database
from arena.models import Timer
from arena.timers import loop
from arena.witnesses import calls
from tests.kit.factories import make_room
from tests.kit.fake_provider import LENGTHY, FakeProvider
from tests.kit.people import Live, go_live, loops, openai, scripted, wait_for


@pytest.fixture(autouse=True)
def brisk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Loops that look again soon, and machines that try again at once.

    A lease is long, so that work is not done twice because the machine stood still.
    """
    monkeypatch.setattr(loop, "POLL_S", 0.05)
    monkeypatch.setattr(loop, "LEASE", dt.timedelta(minutes=1))
    monkeypatch.setattr(calls, "RETRY", dt.timedelta(seconds=0.01))


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeProvider]:
    with FakeProvider() as fake:
        monkeypatch.setenv("OPENAI_BASE_URL", fake.base_url)
        monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
        yield fake


async def _live(**options: object) -> Live:
    return await go_live(await database.run(make_room, **options))


#: Every way to fail that the provider knows, and the outcomes that the log keeps of it.
FAILURES = {
    "err400": ["bad_request"],
    "err401": ["no_key"],
    "err404": ["unknown_model"],
    "err429": ["rate_limit"] * 3,
    "err500": ["unavailable"] * 3,
    "empty": ["empty"] * 3,
    "blank": ["empty"] * 3,
    "refusal": ["refused"] * 3,
    "malformed": ["malformed"] * 3,
    "html": ["malformed"] * 3,
    "disconnect": ["unavailable"] * 3,
    "hang-up": ["unavailable"] * 3,
    "huge": ["malformed"] * 3,
    "stall": ["timeout"] * 3,
}


async def test_every_failure_is_events_and_silence(provider: FakeProvider) -> None:
    rooms = {
        mode: await _live(machines=openai(mode, timeout="300 ms" if mode == "stall" else "5 min"))
        for mode in FAILURES
    }
    async with loops():
        await asyncio.gather(*(live.ask("hello?") for live in rooms.values()))
        await asyncio.gather(*(live.settled() for live in rooms.values()))
    await backends.close()

    said = {mode: await live.said() for mode, live in rooms.items()}
    assert said == {mode: [] for mode in FAILURES}
    outcomes = {}
    for mode, live in rooms.items():
        calls, withheld = await live.log("machine_call"), await live.log("withheld")
        outcomes[mode] = [call.data["outcome"] for call in calls]
        assert len(withheld) == 1, mode
        assert "sk-secret" not in str([event.body for event in (*calls, *withheld)]), mode
    assert outcomes == FAILURES


async def test_failing_room_goes_on_and_answers_the_next_message(provider: FakeProvider) -> None:
    live = await _live(machines=openai("err500"))
    async with loops():
        await live.ask("hello?")
        await live.settled()
        provider.requests.clear()
        await live.ask("are you there?")
        await live.settled()
        await live.answer("I am, over here")
    await backends.close()
    assert len(provider.requests) == 3
    assert len(await live.log("withheld")) == 2
    assert [e.seat for e in await live.log("message")].count(live.made.human_pane) == 1


async def test_model_sees_its_pane_only_and_nothing_of_the_rest(provider: FakeProvider) -> None:
    live = await _live(machines=openai("ok"))
    async with loops():
        await live.ask("for the human, secret-word", pane=live.made.human_pane)
        await live.answer("from the human, secret-word")
        await live.ask("for the machine")
        await live.settled()
    await backends.close()
    [request] = provider.requests
    assert "secret-word" not in json.dumps(request)
    heard = request["messages"][-1]
    assert heard["role"] == "user" and heard["content"].endswith("for the machine")
    assert len(await live.said()) == 1


async def test_call_is_logged_with_what_was_asked_and_spent(provider: FakeProvider) -> None:
    live = await _live(machines=openai("ok"))
    async with loops():
        await live.ask("hello?")
        await live.settled()
    await backends.close()
    [call] = await live.log("machine_call")
    body = dict(call.data)
    assert len(str(body.pop("prompt_sha256"))) == 64
    assert isinstance(body.pop("latency_ms"), int)
    assert dt.datetime.fromisoformat(str(body.pop("due_at"))) >= live.made.room.created_at
    assert body == {
        "profile": "model-ok",
        "purpose": "reply",
        "shown": body["shown"],
        "backend": "openai",
        "model": body["model"],
        "parameters": body["parameters"],
        "n_turns": 1,
        "tokens_in": 21,
        "tokens_out": 7,
        "cost_usd": None,
        "request_id": body["request_id"],
        "outcome": "ok",
        "error": "",
    }
    assert body["parameters"]["temperature"] == 1.0  # type: ignore[index]
    assert call.seat == live.made.machine_pane


async def test_budget_of_calls_stops_the_machine_and_nothing_else() -> None:
    live = await _live(machines=scripted("one", "two", "three", calls=2))
    async with loops():
        for _ in range(4):
            await live.ask("go on")
            await live.settled()
    assert await live.said() == ["one", "two"]
    assert len(await live.log("machine_call")) == 2
    why = [event.data["why"] for event in await live.log("withheld")]
    assert why == ["budget of calls is used up"] * 2


async def test_budget_of_tokens_stops_the_machine(provider: FakeProvider) -> None:
    machines = openai("ok").replace("tokens: 1000000", "tokens: 50")
    live = await _live(machines=machines)
    async with loops():
        for _ in range(3):
            await live.ask("go on")
            await live.settled()
    await backends.close()
    assert len(provider.requests) == 2  # 28 tokens each: the second one goes beyond 50
    assert [e.data["why"] for e in await live.log("withheld")] == ["budget of tokens is used up"]


async def test_script_that_is_over_is_silent() -> None:
    live = await _live(machines=scripted("bye", at_end="silence"))
    async with loops():
        for _ in range(2):
            await live.ask("hello?")
            await live.settled()
    assert await live.said() == ["bye"]
    assert [e.data["outcome"] for e in await live.log("machine_call")] == ["ok", "empty"]


async def test_reply_is_shown_normalised_like_anybody_s() -> None:
    live = await _live(machines=scripted("“Well” – I’m **sure**…"))
    async with loops():
        await live.ask("sure?")
        await live.settled()
    [said] = await live.said()
    assert not set(said) & set("“”’–*")


async def test_message_to_a_human_wakes_nobody_s_model(provider: FakeProvider) -> None:
    live = await _live(machines=openai("ok"))
    async with loops():
        await live.ask("hello?", pane=live.made.human_pane)
        await live.settled()
    assert provider.requests == []
    assert [timer.outcome for timer in await live.timers()] == ["human"]
    assert await live.log("machine_call", "withheld") == []


async def test_reply_survives_a_restart_and_is_not_asked_for_again(provider: FakeProvider) -> None:
    """What was generated lies in its timer: another process releases it without another call."""
    live = await _live(machines=openai("lengthy", pacing="published"))
    async with loops():
        await live.ask("what did you do?")
        await wait_for(lambda: live.log("machine_call"))
    await backends.close()
    assert await live.said() == []

    def soon() -> None:
        Timer.objects.filter(room=live.made.room, kind="reply", done_at=None).update(
            wake_at=clock.now()
        )

    await database.run(soon)
    async with loops():
        await live.settled()
    await backends.close()
    [said] = await live.said()
    assert said == LENGTHY.strip()
    assert len(provider.requests) == 1
