"""The seats of witnesses and who plays them: neither ever changes, so a process reads them once."""

from dataclasses import dataclass

from arena import database
from arena.models import Seat, Timer
from arena.queries.personas import imitated_by, profile_of
from arena.studies.design import ProfileSpec
from arena.timers.rows import seat_of

#: How many seats a process keeps.
MOST = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Player:
    """A machine in its seat, or in a person's the one that is imitated.

    The seat's room is as it was when it was first read.
    """

    seat: Seat
    profile: ProfileSpec


_kept: dict[int, Player] = {}


async def player(timer: Timer) -> Player:
    """Whom a machine's timer is for."""
    kept = _kept.get(timer.seat_id or 0)
    return await database.run(player_now, timer) if kept is None else kept


def player_now(timer: Timer) -> Player:
    """`player` for code that does not run on the event loop."""
    if (kept := _kept.get(timer.seat_id or 0)) is not None:
        return kept
    if len(_kept) >= MOST:
        _kept.clear()
    seat = seat_of(timer)
    return _kept.setdefault(
        seat.id, Player(seat=seat, profile=profile_of(seat) or imitated_by(seat))
    )
