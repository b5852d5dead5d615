"""Calls of machines as a room's log holds them, without a machine that makes them."""

import datetime as dt

from arena import clock
from arena.event_kinds import Body, MachineCall, Purpose, Withheld
from arena.events import Decision, Draft, append_now
from arena.health import Counter
from arena.models import Alert, FailedReply, MachineHealth, Timer
from arena.rules import TimerKind
from arena.timers.payloads import PendingReply
from tests.kit.factories import MadeRoom
from tests.kit.pages import machine


def call(outcome: str = "ok", *, error: str = "", **fields: object) -> MachineCall:
    """A call with this outcome."""
    values: dict[str, object] = {
        "profile": "eliza",
        "purpose": Purpose.REPLY,
        "backend": "eliza",
        "model": "doctor",
        "parameters": {},
        "prompt_sha256": "0" * 64,
        "n_turns": 1,
        "latency_ms": 1000,
        "tokens_in": 20,
        "tokens_out": 5,
        "cost_usd": 0.5,
        "request_id": None,
        **fields,
    }
    return MachineCall(outcome=outcome, error=error, **values)  # type: ignore[arg-type]


def failed(kind: str = "unavailable", error: str = "The provider gave no reply.") -> MachineCall:
    """A call that failed at the provider, which costs nothing."""
    return call(kind, error=error, tokens_in=None, tokens_out=None, cost_usd=None)


def log(made: MadeRoom, *bodies: Body) -> None:
    """Append what the machine of a room did."""
    seat = machine(made)
    drafts = tuple(Draft(seat=seat.actor, pane=seat.name, body=body) for body in bodies)
    append_now(made.room.id, lambda room, now: Decision(events=drafts))


def silence(why: str = "unavailable") -> Withheld:
    return Withheld(why=why, upto=1)


def question_that_waits(made: MadeRoom) -> Timer:
    """A question whose calls have failed from now on, far from being asked again."""
    return Timer.objects.create(
        room=made.room,
        seat=machine(made),
        kind=TimerKind.REPLY,
        key=f"waits:{made.code}",
        due_at=clock.now(),
        wake_at=clock.now() + dt.timedelta(days=999),
        payload=PendingReply(failing_since=clock.now(), n_failed=1).to_json(),
    )


def count() -> None:
    """Count the whole log."""
    Counter().count_all()


def counted(made: MadeRoom) -> MachineHealth:
    """The health of a room's machine, after the whole log was counted."""
    count()
    return MachineHealth.objects.select_related("profile__study").get(profile=machine(made).profile)


def forget_others() -> None:
    """Have no machine of another test fail, and no alert of it wait."""
    count()
    FailedReply.objects.all().delete()
    questions = Timer.objects.filter(payload__contains="failing_since", done_at__isnull=True)
    questions.update(done_at=clock.now(), outcome="test")
    MachineHealth.objects.update(
        n_failed_in_a_row=0, unanswered_at=None, troubled_at=None, failing_since=None
    )
    Alert.objects.filter(done_at__isnull=True).update(done_at=clock.now(), outcome="test")
