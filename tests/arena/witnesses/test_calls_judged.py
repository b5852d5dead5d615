"""A profile's judge in a live room: what it objects to is not shown, and its calls are logged."""

import json
import random
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from arena import backends, database
from arena.queries.personas import profile_of
from arena.witnesses.calls import usual_call_s
from tests.kit.factories import make_room
from tests.kit.fake_provider import MODES, Answer, FakeProvider, completion
from tests.kit.pages import machine
from tests.kit.people import Live, go_live, openai
from tests.kit.quick_time import quick_time

#: What the rules alone let pass.
PARAPHRASE = "no lungs in here"
JUDGED = (
    "    judge: {{backend: openai, model: {model}, "
    "options: {{temperature: 0.0, max_tokens: 5, timeout: 5 s, max_retries: 0}}}}\n"
)


def _witness(request: dict[str, Any]) -> Answer:
    """Tell what it is until it is advised not to."""
    told = json.dumps(request["messages"])
    advised = told.count(PARAPHRASE) > 0
    return Answer(body=completion("not your business" if advised else PARAPHRASE, request))


def _judges(request: dict[str, Any]) -> Answer:
    material = request["messages"][-1]["content"]
    return Answer(body=completion("Yes." if PARAPHRASE in material else "no", request))


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeProvider]:
    monkeypatch.setitem(MODES, "witness", _witness)
    monkeypatch.setitem(MODES, "judging", _judges)
    with FakeProvider() as fake:
        monkeypatch.setenv("OPENAI_BASE_URL", fake.base_url)
        monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
        yield fake


async def _answered(judge: str) -> Live:
    machines = openai("witness") + JUDGED.format(model=judge)
    live = await go_live(await database.run(make_room, machines=machines))
    async with quick_time() as time:
        await live.ask("what are you?")
        await time.until(live.said)
    await backends.close()
    return live


async def test_what_the_judge_objects_to_is_asked_for_again(provider: FakeProvider) -> None:
    live = await _answered("judging")
    assert await live.said() == ["not your business"]
    calls = [(e.data["purpose"], e.data["outcome"]) for e in await live.log("machine_call")]
    assert calls == [("reply", "objected"), ("judge", "ok"), ("reply", "ok"), ("judge", "ok")]
    [first, *_] = await live.log("machine_call")
    assert first.data["error"] == "assistant: a judge's word"
    assert {e.data["profile"] for e in await live.log("machine_call")} == {"model-witness"}
    assert [request["model"] for request in provider.requests] == ["witness", "judging"] * 2


async def test_where_the_judge_fails_the_reply_is_shown(provider: FakeProvider) -> None:
    live = await _answered("err500")
    assert await live.said() == [PARAPHRASE]
    [reply, judged] = await live.log("machine_call")
    assert (reply.data["outcome"], judged.data["purpose"]) == ("ok", "judge")
    assert judged.data["outcome"] != "ok" and judged.data["error"]


async def test_what_stands_for_a_call_takes_as_long_as_call_and_judge(
    provider: FakeProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Over a question to a person; a judge's time would show else."""
    monkeypatch.setitem(MODES, "slow-judge", lambda r: replace(_judges(r), after_s=0.4))
    live = await _answered("slow-judge")
    profile = await database.run(lambda: profile_of(machine(live.made)))
    assert profile is not None
    assert usual_call_s(profile, rng=random.Random(1)) >= 0.4
