"""What the log holds for a machine's seat: kept in memory, and read on from where it ended.

The log only grows, so what was read stays true and only what came since is read again: a reply
costs as much in the thousandth turn as in the first. The one exception is erasure, after which
everything is read anew; the log says when.
"""

import datetime as dt
import threading
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from django.db.models import Q

from arena.event_kinds import MachineCall
from arena.events import body_of
from arena.models import Event, Seat, Timer
from arena.queries import sight
from arena.rules import EventKind
from arena.timers.payloads import ScheduledReply, reply_plan
from arena.witnesses.memory.call_log import NOTHING_SPENT, Spending
from arena.witnesses.memory.claims import NO_MEMORY, Memory
from arena.witnesses.memory.context import PaneMessage
from arena.witnesses.memory.reading import gather, line

#: How many messages are kept in all, of the seats that were used last.
MOST_LINES = 200_000
_OWN = (EventKind.MACHINE_CALL, EventKind.CLAIMS, EventKind.SUMMARY)
#: Somebody may leave with all that was said, and what machines remember of it.
_OF_THE_ROOM = (EventKind.RESUMED, EventKind.LEFT)
#: How a message says which timer it came from.
BY_TIMER = "timer:"


@dataclass(frozen=True, slots=True, kw_only=True)
class SeatLog:
    """The log of a room as far as it concerns a machine's seat, up to event `upto`."""

    upto: int = 0
    lines: tuple[PaneMessage, ...] = ()  # of its pane, oldest first, as a person would see them
    memory: Memory = NO_MEMORY
    spending: Spending = NOTHING_SPENT
    answered: int = 0  # seq of the last message that was answered
    resumed_at: dt.datetime | None = None


def seat_log(seat: Seat) -> SeatLog:
    """What the log holds for a seat now."""
    held = _kept.get(seat.id)
    new = _after(seat, held.upto)
    if held.upto and any(event.kind == EventKind.LEFT for event in new):
        held = SeatLog()
        new = _after(seat, 0)
    if new:
        held = _grown(held, new, seat)
        _kept.put(seat.id, held)
    return held


def _after(seat: Seat, seq: int) -> list[Event]:
    own = Q(seat=seat.actor, kind__in=_OWN)
    wanted = sight(seat).where | own | Q(kind__in=_OF_THE_ROOM)
    events = Event.objects.filter(wanted, room_id=seat.room_id, seq__gt=seq, body__isnull=False)
    return list(events.order_by("seq"))


def _grown(held: SeatLog, new: list[Event], seat: Seat) -> SeatLog:
    said = _of_kind(new, *sight(seat).kinds)
    calls = [body_of(event, MachineCall) for event in _of_kind(new, EventKind.MACHINE_CALL)]
    kept = _of_kind(new, EventKind.CLAIMS, EventKind.SUMMARY)
    resumed = [event.at for event in _of_kind(new, EventKind.RESUMED)]
    return replace(
        held,
        upto=new[-1].seq,
        lines=held.lines + tuple(map(line, said)),
        memory=gather(kept, before=held.memory),
        spending=held.spending.with_calls(call for call in calls if call is not None),
        answered=max(held.answered, *_answered(said, seat)),
        resumed_at=resumed[-1] if resumed else held.resumed_at,
    )


def _of_kind(events: Iterable[Event], *kinds: EventKind) -> list[Event]:
    return [event for event in events if event.kind in kinds]


def _answered(said: Iterable[Event], seat: Seat) -> Iterator[int]:
    """Up to which message each of the machine's own messages answered; 0 comes first."""
    yield 0
    own = [event.command_id or "" for event in said if event.seat == seat.actor]
    ids = [int(each.removeprefix(BY_TIMER)) for each in own if each.startswith(BY_TIMER)]
    timers = Timer.objects.filter(id__in=ids).only("key", "kind", "payload") if ids else ()
    for plan in map(reply_plan, timers):
        if isinstance(plan, ScheduledReply):
            yield plan.last_seq


class _Kept:
    """The logs of the seats that were used last."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._logs: OrderedDict[int, SeatLog] = OrderedDict()
        self._n_lines = 0

    def get(self, seat_id: int) -> SeatLog:
        with self._lock:
            if seat_id in self._logs:
                self._logs.move_to_end(seat_id)
            return self._logs.get(seat_id, SeatLog())

    def put(self, seat_id: int, log: SeatLog) -> None:
        with self._lock:
            self._n_lines += len(log.lines) - len(self._logs.get(seat_id, SeatLog()).lines)
            self._logs[seat_id] = log
            self._logs.move_to_end(seat_id)
            while self._n_lines > MOST_LINES and len(self._logs) > 1:
                _, oldest = self._logs.popitem(last=False)
                self._n_lines -= len(oldest.lines)


_kept = _Kept()
