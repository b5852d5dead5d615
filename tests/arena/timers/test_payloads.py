"""What rows hold already is read, and written back as it was."""

import datetime as dt

import pytest

from arena.models import Timer
from arena.pacing import BurstPart
from arena.rules import TimerKind
from arena.timers.payloads import (
    MemoryStep,
    PayloadUnreadable,
    PendingReply,
    RefusedReminder,
    ReminderAttempt,
    ReplyPlan,
    ScheduledReply,
    SendingReminder,
    memory_step,
    reminder_attempt,
    reply_plan,
)

SEEN = 1767225601.2345
SEEN_AT = dt.datetime(2026, 1, 1, 0, 0, 1, 234500, tzinfo=dt.UTC)
NOTICED = PendingReply(noticed_at=SEEN_AT)

REPLIES = [
    ("{}", PendingReply()),
    ('{"noticed_at": 1767225601.2345}', NOTICED),
    ('{"n_failed": 1}', PendingReply(n_failed=1)),
    (
        '{"noticed_at": 1767225601.2345, "failing_since": 1767225601.2345, "n_failed": 3, '
        '"n_objected": 1, "advice": "Shorter.", "withheld": "unavailable"}',
        PendingReply(
            noticed_at=SEEN_AT,
            failing_since=SEEN_AT,
            n_failed=3,
            n_objected=1,
            advice="Shorter.",
            withheld="unavailable",
        ),
    ),
    (
        '{"noticed_at": 1767225601.2345, "n_failed": 2, "advice": "Say \\u201cno\\u201d."}',
        PendingReply(noticed_at=SEEN_AT, n_failed=2, advice="Say “no”."),
    ),
    (
        '{"noticed_at": 1767225601.2345, "text": "well", "upto": 7, "from": 1767225601.2345, '
        '"rest": [["yes", 2.5], ["ok", 3.25]]}',
        ScheduledReply(
            text="well",
            last_seq=7,
            began_at=SEEN_AT,
            rest=(BurstPart(text="yes", gap_s=2.5), BurstPart(text="ok", gap_s=3.25)),
            pending=NOTICED,
        ),
    ),
    (
        '{"noticed_at": 1767225601.2345, "n_failed": 1, "advice": "Shorter.", "text": "well", '
        '"upto": 7, "from": 1767225601.2345, "rest": []}',
        ScheduledReply(
            text="well",
            last_seq=7,
            began_at=SEEN_AT,
            pending=PendingReply(noticed_at=SEEN_AT, n_failed=1, advice="Shorter."),
        ),
    ),
    (
        '{"noticed_at": 1767225601.2345, "n_rewritten": 2, "text": "well", "upto": 7, '
        '"from": 1767225601.2345, "rest": [], "for": 1767225601.2345}',
        ScheduledReply(
            text="well",
            last_seq=7,
            began_at=SEEN_AT,
            pending=PendingReply(noticed_at=SEEN_AT, n_rewritten=2),
            meant_at=SEEN_AT,
        ),
    ),
    (
        '{"text": "ok", "upto": 7, "from": 1767225601.2345, "rest": [["so", 4]]}',
        ScheduledReply(
            text="ok", last_seq=7, began_at=SEEN_AT, rest=(BurstPart(text="so", gap_s=4),)
        ),
    ),
]
REMINDERS = [
    ('{"sending": 1}', SendingReminder(which=1)),
    ('{"refused": 3}', RefusedReminder(which=3)),
]
MEMORY = [("{}", MemoryStep()), ('{"n_failed": 2}', MemoryStep(n_failed=2))]


def _timer(payload: str, kind: TimerKind = TimerKind.REPLY) -> Timer:
    return Timer(key="the-key", kind=kind, payload=payload)


def test_moment_of_the_examples_is_that_of_their_stamp() -> None:
    assert dt.datetime.fromtimestamp(SEEN, dt.UTC) == SEEN_AT


@pytest.mark.parametrize(("stored", "plan"), REPLIES)
def test_reply_is_read_and_written_back(stored: str, plan: ReplyPlan) -> None:
    assert reply_plan(_timer(stored)) == plan
    assert plan.to_json() == stored


@pytest.mark.parametrize(("stored", "attempt"), REMINDERS)
def test_reminder_is_read_and_written_back(stored: str, attempt: ReminderAttempt) -> None:
    assert reminder_attempt(_timer(stored, TimerKind.REMINDER)) == attempt
    assert attempt.to_json() == stored


def test_reminder_timer_that_has_not_begun_to_send_holds_nothing() -> None:
    assert reminder_attempt(_timer("{}", TimerKind.REMINDER)) is None


@pytest.mark.parametrize(("stored", "step"), MEMORY)
def test_memory_step_is_read_and_written_back(stored: str, step: MemoryStep) -> None:
    assert memory_step(_timer(stored, TimerKind.MEMORY)) == step
    assert step.to_json() == stored


def test_order_of_the_keys_and_a_missing_rest_do_not_matter() -> None:
    stored = '{"upto": 7, "text": "ok", "from": 1767225601.2345, "noticed_at": 1767225601.2345}'
    plan = ScheduledReply(text="ok", last_seq=7, began_at=SEEN_AT, pending=NOTICED)
    assert reply_plan(_timer(stored)) == plan


@pytest.mark.parametrize(
    ("stored", "expected"),
    [
        ("", "JSON"),
        ("[]", "a JSON object"),
        ('{"noticed_at": "soon"}', "a moment in seconds since 1970 under 'noticed_at'"),
        ('{"n_failed": "1"}', "a whole number under 'n_failed'"),
        ('{"n_failed": true}', "a whole number under 'n_failed'"),
        ('{"text": 5}', "a string under 'text'"),
        ('{"text": "a secret"}', "a whole number under 'upto'"),
        ('{"text": "a secret", "upto": 1}', "a moment in seconds since 1970 under 'from'"),
        ('{"text": "", "upto": 1, "from": 1.5, "rest": [["a secret"]]}', "under 'rest'"),
        ('{"text": "", "upto": 1, "from": 1.5, "rest": "a secret"}', "under 'rest'"),
    ],
)
def test_other_payloads_are_refused_without_being_quoted(stored: str, expected: str) -> None:
    with pytest.raises(PayloadUnreadable) as refused:
        reply_plan(_timer(stored))
    assert expected in str(refused.value)
    assert "timer the-key (reply)" in str(refused.value)
    assert "secret" not in str(refused.value)
