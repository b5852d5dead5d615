"""What a machine says of time: fifty questions, answered by a model that knows its prompt alone."""

import datetime as dt
import tomllib
from collections.abc import Iterator
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from arena import backends, clock, database
from arena.models import Timer
from arena.timers.payloads import PendingReply
from arena.witnesses import attend
from tests.kit.factories import make_room
from tests.kit.fake_provider import MODES, FakeProvider
from tests.kit.paths import DATA
from tests.kit.people import Live, go_live, openai
from tests.kit.timekeeper import timekeeper

ROOMS = tomllib.loads((DATA / "time" / "questions.toml").read_text(encoding="utf-8"))["rooms"]
LIFE = (
    '{{time_zone: {time_zone}, sleep: "{sleep}", work: {work}, work_days: {work_days}, '
    "holidays: {holidays}, away_days: 0, writes_first_per_day: 0}}"
)


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[dt.datetime]]:
    """The present, to be moved by the test."""
    moment = [clock.now()]
    monkeypatch.setattr(clock, "now", lambda: moment[0])
    yield moment


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeProvider]:
    monkeypatch.setitem(MODES, "timekeeper", timekeeper)
    with FakeProvider() as fake:
        monkeypatch.setenv("OPENAI_BASE_URL", fake.base_url)
        monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
        yield fake


def machines(of: dict[str, Any]) -> str:
    """One machine that plays a persona with the days of a room."""
    made = openai("timekeeper")
    if "time_zone" not in of:
        return made
    work = of["work"] if of["work"] == "none" else f'"{of["work"]}"'
    notes = "".join(f'\n      - {{date: {day}, text: "{text}"}}' for day, text in of["notes"])
    made = made.replace("life: none", f"life: {LIFE.format(**(of | {'work': work}))}")
    return f"{made.rstrip()}\n    notes:{notes}\n" if notes else made


async def exchange(live: Live, text: str) -> str:
    """Ask something that the persona sees at once, and return what it says."""
    await live.ask(text, pane=live.made.machine_pane)
    [timer] = [t for t in await live.timers() if t.done_at is None]

    def see() -> None:
        seen = PendingReply(noticed_at=clock.now()).to_json()
        Timer.objects.filter(id=timer.id).update(payload=seen)

    await database.run(see)
    for _ in range(2):  # it writes, and then sends what it has written
        await database.run(timer.refresh_from_db)
        await attend(timer)
    await database.run(timer.refresh_from_db)
    assert timer.outcome == "said", (text, timer.outcome, timer.payload)
    return (await live.said())[-1]


def test_there_are_fifty_questions() -> None:
    assert sum("answer" in each for room in ROOMS for each in room["talk"]) == 50


@pytest.mark.parametrize("room", ROOMS, ids=lambda room: room["name"])
async def test_no_answer_about_time_is_wrong(
    room: dict[str, Any], told: list[dt.datetime], provider: FakeProvider
) -> None:
    zone = ZoneInfo(room.get("time_zone", "UTC"))

    def at(local: str) -> dt.datetime:
        return dt.datetime.fromisoformat(local).replace(tzinfo=zone).astimezone(dt.UTC)

    told[0] = at(room["started"])
    design = {"duration": room["duration"], "machines": machines(room), "attendance": "none"}
    live = await go_live(await database.run(lambda: make_room(**design)))
    wrong = {}
    for each in room["talk"]:
        told[0] = at(each["at"])
        said = await exchange(live, each["ask"])
        if said != each.get("answer", "ok"):
            wrong[each["at"], each["ask"]] = said
    await backends.close()
    assert wrong == {}
