"""Providers that fail for a while: the question is answered, once, or the study's rule applies."""

import datetime as dt
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from arena import backends, clock, database, services, witnesses
from tests.kit.factories import make_room, make_rooms
from tests.kit.fake_provider import FakeProvider
from tests.kit.people import Live, go_live, loops, openai, wait_for
from tests.kit.quick_time import STEP_S, is_over, quick_time


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
DAY = Length(duration="1 day", after="4 h", after_s=14_400, then="pause")
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
        await time.until(live.is_settled)  # the rest of a burst may take its time
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
        assert length.after_s <= took_s < length.after_s + 10 + STEP_S
        [question] = await live.log("message")
        assert [(e.data["why"], e.data["upto"]) for e in withheld] == [
            ("unavailable", question.seq)
        ]


async def test_question_too_old_is_withheld_once_and_answered_with_the_next(
    provider: FakeProvider,
) -> None:
    async with quick_time() as time:
        live = await _live(machines=openai("echo"), **HOUR.design)
        _down_for(provider, 8 * 60)
        await live.ask("what is your name?")
        await time.until(lambda: live.log("withheld"))
        [withheld] = await live.log("withheld")
        await time.pass_time(150)  # The provider is back, and nobody asks it of its own accord.
        assert await live.said() == [] and "ok" not in await _outcomes(live)
        await live.ask("hello?")
        await time.until(live.said)
        await time.pass_time(600)
    assert await live.log("withheld") == [withheld]
    first = (await live.log("message"))[0]
    assert 6 * 60 <= (withheld.at - first.at).total_seconds() < 7 * 60
    assert withheld.data["upto"] == first.seq
    told = [turn["content"] for turn in provider.requests[-1]["messages"]]
    assert "what is your name?" in str(told) and "hello?" in told[-1]
    assert len(await live.said()) == 1
    assert await live.log("paused", "ended") == []


async def test_questions_that_keep_coming_do_not_put_the_rule_off(provider: FakeProvider) -> None:
    async with quick_time() as time:
        live = await _live(machines=openai("ok"), **SHORT.design)
        provider.is_down = lambda: True
        asked_at = clock.now()
        await live.ask("hello?")
        for n in range(20):
            await time.pass_time(7)
            if await is_over(live.made.room):
                break
            await live.ask(f"anybody there? {n}")
    [ended], [*withheld] = await live.log("ended"), await live.log("withheld")
    assert 90 <= (ended.at - asked_at).total_seconds() < 95 + STEP_S
    questions = [event.seq for event in await live.log("message")]
    upto = [event.data["upto"] for event in withheld]
    assert upto == [questions[-1]]
    assert {timer.outcome for timer in await live.timers()} == {"superseded", "withheld"}


async def test_questions_of_an_outage_are_answered_together(provider: FakeProvider) -> None:
    async with quick_time() as time:
        live = await _live(machines=openai("ok", pacing="calibrated"), **SHORT.design)
        _down_for(provider, 40)
        for text in ("hello?", "are you there?", "hm"):
            await live.ask(text)
            await time.pass_time(11)
        await time.until(live.said)
        await time.pass_time(60)
    assert " ".join(await live.said()) == "Fine, thanks. You?"
    assert (await _outcomes(live)).count("ok") == 1
    assert await live.log("withheld", "ended") == []


async def test_late_answer_takes_the_time_to_type_it(provider: FakeProvider) -> None:
    """The drawn wait is long over: words that have just come cannot have been typed meanwhile."""
    async with quick_time() as time:
        live = await _live(machines=openai("lengthy", pacing="published"), **HOUR.design)
        _down_for(provider, 200)
        await live.ask("hello?")
        await time.until(live.said)
    *_, call = await live.log("machine_call")
    due_at = dt.datetime.fromisoformat(str(call.data["due_at"]))
    assert 0.15 * 200 < (due_at - call.at).total_seconds() < 0.5 * 240


async def test_rooms_come_back_one_after_another(provider: FakeProvider) -> None:
    async with quick_time() as time:
        made = await database.run(
            make_rooms, 30, machines=openai("ok", pacing="calibrated"), **SHORT.design
        )
        rooms = [await go_live(each) for each in made]
        _down_for(provider, 45)
        for live in rooms:
            await live.ask("hello?")
        await time.pass_time(45)
        n_in_vain = len(provider.requests)
        for live in rooms:
            await time.until(live.said)
    # Thirty rooms together asked hardly more often than one may.
    assert n_in_vain < 45
    assert len(provider.requests) == n_in_vain + 30
    said = [[e for e in await live.log("message") if e.seat != "interrogator"] for live in rooms]
    in_a_second = Counter(int(messages[0].at.timestamp()) for messages in said)
    assert max(in_a_second.values()) <= 15
    assert len(in_a_second) >= 4
    assert [await live.log("withheld", "ended") for live in rooms] == [[]] * 30


async def test_long_outage_is_few_events(provider: FakeProvider) -> None:
    async with quick_time() as time:
        live = await _live(machines=openai("ok"), **DAYS.design)
        _down_for(provider, 3 * 3600)
        await live.ask("hello?")
        await time.until(live.said)
    outcomes = await _outcomes(live)
    assert len(outcomes) < 90
    assert await live.log("withheld", "paused", "gave_up") == []


async def test_settings_that_are_wrong_are_tried_slowly_until_the_rule(
    provider: FakeProvider,
) -> None:
    async with quick_time() as time:
        live = await _live(machines=openai("err401"), **DAY.design)
        await live.ask("hello?")
        await time.until(lambda: is_over(live.made.room))
    assert len(await live.log("machine_call")) < 2.4 * 3600 / 150 + 10
    [paused], [withheld] = await live.log("paused"), await live.log("withheld")
    assert paused.at - withheld.at > dt.timedelta(hours=1)
    assert paused.data == {"why": "machine_down: no_key"}


async def test_room_that_only_waited_for_others_comes_under_the_rule_too(
    provider: FakeProvider,
) -> None:
    """It never called: the provider had asked not to be asked before its first question."""
    async with quick_time() as time:
        provider.retry_after = "600"
        other = await _live(machines=openai("err503"), **SHORT.design)
        await other.ask("hello?")
        await time.until(lambda: other.log("machine_call"))
        live = await _live(machines=openai("ok"), **SHORT.design)
        await live.ask("hello?")
        await time.until(lambda: live.log("machine_call"))
        before_the_rule = await live.log("withheld", "ended")
        await time.until(lambda: is_over(live.made.room))
    # So a room that ends before that shows it, too.
    assert (await _outcomes(live), before_the_rule) == (["provider_rests"], [])
    assert [e.data["why"] for e in await live.log("withheld")] == ["unavailable"]
    assert [e.data["reason"] for e in await live.log("ended")] == ["technical"]


async def test_stalled_call_does_not_put_the_rule_off(provider: FakeProvider) -> None:
    live = await _live(
        machines=openai("stall", timeout="1 h"), machine_down="{after: 10 s, then: end}"
    )
    async with loops():
        asked = await live.ask("hello?")
        await wait_for(lambda: is_over(live.made.room))
    await backends.close()
    [ended] = await live.log("ended")
    [question] = [e for e in await live.log("message") if e.public_id == asked.event]
    assert ended.at - question.at >= dt.timedelta(seconds=10)
    [call] = await live.log("machine_call")
    assert call.data["outcome"] == "timeout"
    assert len(provider.requests) == 1


async def test_resumed_room_asks_again_and_has_all_its_time(provider: FakeProvider) -> None:
    async with quick_time() as time:
        live = await _live(machines=openai("ok"), **HOUR.design)
        provider.is_down = lambda: True
        await live.ask("hello?")
        await time.until(lambda: is_over(live.made.room))
        await database.run(services.resume, live.made.room, host="ada", reason="try again")
        await time.until(lambda: is_over(live.made.room))
        provider.is_down = lambda: False
        await database.run(services.resume, live.made.room, host="ada", reason="it is back")
        await time.until(live.said)
    second, resumed = (await live.log("paused"))[1], (await live.log("resumed"))[0]
    assert (second.at - resumed.at) >= dt.timedelta(minutes=10)
    assert len(await live.log("withheld")) == 2
    assert await live.said() == ["Fine, thanks. You?"]


async def test_round_is_answered_in_its_time_or_not_at_all(provider: FakeProvider) -> None:
    async with quick_time() as time:
        live = await _live(
            machines=openai("ok", pacing="rounds"),
            **{**HOUR.design, "rounds": "60 s"},
        )
        _down_for(provider, 90)
        await live.ask("hello?")
        await time.pass_time(100)
        assert await live.said() == []
        [withheld] = await live.log("withheld")
        await live.ask("hello again?")
        await time.until(live.said)
    assert len(await live.log("held")) == 1
    assert await live.log("withheld") == [withheld]


async def test_witness_that_cannot_write_first_does_not_and_nothing_follows(
    provider: FakeProvider,
) -> None:
    always = (
        '{time_zone: Europe/London, sleep: "03:00-03:00", work: none, work_days: [], holidays: [], '
        "away_days: 0, writes_first_per_day: 20}"
    )
    machines = openai("ok", pacing="calibrated").replace("life: none", f"life: {always}")
    async with quick_time() as time:
        live = await _live(machines=machines, **DAYS.design)
        provider.is_down = lambda: True
        await time.until(lambda: _has_tried(live))
        provider.is_down = lambda: False
        await time.until(live.said)
    assert await live.log("withheld", "paused", "gave_up") == []


async def _has_tried(live: Live) -> bool:
    return len([t for t in await live.timers("initiative") if t.outcome == "not_now"]) >= 2


async def test_restart_tries_at_once_what_may_be_mended(
    provider: FakeProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with quick_time() as time:
        monkeypatch.delenv("OPENAI_API_KEY")
        live = await _live(machines=openai("ok"), **HOUR.design)
        await live.ask("hello?")
        await time.pass_time(120)
        assert set(await _outcomes(live)) == {"no_key"}
        monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
        assert await database.run(witnesses.try_again) == 1
        [timer] = await live.timers()
        assert (timer.wake_at - clock.now()).total_seconds() < 5
        await time.until(live.said)
