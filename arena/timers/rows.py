"""What every timer handler needs: whether its row is open, settling it, acting exactly once."""

import datetime as dt
from collections.abc import Awaitable, Callable
from dataclasses import replace

from arena import clock
from arena.events import Decide, Decision, LiveRoom, append
from arena.models import Seat, Timer

Handler = Callable[[Timer], Awaitable[None]]


def seat_of(timer: Timer) -> Seat:
    """The seat that a timer is for, with its room and profile; ValueError if it is for none."""
    if timer.seat_id is None:
        raise ValueError(f"Timer {timer.key} is for no seat.")
    return Seat.objects.select_related("room", "profile__study").get(id=timer.seat_id)


def settle(timer: Timer, *, outcome: str) -> None:
    """Mark a timer done, unless it is already."""
    Timer.objects.filter(id=timer.id, done_at__isnull=True).update(
        done_at=clock.now(), outcome=outcome
    )


def postpone(timer: Timer, until: dt.datetime, **values: object) -> None:
    """Reschedule a timer; its attempts are counted from 0 again. Nothing if the lease was lost."""
    mine = Timer.objects.filter(id=timer.id, wake_at=timer.wake_at, done_at__isnull=True)
    mine.update(wake_at=until, attempts=0, **values)


def once(decide: Decide) -> Handler:
    """A handler that applies `decide` exactly once, however often the timer is leased."""

    async def handle(timer: Timer) -> None:
        def decide_and_settle(room: LiveRoom, now: dt.datetime) -> Decision:
            if not room.is_open(timer):  # closed since it was leased
                return Decision()
            decision = decide(room, now)
            done = {timer.id: {"done_at": now, "outcome": "done"}}
            return replace(decision, settle={**done, **decision.settle})

        command_id = f"timer:{timer.id}"
        await append(timer.room_id, decide_and_settle, command_id=command_id, timers=(timer,))

    return handle
