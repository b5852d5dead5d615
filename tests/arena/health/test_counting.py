"""Every call is counted once: over kills, several counters, and commits out of the order of ids."""

import threading

import pytest
from django.db import connection

from arena import health
from arena.event_kinds import AS_PEOPLE, GaveUp, Purpose
from arena.events import Decision, Draft, append_now
from arena.health import Counter, MachineFigures
from arena.health import counting as counting_module
from arena.models import CountedEvents, FailedReply, MachineHealth
from arena.rules import TimerKind
from tests.kit.calls import call, counted, failed, log, silence
from tests.kit.factories import MadeRoom, make_room, make_rooms
from tests.kit.pages import decide, machine, make_ready


def figures(made: MadeRoom, *, ended: bool = False) -> MachineFigures:
    found = counted(made)
    return MachineFigures.from_json(found.ended_rooms if ended else found.all_rooms)


def test_calls_are_summed_over_the_rooms_of_a_profile() -> None:
    first, second = make_rooms(2)
    log(first, call(), failed("timeout"), call())
    log(second, failed("rate_limit"), silence("rate_limit"), call(latency_ms=4000))
    found = figures(first)
    assert (found.n_calls, found.n_failed, found.n_unanswered) == (5, 2, 1)
    assert found.failures == {"timeout": 1, "rate_limit": 1}
    assert (found.tokens_in, found.tokens_out, found.cost_usd) == (60, 15, 1.5)
    assert figures(second) == found  # once, however often it is looked


def test_a_question_put_aside_as_people_do_is_no_trouble() -> None:
    made = make_room()
    log(made, call(), silence(AS_PEOPLE), call())
    assert figures(made).n_unanswered == 0 and not figures(made).failures
    found = counted(made)
    assert found.troubled_at is None and found.unanswered_at is None


def test_a_retry_is_a_call_after_one_that_failed_to_answer_the_same_question() -> None:
    made = make_room()
    log(made, failed(), failed(), call())  # two retries
    log(made, failed(), silence(), call())  # none: it was left unanswered, and another came
    log(made, call("objected"), call())
    counted(made)
    log(made, failed())
    counted(made)
    log(made, call(purpose=Purpose.EXTRACT), call())  # over two countings, memory's call between
    assert figures(made).n_retries == 2 + 0 + 1 + 1


def test_memorys_failures_are_told_apart_and_leave_nobody_waiting() -> None:
    made = make_room()
    log(made, *[call("malformed", purpose=Purpose.EXTRACT)] * 3)
    found = counted(made)
    assert MachineFigures.from_json(found.all_rooms).failures == {"extract malformed": 3}
    assert found.n_failed_in_a_row == 0 and found.troubled_at is None


def test_a_reply_that_was_given_up_is_an_unanswered_question() -> None:
    made = make_room()
    make_ready(made)
    seat = machine(made)
    timer = made.room.timers.create(
        seat=seat,
        kind=TimerKind.REPLY,
        key=f"reply:{made.code}",
        due_at=made.room.created_at,
        wake_at=made.room.created_at.replace(year=2100),
    )
    for kind, key in ((TimerKind.REPLY, timer.key), (TimerKind.TIME_UP, "another")):
        gone = GaveUp(timer_kind=kind, timer=key, attempts=12, error="OSError")
        append_now(made.room.id, lambda r, n, body=gone: Decision(events=(Draft(body=body),)))
    found = counted(made)
    assert MachineFigures.from_json(found.all_rooms).n_unanswered == 1
    assert found.failure == "gave_up"


def test_hosts_figures_are_those_of_rooms_that_have_ended() -> None:
    ending, live = make_rooms(2)
    for made in (ending, live):
        make_ready(made)
        log(made, failed(), call())
    assert figures(ending, ended=True) == MachineFigures()
    decide(ending, "A")
    assert figures(ending, ended=True).n_calls == 2
    assert figures(ending, ended=True).n_retries == 1
    log(ending, call())  # was under way when the room ended
    assert figures(ending, ended=True).n_calls == 3
    assert figures(ending).n_calls == 5


def test_counting_anew_finds_the_same() -> None:
    made = make_room()
    make_ready(made)
    log(made, failed(), call())
    counted(made)
    decide(made, "A")
    log(made, call())
    before = counted(made)
    health.recount()
    assert not MachineHealth.objects.filter(profile=before.profile).exists()
    after = counted(made)
    for name in ("all_rooms", "ended_rooms", "last_good_at", "failure", "sentence", "troubled_at"):
        assert getattr(after, name) == getattr(before, name), name


def test_a_counter_that_looked_far_counts_anew_with_the_others() -> None:
    made, counter = make_room(), Counter()
    log(made, call())
    counter.count_all()
    health.recount()
    counter.count_all()
    assert figures(made).n_calls == 1


def test_a_process_that_dies_before_its_commit_has_counted_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = make_room()
    counted_before = CountedEvents.objects.get_or_create(id=1)[0].event_id
    log(made, call())

    class Killed(BaseException):
        pass

    class Dying(counting_module.MachineTally):
        def save(self) -> None:
            super().save()
            raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(counting_module, "MachineTally", Dying)
        with pytest.raises(Killed):
            Counter().count_all()
    assert CountedEvents.objects.get(id=1).event_id == counted_before
    assert figures(made).n_calls == 1


def test_several_counters_at_once_count_each_call_once() -> None:
    made = make_room()
    threads = [threading.Thread(target=_count_often) for _ in range(3)]
    for thread in threads:
        thread.start()
    for _ in range(30):
        log(made, call())
    for thread in threads:
        thread.join()
    assert figures(made).n_calls == 30


def _count_often() -> None:
    counter = Counter()
    for _ in range(40):
        counter.step()
    connection.close()


def test_many_events_are_counted_in_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    made = make_room()
    monkeypatch.setattr(counting_module, "BATCH_IDS", 3)
    for _ in range(10):
        log(made, call())
    assert figures(made).n_calls == 10


def test_of_a_room_that_ended_no_retry_is_waited_for() -> None:
    answered, left, over, waiting = rooms = make_rooms(4)
    for made in rooms:
        make_ready(made)
        log(made, failed())
    counted(answered)
    log(answered, call())
    log(left, silence())
    decide(over, "A")
    counted(answered)
    seats = [machine(made).id for made in rooms]
    failures = FailedReply.objects.filter(seat__in=seats).values_list("seat", flat=True)
    assert list(failures) == [machine(waiting).id]


def test_an_evasion_answers_what_it_was_said_instead_of() -> None:
    made = make_room()
    log(made, call("objected"), call("objected", evaded=True), call())
    found = figures(made)
    assert (found.n_retries, found.failures) == (1, {"objected": 2})
