"""A question that waits is known, also where its provider is left alone and no call is made."""

import datetime as dt

import pytest

from arena import clock, database, health
from arena.event_kinds import NOT_ASKED
from arena.health import Counter, MachineState, alarms
from arena.models import MachineHealth
from tests.kit.calls import count, failed, forget_others, log, question_that_waits
from tests.kit.factories import make_room
from tests.kit.fake_provider import FakeProvider
from tests.kit.pages import machine, make_ready
from tests.kit.people import Live, go_live, loops, openai, wait_for


async def health_of(room: Live, *, after: dt.timedelta) -> MachineHealth:
    await database.run(Counter().count_all)
    await database.run(alarms.update, clock.now() + after)
    profile = await database.run(lambda: machine(room.made).profile)
    return await database.run(lambda: MachineHealth.objects.get(profile=profile))


async def failing(room: Live) -> bool:
    return any("failing_since" in timer.payload for timer in await room.timers())


async def test_a_study_whose_provider_failed_another_is_told_within_a_minute(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with FakeProvider() as provider:
        monkeypatch.setenv("OPENAI_BASE_URL", provider.base_url)
        monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
        # It asks to be left alone for minutes.
        first, second = [
            await go_live(await database.run(make_room, machines=openai("err429"))) for _ in "ab"
        ]
        async with loops():
            await first.ask("Hello?")
            await wait_for(lambda: failing(first))
            await second.ask("And you?")
            await wait_for(lambda: failing(second))
        [not_made] = await second.log("machine_call")
        assert not_made.data["outcome"] == NOT_ASKED
        soon = dt.timedelta(seconds=30)
        found = [await health_of(room, after=soon) for room in (first, second)]
    assert all(health.failing_since is not None for health in found)
    await database.run(forget_others)


def test_a_machine_that_was_never_called_fails_with_its_provider() -> None:
    forget_others()
    called, never = make_room(), make_room()
    for made in (called, never):
        make_ready(made)
    question_that_waits(never)
    count()
    alarms.update(clock.now() + dt.timedelta(seconds=30))
    log(called, failed())
    count()
    assert alarms.update(clock.now() + dt.timedelta(seconds=10)) == []
    [told] = alarms.update(clock.now() + dt.timedelta(seconds=30))
    assert told.study == never.study.slug and alarms.RESTS in told.message
    made_up = MachineHealth.objects.get(profile=machine(never).profile)
    assert health.state_of(made_up, clock.now()) == MachineState.FAILING
    forget_others()


def test_only_questions_of_live_rooms_wait() -> None:
    made = make_room()
    log(made, failed())
    count()
    question_that_waits(made)  # though the room is in its lobby
    profile = machine(made).profile_id
    assert profile not in health.waiting_since(clock.now())
    make_ready(made)
    assert profile in health.waiting_since(clock.now())
    assert profile not in health.waiting_since(clock.now() + dt.timedelta(days=9))
