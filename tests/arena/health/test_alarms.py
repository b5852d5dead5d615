"""When a machine counts as failing, and that each change of it is told once."""

import datetime as dt
import threading
from collections.abc import Iterator

import pytest
from django.db import connection
from django.test import override_settings

from arena import clock, health
from arena.health import Channel, MachineState, alarms
from arena.models import Alert, MachineHealth
from tests.kit.calls import (
    call,
    counted,
    failed,
    forget_others,
    log,
    question_that_waits,
    silence,
)
from tests.kit.factories import MadeRoom, make_room, make_rooms
from tests.kit.pages import machine, make_ready

S, MIN = dt.timedelta(seconds=1), dt.timedelta(minutes=1)
CALM = alarms.CALM


@pytest.fixture(autouse=True)
def _webhook() -> Iterator[None]:
    """Alerts are written, for a channel that nobody delivers to."""
    with override_settings(ALERT_WEBHOOK_URL="http://127.0.0.1:9/"):
        yield
    forget_others()


def live_rooms(n: int = 1) -> list[MadeRoom]:
    rooms = make_rooms(n)
    for made in rooms:
        make_ready(made)
    return rooms


def told(made: MadeRoom, *, after: dt.timedelta = dt.timedelta(0)) -> list[str]:
    """The states that hosts were told of, after one more look."""
    counted(made)
    alarms.update(clock.now() + after)
    alerts = Alert.objects.filter(profile=machine(made).profile).order_by("id")
    return list(alerts.values_list("state", flat=True))


def test_one_failure_that_passes_is_nothing_to_tell() -> None:
    [made] = live_rooms()
    log(made, failed())
    assert told(made) == []
    log(made, call())
    assert told(made, after=MIN) == []


def test_two_failures_in_a_row_are_told_at_once_and_once() -> None:
    [made] = live_rooms()
    log(made, failed("timeout"), failed("timeout", "No reply within 30 s. Raise 'timeout'."))
    assert told(made) == told(made, after=S) == [MachineState.FAILING]
    [alert] = Alert.objects.filter(profile=machine(made).profile)
    assert (alert.channel, alert.failure) == (Channel.WEBHOOK, "timeout")
    assert "Raise 'timeout'" in alert.message and made.study.slug in alert.message
    assert alert.since_at.second == alert.since_at.microsecond == 0


def test_a_question_that_waits_is_told_though_others_are_answered() -> None:
    stuck, well = live_rooms(2)
    log(stuck, failed("bad_request"))
    log(well, call(), call())
    timer = question_that_waits(stuck)
    assert told(stuck, after=10 * S) == []
    assert told(stuck, after=30 * S) == [MachineState.FAILING]
    timer.prepared = True  # it is written, and is said when it is due
    timer.save()
    assert told(stuck, after=30 * S + CALM) == [MachineState.FAILING, MachineState.RECOVERED]


def test_an_unanswered_question_is_told_though_others_are_answered() -> None:
    silent, well = live_rooms(2)
    log(silent, silence("budget of calls is used up"))
    log(well, call())
    assert told(silent) == [MachineState.FAILING]


def test_what_the_gate_rejects_is_no_failure_of_the_provider() -> None:
    [made] = live_rooms()
    log(made, call("objected"), call("objected"))
    assert told(made, after=MIN) == []


def test_a_provider_that_fails_now_and_then_is_one_episode() -> None:
    [made] = live_rooms()
    for _ in range(4):
        log(made, failed(), failed(), call())
        log(made, failed(), failed())
        assert told(made) == [MachineState.FAILING]
        log(made, call())
        assert told(made) == [MachineState.FAILING]
    assert told(made, after=CALM + S) == [MachineState.FAILING, MachineState.RECOVERED]
    assert MachineHealth.objects.get(profile=machine(made).profile).failing_since is None


def test_an_episode_that_lasts_is_told_each_hour_while_rooms_are_live() -> None:
    [made] = live_rooms()
    log(made, failed(), failed())
    for n in range(1, 100):
        told(made, after=n * 2 * MIN)
    assert told(made) == [MachineState.FAILING] + [MachineState.DOWN] * 3
    log(made, call())
    assert told(made, after=200 * MIN)[-1] == MachineState.RECOVERED


def test_no_hour_is_told_once_nobody_waits() -> None:
    made = make_room()  # in the lobby
    log(made, failed(), failed())
    assert told(made) == told(made, after=90 * MIN) == [MachineState.FAILING]


def test_what_happened_before_a_long_stop_begins_no_episode() -> None:
    [made] = live_rooms()
    log(made, failed(), failed(), silence())
    assert told(made, after=alarms.FRESH + MIN) == []


def test_of_several_processes_one_tells() -> None:
    rooms = [live_rooms()[0] for _ in range(4)]
    for made in rooms:
        log(made, failed(), failed())
    counted(rooms[0])
    threads = [threading.Thread(target=_update, args=(clock.now(),)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for made in rooms:
        assert told(made) == [MachineState.FAILING]


def _update(now: dt.datetime) -> None:
    alarms.update(now)
    connection.close()


def test_a_process_that_dies_while_it_tells_has_told_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    [made] = live_rooms()
    log(made, failed(), failed())
    found = counted(made)
    with monkeypatch.context() as patch:
        patch.setattr(alarms, "_alerts", _die)
        with pytest.raises(KeyboardInterrupt):
            alarms.update(clock.now())
    found.refresh_from_db()
    assert found.failing_since is None
    assert told(made) == [MachineState.FAILING]


def _die(*_: object, **__: object) -> Iterator[Alert]:
    raise KeyboardInterrupt


def test_counting_leaves_an_episode_as_it_is() -> None:
    [made] = live_rooms()
    log(made, failed(), failed())
    told(made)
    since = MachineHealth.objects.get(profile=machine(made).profile).failing_since
    log(made, failed())
    assert since is not None and counted(made).failing_since == since


def test_states() -> None:
    [made] = live_rooms()
    assert health.state_of(None, clock.now()) == MachineState.NEVER_CALLED
    log(made, call())
    assert health.state_of(counted(made), clock.now()) == MachineState.ANSWERING
    log(made, failed(), failed())
    told(made)
    now, found = clock.now(), counted(made)
    assert health.state_of(found, now) == MachineState.FAILING
    assert health.state_of(found, now + alarms.DOWN_AFTER) == MachineState.DOWN


def test_without_channels_an_episode_is_known_all_the_same() -> None:
    [made] = live_rooms()
    with override_settings(ALERT_WEBHOOK_URL=""):
        log(made, failed(), failed())
        assert told(made) == []
    assert MachineHealth.objects.get(profile=machine(made).profile).failing_since is not None
