"""Since when a witness thinks about lines that come one by one."""

import datetime as dt

import pytest

from arena.witnesses.listening import CLOSE, LISTENS_S, heard_at, listens_until

START = dt.datetime(2027, 3, 1, 12, tzinfo=dt.UTC)


def _lines(n: int, *, every_s: float) -> list[dt.datetime]:
    return [START + n * dt.timedelta(seconds=every_s) for n in range(n)]


def test_listening_ends_some_seconds_after_the_first_line_however_many_follow() -> None:
    ends = {
        listens_until(_lines(n, every_s=0.5), rule="published", seed="abcdef01")
        for n in range(1, 50)
    }
    assert len(ends) == 1
    waits = [
        (listens_until([START], rule="published", seed=f"{n:08x}") - START).total_seconds()
        for n in range(200)
    ]
    assert LISTENS_S[0] <= min(waits) < 2.2 and 3.8 < max(waits) <= LISTENS_S[1]


def test_a_line_after_a_pause_is_listened_to_anew() -> None:
    lines = [START, START + CLOSE * 1.5]
    assert listens_until(lines, rule="published", seed="abcdef01") > lines[1]
    assert heard_at(lines, last_said_at=None, rule="published", seed="abcdef01") == lines[1]


def test_thought_begins_with_the_last_line_and_where_they_do_not_end_with_the_first() -> None:
    assert (
        heard_at(_lines(3, every_s=0.5), last_said_at=None, rule="published", seed="abcdef01")
        == START + CLOSE / 4
    )
    assert (
        heard_at(_lines(20, every_s=0.5), last_said_at=None, rule="published", seed="abcdef01")
        == START
    )


def test_who_was_writing_begins_when_that_is_sent() -> None:
    lines, sent = _lines(20, every_s=0.5), START + dt.timedelta(seconds=6)
    assert heard_at(lines, last_said_at=sent, rule="published", seed="abcdef01") == sent
    assert heard_at(lines, last_said_at=START - CLOSE, rule="published", seed="abcdef01") == START


def test_who_answers_in_a_second_does_not_listen_for_longer() -> None:
    waits = [
        (listens_until([START], rule="calibrated", seed=f"{n:08x}") - START).total_seconds()
        for n in range(4000)
    ]
    # Half of the waits of `calibrated`, of which 20 % are shorter than two seconds.
    assert sum(wait < 1 for wait in waits) / 4000 == pytest.approx(0.20, abs=0.02)
    assert max(waits) <= LISTENS_S[1]
