"""A unit of work: what is decided in it is right, whatever else the same commit decides.

Each test puts into one commit what two processes, or two people in one moment, may send.
"""

import datetime as dt
from functools import partial

import pytest

from arena import services
from arena.errors import (
    RoomEnded,
    RoomPaused,
    RoomPhaseWrong,
    RoundClosed,
    RoundOpen,
    SeatUnknown,
    TimeIsUp,
)
from arena.event_kinds import Claims
from arena.events import Appended, Decision, Draft, LiveRoom, append_now, verification
from arena.events.writer import Writer
from arena.rules import EndReason, EventKind, Phase
from arena.services import playing, seat_settings
from tests.kit.batches import Act, Played, commit, entered, gone_live, ready
from tests.kit.factories import make_room
from tests.kit.long_rooms import make_long_room
from tests.kit.people import scripted

#: A machine whose reply nobody waits for.
QUIET = scripted("one", pacing="rounds")


def _in_rounds(**options: str) -> Played:
    """A live room in whose open round the person was asked."""
    played = gone_live(make_room(rounds="1 min", machines=QUIET, **options))
    commit(played.ask("Where are you?", pane=str(played.made.human_pane)))
    return played


def _over(played: Played) -> Act:
    """The end of the open round, for which it is time now."""
    over = played.fire(played.timer("round"))
    played.hands.turn(60)
    return over


# Rounds


def test_answer_in_the_commit_of_its_rounds_end_is_shown() -> None:
    played = _in_rounds()
    over = _over(played)
    answered, _ = commit(played.answer("here"), over)
    assert isinstance(answered, Appended) and answered.event
    assert played.texts("message") == ["Where are you?", "here"]
    assert played.log("message")[-1].data["held"] == answered.event


@pytest.mark.parametrize("grace", ["2 min", "0 s"])
def test_answer_in_the_commit_of_the_rooms_time_up_is_refused(grace: str) -> None:
    played = _in_rounds(duration="1 min", grace=grace)
    writer = Writer()
    commit(played.answer("in time"), by=writer)
    time_up = played.fire(played.timer("time_up"))
    played.hands.turn(60)
    refused, _ = commit(played.answer("too late"), time_up, by=writer)
    assert isinstance(refused, TimeIsUp)
    assert played.texts("held") == ["in time"]
    assert played.texts("message") == ["Where are you?", "in time"]
    assert played.room.phase == (Phase.ENDED if grace == "0 s" else Phase.LIVE)


def test_answer_after_the_end_of_its_round_is_refused_in_the_same_commit() -> None:
    played = _in_rounds()
    over = _over(played)
    _, refused = commit(over, played.answer("late"))
    assert isinstance(refused, RoundClosed)
    assert played.log("held") == [] and played.texts("message") == ["Where are you?"]


def test_round_and_its_answers_fit_into_one_commit() -> None:
    played = gone_live(make_room(rounds="1 min", machines=QUIET))
    pane = str(played.made.human_pane)
    first, answered, second = commit(
        played.ask("one?", pane=pane), played.answer("one"), played.ask("two?", pane=pane)
    )
    assert isinstance(first, Appended) and isinstance(answered, Appended)
    assert isinstance(second, RoundOpen)
    assert played.texts("held") == ["one"] and played.texts("message") == ["one?"]
    assert len(played.log("round")) == 1


def test_next_round_in_the_commit_of_the_last_ones_end() -> None:
    played = _in_rounds()
    over, pane = _over(played), str(played.made.human_pane)
    commit(
        *(played.answer("one"), over),
        *(played.ask("two?", pane=pane), played.answer("two")),
    )
    assert played.texts("message") == ["Where are you?", "one", "two?"]
    assert played.texts("held") == ["one", "two"]
    assert played.room.round_ends_at is not None


def test_round_is_over_once_in_a_commit() -> None:
    played = _in_rounds()
    over = _over(played)
    commit(played.answer("one"), over, over)
    assert played.texts("message") == ["Where are you?", "one"]
    assert len(played.log("round")) == 2


# Attendance


def _silent_for(hours: float, **options: str) -> Played:
    played = gone_live(make_long_room(**options))
    played.hands.turn(hours * 3600)
    return played


def test_message_in_the_commit_of_a_drop_out_keeps_the_room_open() -> None:
    played = _silent_for(7 * 24 + 1)
    timer = played.timer("drop_out", played.witness)
    commit(played.answer("I am here"), played.fire(timer))
    assert played.room.phase == Phase.LIVE
    timer.refresh_from_db()
    assert timer.outcome == "looked"


def test_belief_in_the_commit_of_its_prompt_is_not_asked_for() -> None:
    played = _silent_for(25, belief="24 h")
    prompt = played.fire(played.timer("belief"))
    commit(partial(playing.belief, played.asker, command_id="b", p=0.5), prompt)
    assert played.log("belief_asked") == []


def test_belief_is_asked_for_once_in_a_commit() -> None:
    played = _silent_for(25, belief="24 h")
    prompt = played.fire(played.timer("belief"))
    commit(prompt, prompt)
    assert len(played.log("belief_asked")) == 1


def _with_address(played: Played) -> Played:
    seat = played.witness
    seat_settings.store_settings(
        seat, email="somebody@example.org", time_zone="UTC", quiet_hours=""
    )
    return played


def test_message_in_the_commit_of_a_reminder_makes_it_needless() -> None:
    played = _with_address(_silent_for(25))
    remind = played.fire(played.timer("reminder", played.witness))
    commit(played.answer("I am here"), remind)
    assert played.log("reminded") == []


def test_reminder_is_sent_once_in_a_commit() -> None:
    played = _with_address(_silent_for(25))
    remind = played.fire(played.timer("reminder", played.witness))
    commit(remind, remind)
    assert [event.data["which"] for event in played.log("reminded")] == [1]


# The life of a room


def test_people_who_are_ready_in_one_commit_start_the_room_once() -> None:
    played = entered(make_room())
    asker, witness = ready(played.asker), ready(played.witness)
    assert all(isinstance(outcome, Appended) for outcome in commit(asker, witness))
    assert [event.kind for event in played.log()][-3:] == ["ready", "ready", "started"]
    assert played.room.phase == Phase.LIVE
    lobby = played.made.room.timers.get(kind="lobby")
    assert (lobby.outcome, lobby.done_at) == ("superseded", played.room.started_at)


def test_room_ends_once_in_a_commit() -> None:
    played = gone_live(make_room())
    verdict = partial(
        playing.verdict, played.asker, command_id="v", human="A", confidence=0.5, reason=""
    )
    leave = partial(playing.leave, played.witness, command_id="l")
    given, left = commit(verdict, leave)
    assert isinstance(given, Appended) and isinstance(left, RoomEnded)
    assert played.room.end_reason == EndReason.VERDICT
    assert len(played.log("ended")) == len(played.log("revealed")) == 1


def test_pause_in_a_commit_stops_what_comes_after_it() -> None:
    played = gone_live(make_room())
    _, refused, again, _, said = commit(
        *(played.pause, played.answer("too late"), played.pause),
        *(played.resume, played.answer("go on")),
    )
    assert isinstance(refused, RoomPaused) and isinstance(again, RoomPhaseWrong)
    assert isinstance(said, Appended) and played.texts("message") == ["go on"]


def test_seat_that_gets_a_new_link_says_nothing_more_in_the_same_commit() -> None:
    played = gone_live(make_room())
    _, refused = commit(partial(services.reissue, played.witness), played.answer("still me"))
    assert isinstance(refused, SeatUnknown)


def test_erasure_takes_the_words_before_it_and_no_others() -> None:
    played = gone_live(make_room())
    pane, witness = str(played.made.human_pane), played.witness
    commit(
        *(played.ask("who?", pane=pane), played.answer("me")),
        partial(services.ask_for_help, witness, text="help"),
        partial(services.withdraw, witness, erase=True),
        partial(services.ask_for_help, witness, text="one more thing"),
        partial(services.answer_exit, played.asker, answers={"cues": "none"}),
    )
    assert played.texts("message") == ["who?", None]
    assert played.texts("help") == [None, "one more thing"]
    assert [event.data for event in played.log("exit")] == [{"answers": {"cues": "none"}}]
    assert verification.verify(played.made.study).fault is None


# Timers


def test_machine_says_once_what_its_timer_is_for() -> None:
    played = gone_live(make_room())
    commit(played.ask("hello?", pane=played.made.machine_pane))
    reply = played.reply("Hello.", timer=played.timer("reply"))
    commit(reply, reply)
    assert played.texts("message") == ["hello?", "Hello."]


def test_timer_closed_in_a_commit_is_closed_for_what_comes_after_it() -> None:
    played = gone_live(make_room())
    commit(played.ask("hello?", pane=played.made.machine_pane))
    old = played.timer("reply")
    commit(played.pause, played.resume, played.reply("Hello.", timer=old))
    assert played.texts("message") == ["hello?"]
    assert played.timer("reply", played.machine).id != old.id


def test_timer_that_was_closed_while_a_loop_held_it_does_nothing() -> None:
    played = gone_live(make_room(duration="1 min"))
    held = played.fire(played.timer("time_up"))
    commit(played.pause, played.resume)
    played.hands.turn(60)
    commit(held, played.fire(played.timer("time_up")))
    assert len(played.log("time_up")) == 1


def test_question_and_pause_in_one_commit_leave_no_open_timer() -> None:
    played = gone_live(make_room())
    commit(played.ask("hello?", pane=played.made.machine_pane), played.pause)
    assert not played.made.room.timers.filter(done_at=None).exists()
    reply = played.made.room.timers.get(kind="reply")
    assert (reply.outcome, reply.done_at) == ("superseded", played.room.paused_at)


def test_pause_and_resume_in_the_commit_of_a_question_keep_one_reply() -> None:
    played = gone_live(make_room())
    commit(played.ask("hello?", pane=played.made.machine_pane), played.pause, played.resume)
    open_timers = played.made.room.timers.filter(done_at=None)
    assert sorted(open_timers.values_list("kind", flat=True)) == ["reply", "time_up"]


def test_decision_that_changes_nothing_of_a_timer_is_stored() -> None:
    """A machine's last failed call is logged so: its timer stays as it is."""
    played = gone_live(make_room())
    time_up, pause = played.timer("time_up"), played.pause
    nothing = Decision(settle={time_up.id: {}})
    commit(partial(append_now, played.made.room.id, lambda room, now: nothing), pause)
    time_up.refresh_from_db()
    assert time_up.outcome == "superseded"


def test_machine_remembers_a_message_once_in_a_commit() -> None:
    played = gone_live(make_room())
    machine = played.machine
    claims = Claims(v=1, first=1, upto=4, claims=(), n_refused=0)

    def remember(room: LiveRoom, now: dt.datetime) -> Decision:
        if room.covered.get((machine.actor, EventKind.CLAIMS), 0) >= claims.upto:
            return Decision()
        return Decision(events=(Draft(seat=machine.actor, body=claims),))

    step: Act = partial(append_now, played.made.room.id, remember)
    commit(step, step)
    assert len(played.log("claims")) == 1
