"""Providers that fail for a while: the question is answered, once, or the study's rule applies."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from arena import clock, database
from arena.models import Room
from tests.kit.factories import make_room
from tests.kit.fake_provider import FakeProvider
from tests.kit.people import Live, go_live, openai
from tests.kit.quick_time import is_over, quick_time


@dataclass(frozen=True, slots=True, kw_only=True)
class Length:
    """How long rooms of a study last, when their machine is down, and what happens then."""

    duration: str
    after: str
    after_s: int
    then: str

    @property
    def design(self) -> dict[str, str]:
        return {
            "duration": self.duration,
            "machine_down": f"{{after: {self.after}, then: {self.then}}}",
        }


SHORT = Length(duration="5 min", after="90 s", after_s=90, then="end")
HOUR = Length(duration="60 min", after="10 min", after_s=600, then="pause")
DAYS = Length(duration="30 days", after="1 day", after_s=86_400, then="pause")
LENGTHS = [pytest.param(each, id=each.duration) for each in (SHORT, HOUR, DAYS)]
#: A due moment of a wait that was drawn, and the time that a test itself takes.
SLACK_S = 130.0


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeProvider]:
    with FakeProvider() as fake:
        monkeypatch.setenv("OPENAI_BASE_URL", fake.base_url)
        monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
        yield fake


async def _live(**options: object) -> Live:
    return await go_live(await database.run(make_room, **options))


def _down_for(provider: FakeProvider, seconds: float) -> dt.datetime:
    """Let a provider fail from now on for so long; return when it is back."""
    back_at = clock.now() + dt.timedelta(seconds=seconds)
    provider.is_down = lambda: clock.now() < back_at
    return back_at


async def _room(live: Live) -> Room:
    return await database.run(Room.objects.get, id=live.made.room.id)


async def _is_decided(live: Live) -> bool:
    return bool(await live.said()) or await is_over(live.made.room)


async def _outcomes(live: Live) -> list[object]:
    return [call.data["outcome"] for call in await live.log("machine_call")]


@pytest.mark.parametrize("length", LENGTHS)
@pytest.mark.parametrize("retry_after_s", [None, 5, 90, 600])
@pytest.mark.parametrize("outage_s", [10, 60, 600])
async def test_question_is_answered_once_or_the_rule_applies(
    outage_s: int, retry_after_s: int | None, length: Length, provider: FakeProvider
) -> None:
    async with quick_time() as time:
        live = await _live(machines=openai("ok", pacing="calibrated"), **length.design)
        provider.retry_after = "" if retry_after_s is None else str(retry_after_s)
        asked_at, back_at = clock.now(), _down_for(provider, outage_s)
        await live.ask("hello?")
        await time.until(lambda: _is_decided(live))
        decided_at = clock.now()
        await time.pass_time(60)
    # The provider is back once it answers and once the time is over for which it asked.
    back_s = max(outage_s, -(-outage_s // retry_after_s) * retry_after_s if retry_after_s else 0)
    said, outcomes = await live.said(), await _outcomes(live)
    withheld, over = await live.log("withheld"), await live.log("ended", "paused")
    assert "ok" not in outcomes[:-1]
    assert len(outcomes) <= 5 + outage_s / 2
    took_s = (decided_at - asked_at).total_seconds()
    if said:
        assert " ".join(said) == "Fine, thanks. You?" and outcomes[-1] == "ok"
        assert withheld == [] and over == []
        assert decided_at >= back_at and took_s < 2 * back_s + SLACK_S
    else:
        assert back_s >= length.after_s / 4
        assert "ok" not in outcomes
        assert [event.kind for event in over] == ["ended" if length.then == "end" else "paused"]
        assert length.after_s <= took_s < length.after_s + 10
        [question] = await live.log("message")
        assert [(e.data["why"], e.data["upto"]) for e in withheld] == [
            ("unavailable", question.seq)
        ]
