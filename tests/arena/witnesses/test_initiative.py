"""A machine of a short room writes first, writes again, and leaves a question, as people do."""

import datetime as dt
from dataclasses import replace

import pytest

from arena import clock, database, services, witnesses
from arena.event_kinds import AS_PEOPLE
from arena.models import Timer
from arena.pacing import PacingRule
from arena.pacing import initiative as draws
from arena.pacing.figures import MEETUP_INITIATIVE
from arena.rules import TimerKind
from arena.witnesses import initiative
from tests.kit.factories import ELIZA, make_rooms
from tests.kit.people import Live, go_live, loops, scripted, wait_for


def _certainly(monkeypatch: pytest.MonkeyPatch, **figures: float) -> None:
    """People who do just as the figures say."""
    plain = {"opens_spread": 0.0, "reopens_spread": 0.0, "reopens_habit_spread": 0.0}
    figures = {**plain, "aside_share": 0.0, "aside_spread": 0.0, **figures}
    monkeypatch.setattr(draws, "MEETUP_INITIATIVE", replace(MEETUP_INITIATIVE, **figures))


#: The rules under which a witness may write unasked; not in rounds.
RULES = [rule for rule in PacingRule if rule != PacingRule.ROUNDS]


async def _live(*lines: str, stated: str = "people", rule: str = "calibrated") -> Live:
    return await _live_with(scripted(*lines, pacing=rule), stated=stated)


async def _live_with(machine: str, *, stated: str = "people") -> Live:
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


@pytest.mark.parametrize("rule", RULES)
async def test_nobody_writes_unasked_where_the_study_says_so(rule: str) -> None:
    live = await _live("hi", stated="none", rule=rule)
    assert await live.timers(TimerKind.INITIATIVE) == []
    await live.answer("hello?")
    assert await live.timers(TimerKind.INITIATIVE) == []


async def test_both_panes_have_a_row_for_who_may_open() -> None:
    live = await _live("hi")
    rows = await live.timers(TimerKind.INITIATIVE)
    outcomes = [row.outcome for row in rows]
    assert outcomes.count("human") == 1
    assert all(":opens-0-" in row.key for row in rows)


async def test_in_rounds_nobody_writes_unasked() -> None:
    machine = scripted("hi", pacing="rounds")
    [made] = await database.run(make_rooms, 1, machines=machine, rounds="60 s", duration="5 min")
    live = await go_live(made)
    await live.ask("hello?", pane=made.human_pane)
    await live.ask("hello?")
    await live.answer("hello")
    assert await live.timers(TimerKind.INITIATIVE) == []


@pytest.mark.parametrize("rule", RULES)
async def test_machine_writes_first_unless_it_was_asked(
    monkeypatch: pytest.MonkeyPatch, rule: str
) -> None:
    _certainly(monkeypatch)
    quiet, asked = await _live("hi there", rule=rule), await _live("hi there", rule=rule)
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


async def test_eliza_has_words_of_its_own_to_open_with() -> None:
    live = await _live_with(ELIZA.replace("{rule: none}", "{rule: calibrated}"))
    await _say_all(live)
    assert len(await live.said()) == 1


async def test_initiative_goes_on_after_a_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    """It opens if nothing was said before, and writes again if it had the last word."""
    _certainly(monkeypatch)
    live = await _live("one", "two")

    async def pause() -> None:
        room = live.made.room
        await database.run(services.pause, room, host="host", reason="")
        await database.run(services.resume, room, host="host", reason="")

    await pause()
    [timer] = await _own(live)
    assert ":opens-0-" in timer.key
    await _say_all(live)
    await pause()
    [timer] = await _own(live)
    assert f":reopens-{(await live.log('message'))[-1].seq}-" in timer.key
    await _say_all(live)
    assert await live.said() == ["one", "two"]
    await live.ask("and?")
    await pause()
    assert await _own(live) == []


@pytest.mark.parametrize("rule", RULES)
async def test_machine_writes_again_twice_after_its_own_silence(
    monkeypatch: pytest.MonkeyPatch, rule: str
) -> None:
    _certainly(monkeypatch)
    now, real = [dt.timedelta()], clock.now
    monkeypatch.setattr(clock, "now", lambda: real() + now[0])
    live = await _live("one", "two", "three", "four", rule=rule)
    for n in (1, 2, 3):
        await _say_all(live)
        assert len(await live.said()) == n
        now[0] += dt.timedelta(seconds=45)
    [timer] = await _own(live)
    await initiative.write_first(timer)
    assert len(await live.said()) == 3
    await database.run(timer.refresh_from_db)
    assert timer.outcome == "not_now"


async def _look(live: Live) -> Timer:
    """Have the one open question looked at; return its row as it is then."""

    def due() -> Timer:
        rows = Timer.objects.filter(room=live.made.room, kind="reply", done_at=None)
        rows.update(wake_at=clock.now(), due_at=clock.now())
        return rows.get()

    timer = await database.run(due)
    await witnesses.attend(timer)
    await database.run(timer.refresh_from_db)
    return timer


@pytest.mark.parametrize("rule", RULES)
async def test_question_put_aside_is_logged_as_no_failure_and_answered_later(
    monkeypatch: pytest.MonkeyPatch, rule: str
) -> None:
    _certainly(monkeypatch, aside_share=1.0, aside_s=3600.0)
    live = await _live("yes", rule=rule)
    await live.ask("are you there?")
    timer = await _look(live)
    [left] = await live.log("withheld")
    assert left.data["why"] == AS_PEOPLE
    assert await live.log("machine_call", "ended") == []
    assert timer.done_at is None
    assert (timer.wake_at - clock.now()).total_seconds() > 3000
    await _say_all(live)
    assert await live.said() == ["yes"]
    assert len(await live.log("withheld")) == 1


async def test_over_a_question_to_a_person_nothing_of_that_is_logged(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The same commit moves its row on as would move a machine's."""
    _certainly(monkeypatch, aside_share=1.0, aside_s=3600.0)
    live = await _live("yes")
    await live.ask("are you there?", pane=live.made.human_pane)
    timer = await _look(live)
    assert (timer.wake_at - clock.now()).total_seconds() > 3000
    assert timer.done_at is None
    assert await live.log("withheld", "machine_call") == []
    timer = await _look(live)
    assert timer.outcome == "human"
    assert await live.log("withheld", "machine_call") == []


async def test_machine_of_which_the_study_says_so_puts_nothing_aside(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _certainly(monkeypatch, aside_share=1.0, aside_s=3600.0)
    live = await _live("yes", stated="none")
    await live.ask("are you there?")
    await _say_all(live)
    assert await live.log("withheld") == []
