"""Wherever a process dies while it works on a reply: the reply is said once, by another process."""

import asyncio
import datetime as dt
import json
import os
import signal
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from arena import database
from tests.conftest import free_port
from tests.faults import mortality
from tests.faults.nursery import Nursery, nursery
from tests.faults.owing import Owing
from tests.kit import record
from tests.kit.fake_provider import FakeProvider, newest_words

#: For one process to start and die, on a machine that is busy with other things.
PATIENCE_S = 300
#: What a first call would import; it takes far longer than dying.
IMPORTS = ("openai.resources.chat", "httpcore", "h11", "anyio._backends._asyncio", "uvicorn")
#: Each process believes to be somewhere else; what is stored knows no zone.
ZONES = ("UTC", "Pacific/Kiritimati", "America/St_Johns", "Asia/Kathmandu", "Australia/Lord_Howe")
#: How often a model is asked in all: what it said is lost until its commit, and never after.
N_CALLS = {"before call": 1, "during call": 2, "after call": 2, "before commit of machine_call": 2}


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """A nursery and the model that its machines ask."""

    nursery: Nursery
    alias: str
    provider: FakeProvider

    def process(self, **environment: str) -> int:
        """Start a process that runs all timers of this database, so that it dies at any of them."""
        serve = ("serve", "--skip-checks", "--port", str(free_port()), "--machines", "here")
        return self.nursery.fork(*serve, **environment)

    async def prepare(self, n: int, *, down_after: str = "1 h", delay: str = "0 s") -> Owing:
        """Rooms that owe a reply, and end by rule once they owe it for so long."""
        options = f"down_after={down_after!r}, delay={delay!r}"
        code = f"from tests.faults import owing; owing.prepare({n}, {options})"
        status, printed = await database.run(self.nursery.run, "shell", "--verbosity=0", "-c", code)
        assert status == 0, printed
        codes = json.loads(printed.strip().splitlines()[-1])
        return Owing(codes, using=self.alias)

    async def dead(self, pid: int) -> bool:
        return not self.nursery.is_alive(pid)

    async def asked(self, n: int) -> bool:
        return self.n_calls[n] > 0

    @property
    def n_calls(self) -> Counter[int]:
        """How often the model was asked each question."""
        asked = map(newest_words, self.provider.requests)
        return Counter(int(content.split()[-1]) for content in asked)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with FakeProvider() as provider:
        environment = {"OPENAI_API_KEY": "sk-secret", "OPENAI_BASE_URL": provider.base_url}
        with nursery(tmp_path, imports=IMPORTS, **environment) as (made, alias):
            yield House(nursery=made, alias=alias, provider=provider)


@pytest.mark.parametrize("n_each", [2, pytest.param(10, marks=pytest.mark.long)])
async def test_process_that_dies_at_any_point_leaves_each_reply_said_once(
    house: House, n_each: int
) -> None:
    deaths = [point for point in mortality.POINTS for _ in range(n_each)]
    owing = await house.prepare(len(deaths))
    for n, (point, code) in enumerate(zip(deaths, owing.codes, strict=True)):
        await database.run(owing.wake, code)
        pid = house.process(DIE_AT=point, TZ=ZONES[n % len(ZONES)])
        if point == "during call":
            await _wait(lambda n=n: house.asked(n))
            os.kill(pid, signal.SIGKILL)
        await _wait(lambda pid=pid: house.dead(pid))
        await database.run(owing.put_to_sleep, code)
    await database.run(owing.wake_all)
    survivor = house.process(DIE_AT=mortality.NEVER)
    await _wait(lambda: _settled(owing))
    os.kill(survivor, signal.SIGTERM)
    await _wait(lambda: house.dead(survivor))
    for n, (point, code) in enumerate(zip(deaths, owing.codes, strict=True)):
        log = await database.run(record.check_log, code, using=house.alias)
        said = [event.data["text"] for event in log if event.kind == "message"]
        assert len(said) == 2, (point, said)
        assert [e.data["outcome"] for e in log if e.kind == "machine_call"] == ["ok"], point
        assert house.n_calls[n] == N_CALLS.get(point, 1), point


async def test_process_that_dies_between_writing_and_showing_leaves_it_shown_once(
    house: House,
) -> None:
    points = mortality.HELD_POINTS
    owing = await house.prepare(len(points), delay="1 s")
    for point, code in zip(points, owing.codes, strict=True):
        await database.run(owing.wake, code)
        pid = house.process(DIE_AT=point)
        await _wait(lambda pid=pid: house.dead(pid))
        await database.run(owing.put_to_sleep, code)
    await _survive(house, owing)
    for point, code in zip(points, owing.codes, strict=True):
        log = await database.run(record.check_log, code, using=house.alias)
        [held] = [event for event in log if event.kind == "held"]
        _, shown = [event for event in log if event.kind == "message"]
        assert shown.data["held"] == held.public_id, point
        written = dt.datetime.fromisoformat(str(held.data["written_at"]))
        assert shown.at - written >= dt.timedelta(seconds=1), point
        assert [e.data["outcome"] for e in log if e.kind == "machine_call"] == ["ok"], point


#: Where a process dies that stores what came of a call which failed.
AFTER_FAILURE = [point for point in mortality.POINTS if point.endswith("machine_call")]


async def test_process_that_dies_in_an_outage_leaves_each_question_to_be_answered_once(
    house: House,
) -> None:
    owing = await house.prepare(len(AFTER_FAILURE))
    house.provider.is_down = lambda: True
    await _die_each(house, owing)
    house.provider.is_down = lambda: False
    await _survive(house, owing)
    for point, code in zip(AFTER_FAILURE, owing.codes, strict=True):
        log = await database.run(record.check_log, code, using=house.alias)
        assert len([event for event in log if event.kind == "message"]) == 2, point
        outcomes = [e.data["outcome"] for e in log if e.kind == "machine_call"]
        assert outcomes == ["unavailable"] * (point != "before commit of machine_call") + ["ok"]
        assert not [event for event in log if event.kind in ("withheld", "ended")]


async def test_process_that_dies_as_the_rule_applies_leaves_it_applied_once(house: House) -> None:
    owing = await house.prepare(len(AFTER_FAILURE), down_after="10 s")
    house.provider.is_down = lambda: True
    await asyncio.sleep(10)  # the rule applies as soon as a call has failed once more
    await _die_each(house, owing)
    await _survive(house, owing)
    for point, code in zip(AFTER_FAILURE, owing.codes, strict=True):
        log = await database.run(record.check_log, code, using=house.alias)
        stored = [event.kind for event in log if event.kind not in ("machine_call", "sealed")]
        assert stored[-4:] == ["message", "withheld", "ended", "revealed"], point
        assert stored.count("ended") == stored.count("withheld") == 1
        [ended] = [event for event in log if event.kind == "ended"]
        assert ended.data["reason"] == "technical"
        assert [e.kind for e in log].count("machine_call") == 1, point


async def _die_each(house: House, owing: Owing) -> None:
    """Have a process die at each of the points, over one question each."""
    for point, code in zip(AFTER_FAILURE, owing.codes, strict=True):
        await database.run(owing.wake, code)
        pid = house.process(DIE_AT=point)
        await _wait(lambda pid=pid: house.dead(pid))
        await database.run(owing.put_to_sleep, code)


async def _survive(house: House, owing: Owing) -> None:
    """Have one more process do what is left."""
    await database.run(owing.wake_all)
    survivor = house.process(DIE_AT=mortality.NEVER)
    await _wait(lambda: _settled(owing))
    os.kill(survivor, signal.SIGTERM)
    await _wait(lambda: house.dead(survivor))


async def _settled(owing: Owing) -> bool:
    return await database.run(owing.n_open) == 0


async def _wait(condition: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not await condition():
            await asyncio.sleep(0.02)
