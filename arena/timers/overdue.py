"""Reschedules what machines owe after an interruption: as people come back, and not in a burst."""

import datetime as dt
import logging
import random
from collections.abc import Collection

from django.db import transaction
from django.db.models import Q

from arena import clock
from arena.models import Room, Timer
from arena.rules import TimerKind
from arena.timers import catch_up, reconnecting

log = logging.getLogger(__name__)

#: Timers that end in a message. All others, deadlines above all, are carried out at once.
SPOKEN = frozenset({TimerKind.REPLY, TimerKind.INITIATIVE})
#: An outage is never shorter than this in real time, however fast a rehearsal's clock runs.
LEAST = dt.timedelta(seconds=5)
BATCH = 100


def outage() -> dt.timedelta:
    """How late a timer must be to count as delayed by an outage, on this process's clock."""
    return max(catch_up.OUTAGE, clock.simulated(LEAST))


def spread(
    back_at: dt.datetime,
    *,
    rng: random.Random,
    free_at: catch_up.FreeAt = catch_up.at_any_time,
    down_s: float = 0.0,
) -> int:
    """Reschedule the messages that seats owe since an outage; return how many there were.

    `down_s` is for how long (real s) the sockets of this process had been cut; 0 if they were not.
    """
    waiting = Timer.objects.filter(done_at__isnull=True, kind__in=list(SPOKEN), seat__isnull=False)
    late = waiting.filter(due_at__lt=back_at - outage(), wake_at__lte=back_at)
    if not late.exists():
        return 0
    with transaction.atomic():
        # The rows are locked, not skipped: a second loop that comes back finds them put off.
        rows = waiting.filter(seat__in=late.values("seat"), wake_at__lte=back_at)
        owed = {row.id: row for row in rows.select_for_update().order_by("id")}
        ends = _ends(owed.values())
        times = catch_up.plan(
            (
                _owed(row, seat=row.seat_id, until=ends[row.room_id])
                for row in owed.values()
                if row.seat_id is not None
            ),
            back_at=back_at,
            rng=rng,
            free_at=free_at,
            page_back=lambda: _page_back(down_s, rng=rng),
        )
        for row in owed.values():
            row.due_at = row.wake_at = times[row.id]
            row.n_spread += 1
        Timer.objects.bulk_update(
            owed.values(), ["due_at", "wake_at", "n_spread"], batch_size=BATCH
        )
    if owed:
        log.warning("After an outage, %d overdue messages of machines are spread out", len(owed))
    return len(owed)


def await_pages(back_at: dt.datetime, *, down_s: float, rng: random.Random) -> int:
    """Have each seat write no sooner than a page would be back whose line was cut for `down_s`.

    What is due after that is left as it is. Returns how many messages there were.
    """
    longest_s = (1 + reconnecting.JITTER) * reconnecting.LONGEST_S
    until = back_at + clock.simulated(dt.timedelta(seconds=longest_s))
    soon = Timer.objects.filter(done_at__isnull=True, kind__in=list(SPOKEN), seat__isnull=False)
    # What is being generated is left alone: its owner may live, and moving its row ends the lease.
    soon = soon.filter(Q(attempts=0) | Q(prepared=True), wake_at__lt=until)
    with transaction.atomic():
        rows = soon.select_for_update().order_by("due_at", "id")
        pages: dict[int, dt.datetime] = {}
        moved = []
        for row in rows:
            at = pages.setdefault(row.seat_id or 0, back_at + _page_back(down_s, rng=rng))
            if row.wake_at < at:
                row.wake_at = at
                row.due_at = max(row.due_at, at)
                moved.append(row)
                # Those that waited go out one after the other.
                pages[row.seat_id or 0] = at + dt.timedelta(milliseconds=rng.uniform(2, 20))
        Timer.objects.bulk_update(moved, ["due_at", "wake_at"], batch_size=BATCH)
    return len(moved)


def _page_back(down_s: float, *, rng: random.Random) -> dt.timedelta:
    """A draw of when a page is back, in the time of the rooms."""
    if down_s <= 0:
        return dt.timedelta(0)
    seconds = reconnecting.back_s(down_s, rng=rng)
    return clock.simulated(dt.timedelta(seconds=seconds))


def _ends(rows: Collection[Timer]) -> dict[int, dt.datetime | None]:
    """By when the witnesses of each room must have written."""
    rooms = Room.objects.filter(id__in={row.room_id for row in rows})
    return {
        id: min((at for at in ends if at is not None), default=None)
        for id, *ends in rooms.values_list("id", "ends_at", "round_ends_at")
    }


def _owed(row: Timer, *, seat: int, until: dt.datetime | None) -> catch_up.Owed:
    return catch_up.Owed(
        id=row.id,
        seat=seat,
        due_at=row.due_at,
        until=until,
        prepared=row.prepared,
        n_spread=row.n_spread,
    )
