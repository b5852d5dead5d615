"""Rooms whose provider is down, played to the verdict, exported and analysed."""

import dataclasses
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

import analysis
from analysis.report.render import render
from arena import database
from tests.arena.export.reading_back import exported
from tests.kit.factories import make_rooms
from tests.kit.fake_provider import FakeProvider
from tests.kit.people import go_live, openai
from tests.kit.quick_time import quick_time


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeProvider]:
    with FakeProvider() as fake:
        monkeypatch.setenv("OPENAI_BASE_URL", fake.base_url)
        monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
        yield fake


def under(study: analysis.Study, rule: str) -> Mapping[str, object]:
    rooms = analysis.detections(study, machine_failure=rule)
    return {"n": len(rooms), "causes": set(rooms["cause"]), "ends": set(rooms["end_reason"])}


@pytest.mark.parametrize("wait_s", [16, 45])
async def test_a_provider_that_is_down_is_no_detection(
    wait_s: float, provider: FakeProvider, tmp_path: Path
) -> None:
    design = {"duration": "5 min", "machine_down": "{after: 90 s, then: end}"}
    machines = openai("ok", pacing="calibrated")
    rooms = await database.run(lambda: make_rooms(4, machines=machines, **design))
    provider.is_down = lambda: True
    async with quick_time() as time:
        for made in rooms:
            live = await go_live(made)
            await live.ask("Hello?", pane=made.human_pane)
            await live.answer("Hello.")
            await live.ask("And you?")
            await time.pass_time(wait_s)
            await live.decide()
    folder = await database.run(exported, rooms[0].study, tmp_path)

    study = analysis.load(folder)
    assert under(study, "count") == {"n": 4, "causes": {1}, "ends": {"verdict"}}
    assert under(study, "exclude")["n"] == 0
    assert under(study, "censor_at_first") == {"n": 4, "causes": {0}, "ends": {"unanswered"}}
    stated = dataclasses.replace(study, config={**study.config, "machine_failure": "exclude"})
    head = r"4 rooms: the machine left 4 questions unanswered \(([^)]*)\)"
    told = re.search(head, render(stated))
    # A provider that failed one room is left alone for a while by the next.
    assert told and set(told[1].split(", ")) <= {"unavailable", "provider_rests"}
