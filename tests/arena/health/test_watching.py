"""The server's log: a line for a failure when it is new, then one a minute; one when it is over."""

import datetime as dt
import logging

import pytest

from arena import clock, database
from arena.health import Counter, Trouble
from arena.health.watching import FailureLines, look
from tests.kit.calls import call, failed, log, silence
from tests.kit.factories import MadeRoom, make_room
from tests.kit.pages import make_ready

NOW = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)


def trouble(n: int = 1, *, failure: str = "timeout", at: dt.datetime = NOW) -> Trouble:
    return Trouble(profile_id=1, failure=failure, n=n, at=at, sentence="No reply.")


def test_a_kind_is_told_at_once_and_then_once_a_minute() -> None:
    lines, told = FailureLines(), []
    for second in range(0, 180, 2):
        now = NOW + dt.timedelta(seconds=second)
        lines.take([trouble(at=now)], now)
        told += [(second, text) for _, text in lines.due(now)]
    assert [second for second, _ in told] == [0, 60, 120]
    assert told[0][1].startswith("1 failure (timeout) since 12:00:00Z: No reply.")
    assert told[1][1].startswith("30 failures (timeout) since 12:00:02Z")


def test_kinds_and_profiles_have_lines_of_their_own() -> None:
    lines = FailureLines()
    lines.take([trouble(), trouble(failure="empty")], NOW)
    assert len(lines.due(NOW)) == 2


def test_after_a_quiet_minute_a_failure_is_new() -> None:
    lines = FailureLines()
    lines.take([trouble()], NOW)
    assert len(lines.due(NOW)) == 1
    later = NOW + dt.timedelta(seconds=61)
    assert lines.due(later) == []
    lines.take([trouble(at=later)], later + dt.timedelta(seconds=1))
    assert len(lines.due(later + dt.timedelta(seconds=1))) == 1


def test_old_failures_are_no_news() -> None:
    lines = FailureLines()
    lines.take([trouble(at=NOW - dt.timedelta(hours=1))], NOW)
    assert lines.due(NOW) == []


async def test_the_log_names_the_machine_and_no_room(caplog: pytest.LogCaptureFixture) -> None:
    made = await database.run(_live_room)
    counter, lines = Counter(), FailureLines()
    with caplog.at_level(logging.INFO, "arena.health"):
        await database.run(log, made, *[failed("timeout", "No reply.")] * 40, silence())
        await look(counter, lines)
        await look(counter, lines)
    mine = [r for r in caplog.records if made.study.slug in r.message]
    assert [r.levelname for r in mine] == ["WARNING"] * 3  # two kinds, and that it fails
    assert "40 failures (timeout)" in mine[0].message
    assert not any(made.code in r.message for r in mine)


def _live_room() -> MadeRoom:
    made = make_room()
    make_ready(made)
    return made


async def test_the_log_says_when_it_is_over(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = await database.run(_live_room)
    counter, lines = Counter(), FailureLines()
    await database.run(log, made, failed(), failed())
    await look(counter, lines)
    await database.run(log, made, call())
    caplog.clear()
    now = clock.now
    monkeypatch.setattr(clock, "now", lambda: now() + dt.timedelta(minutes=6))
    with caplog.at_level(logging.INFO, "arena.health"):
        await look(counter, lines)
    [over] = [r for r in caplog.records if made.study.slug in r.message]
    assert over.levelname == "INFO" and "answers again" in over.message
