"""A machine of a short room writes first, writes again, and leaves a question, as people do."""

import datetime as dt
from dataclasses import replace

import pytest

from arena import clock, database, witnesses
from arena.event_kinds import AS_PEOPLE
from arena.models import Timer
from arena.pacing import initiative as draws
from arena.pacing.figures import MEETUP_INITIATIVE
from arena.rules import TimerKind
from arena.witnesses import initiative
from tests.kit.factories import make_rooms
from tests.kit.people import Live, go_live, loops, scripted, wait_for


def _certainly(monkeypatch: pytest.MonkeyPatch, **figures: float) -> None:
    """People who do just as the figures say."""
    plain = {"opens_spread": 0.0, "reopens_spread": 0.0, "reopens_habit_spread": 0.0}
    figures = {**plain, "aside_share": 0.0, "aside_spread": 0.0, **figures}
    monkeypatch.setattr(draws, "MEETUP_INITIATIVE", replace(MEETUP_INITIATIVE, **figures))


async def _live(*lines: str, stated: str = "people") -> Live:
    machine = scripted(*lines, pacing="calibrated")
    machine = machine.replace("initiative: none", f"initiative: {stated}")
    [made] = await database.run(make_rooms, 1, machines=machine, duration="5 min")
    return await go_live(made)


async def _own(live: Live) -> list[Timer]:
    """The open initiatives of the machine."""
    return [each for each in await live.timers(TimerKind.INITIATIVE) if each.done_at is None]


async def _say_all(live: Live) -> None:
    """Carry out what is due next until the machine has said what it was about to."""

    def bring_forward() -> None:
        rows = Timer.objects.filter(room=live.made.room, done_at=None, kind__in=_SPOKEN)
        now = clock.now()
        rows.filter(wake_at__gt=now).update(wake_at=now, due_at=now)

    n = len(await live.said())
    async with loops():
        await database.run(bring_forward)

        async def has_spoken() -> bool:
            await database.run(bring_forward)
            return len(await live.said()) > n

        await wait_for(has_spoken)


_SPOKEN = (TimerKind.REPLY, TimerKind.INITIATIVE)


async def test_nobody_writes_unasked_where_the_study_says_so() -> None:
    live = await _live("hi", stated="none")
    assert await live.timers(TimerKind.INITIATIVE) == []
    await live.answer("hello?")
    assert await live.timers(TimerKind.INITIATIVE) == []


async def test_both_panes_have_a_row_for_who_may_open() -> None:
    live = await _live("hi")
    rows = await live.timers(TimerKind.INITIATIVE)
    outcomes = [row.outcome for row in rows]
    assert outcomes.count("human") == 1
    assert all(row.key.endswith(":opens-0") for row in rows)


async def test_machine_writes_first_unless_it_was_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    _certainly(monkeypatch)
    quiet, asked = await _live("hi there"), await _live("hi there")
    [timer] = await _own(quiet)
    began = await database.run(lambda: timer.room.started_at)
    after_s = (timer.due_at - began).total_seconds()
    assert after_s == pytest.approx(MEETUP_INITIATIVE.opens_s - 3, abs=0.01)
    await _say_all(quiet)
    assert await quiet.said() == ["hi there"]
    await asked.ask("anybody?")
    [timer] = await _own(asked)
    await initiative.write_first(timer)
    await database.run(timer.refresh_from_db)
    assert timer.outcome == "not_now"


async def test_machine_writes_again_twice_after_its_own_silence(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _certainly(monkeypatch)
    now, real = [dt.timedelta()], clock.now
    monkeypatch.setattr(clock, "now", lambda: real() + now[0])
    live = await _live("one", "two", "three", "four")
    for n in (1, 2, 3):
        await _say_all(live)
        assert len(await live.said()) == n
        now[0] += dt.timedelta(seconds=45)
    [timer] = await _own(live)
    await initiative.write_first(timer)
    assert len(await live.said()) == 3
    await database.run(timer.refresh_from_db)
    assert timer.outcome == "not_now"


async def test_question_put_aside_is_logged_as_no_failure_and_answered_later(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _certainly(monkeypatch, aside_share=1.0, aside_s=3600.0)
    live = await _live("yes")
    asked = await live.ask("are you there?")
    assert asked is not None

    def due() -> Timer:
        rows = Timer.objects.filter(room=live.made.room, kind="reply", done_at=None)
        rows.update(wake_at=clock.now(), due_at=clock.now())
        return rows.get()

    await witnesses.attend(await database.run(due))
    [left] = await live.log("withheld")
    assert left.data["why"] == AS_PEOPLE
    assert await live.log("machine_call", "ended") == []
    timer = await database.run(
        lambda: Timer.objects.get(room=live.made.room, kind="reply", done_at=None)
    )
    assert (timer.wake_at - clock.now()).total_seconds() > 3000
    await _say_all(live)
    assert await live.said() == ["yes"]
    assert len(await live.log("withheld")) == 1
