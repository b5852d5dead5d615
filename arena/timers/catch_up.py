"""When machines send the messages that fell due during an outage.

A person who finds a night's messages answers one conversation after the other. So does a machine:
its seats begin within some minutes, once a page of theirs would be back, and within a seat one
message follows the other. Pure functions of the overdue messages, the moment of the return and a
random source.
"""

import datetime as dt
import math
import random
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

#: A timer that is later than this was delayed by an outage.
OUTAGE = dt.timedelta(seconds=60)
#: The longest wait before a seat's first message, and its share of how long the outage was.
SPREAD = dt.timedelta(minutes=5)
SHARE = 0.25
#: Between two messages of a seat: log-normal around the median (s), and never less than the least.
_GAP_S, _GAP_SPREAD, LEAST_GAP_S = 25.0, 0.6, 4.0

#: When the persona of a seat may first write at or after a moment: not asleep, not away.
FreeAt = Callable[[int, dt.datetime], dt.datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class Owed:
    """An overdue message of a seat: its text is generated already (`prepared`), or not yet."""

    id: int
    seat: int
    due_at: dt.datetime
    until: dt.datetime | None  # when the seat can no longer write
    prepared: bool
    n_spread: int  # how many outages it has been put off by


def at_any_time(seat: int, at: dt.datetime) -> dt.datetime:
    """For seats whose persona has no calendar."""
    return at


def plan(
    owed: Iterable[Owed],
    *,
    back_at: dt.datetime,
    rng: random.Random,
    free_at: FreeAt = at_any_time,
    page_back: Callable[[], dt.timedelta] = dt.timedelta,
) -> dict[int, dt.datetime]:
    """Return the new due time of each message; those not generated yet share one.

    `page_back` draws how long after the return a person's page would be back.
    """
    by_seat: dict[int, list[Owed]] = defaultdict(list)
    for each in sorted(owed, key=lambda o: (o.due_at, o.id)):
        by_seat[each.seat].append(each)
    times: dict[int, dt.datetime] = {}
    for seat, messages in by_seat.items():
        wait = page_back() + _first_wait(messages, back_at=back_at, rng=rng)
        at = back_at + min(wait, _most(messages, back_at=back_at))
        for turn in _turns(messages):
            at = _to_ms(free_at(seat, at))
            times |= {each.id: at for each in turn}
            at += _gap(rng)
    return times


def _turns(messages: Sequence[Owed]) -> list[list[Owed]]:
    """The messages in order: one answer covers all that are not generated yet."""
    ungenerated = [each for each in messages if not each.prepared]
    return [[each] for each in messages if each.prepared] + ([ungenerated] if ungenerated else [])


def _first_wait(
    messages: Sequence[Owed], *, back_at: dt.datetime, rng: random.Random
) -> dt.timedelta:
    """Shorter after a short outage, before a near deadline, and each time it is put off again."""
    most = min(SPREAD, SHARE * (back_at - messages[0].due_at), _most(messages, back_at=back_at))
    halvings = min(min(each.n_spread for each in messages), 20)
    return rng.random() * 0.5**halvings * most


def _most(messages: Sequence[Owed], *, back_at: dt.datetime) -> dt.timedelta:
    """Half of the time in which a seat can still write."""
    ends = [each.until for each in messages if each.until is not None]
    return max(dt.timedelta(0), (min(ends) - back_at) / 2) if ends else dt.timedelta.max


def _gap(rng: random.Random) -> dt.timedelta:
    gap_s = rng.lognormvariate(math.log(_GAP_S), _GAP_SPREAD)
    return dt.timedelta(seconds=max(LEAST_GAP_S, gap_s))


def _to_ms(at: dt.datetime) -> dt.datetime:
    return at.replace(microsecond=at.microsecond // 1000 * 1000)
