"""Which rooms of a study an agent may interrogate, and the playing of them, side by side."""

import asyncio
import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from arena import backends, invites
from arena.agents.interrogator import AgentInterrogator, Manners, Played
from arena.agents.minds import RETRY_S, Mind, MindProfile
from arena.errors import ArenaError
from arena.models import Seat, Study
from arena.rehearsal.connection import SeatConnection
from arena.rules import Phase, SeatName
from arena.studies.design import Budget, StudyFile


class RoomsUnplayable(ArenaError):
    """There are no rooms as they were asked for."""

    code = "agent.rooms"


#: What a room may cost unless its host says otherwise.
BUDGET = Budget(calls=200, tokens=2_000_000, cost_usd=5.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plays:
    """How an agent plays: as many turns as this, in each room on this budget."""

    turns: int = 30
    budget: Budget = BUDGET
    settle_s: float = 2.0
    #: The shortest time (s) between two turns; None spreads them over the room.
    gap_s: float | None = None
    #: For how long (s) an answer is waited for; None goes by the length of the room.
    patience_s: float | None = None
    retry_s: float = RETRY_S


PLAYS = Plays()
_LONGEST_PATIENCE_S = 90.0
#: The share of a room over which the turns are spread.
_SPREAD = 0.8


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomToPlay:
    code: str
    token: str


def rooms_to_play(
    study: Study, *, agent: str, n: int | None = None, code: str | None = None
) -> list[RoomToPlay]:
    """The rooms that this agent has begun, or whose interrogator nobody is yet."""
    seats = Seat.objects.filter(room__study=study, name=SeatName.INTERROGATOR)
    seats = seats.exclude(room__phase=Phase.ENDED).select_related("room").order_by("room_id")
    if code is not None:
        seats = seats.filter(room__code=code)
    mine = [seat for seat in seats if _is_playable(seat, agent)]
    if code is not None and not mine:
        raise RoomsUnplayable(
            f"Room {code!r} of study {study.slug} has no free interrogator. Expected a room that "
            "has not ended and whose link nobody has used. Create one with `study create`."
        )
    wanted = 1 if n is None else n
    if len(mine) < wanted:
        raise RoomsUnplayable(
            f"Study {study.slug} has {len(mine)} rooms without an interrogator; {wanted} were "
            "asked for. Create more with `study create FILE --rooms N`, or ask for fewer."
        )
    return [
        RoomToPlay(code=seat.room.code, token=invites.token(seat.token_seed))
        for seat in mine[:wanted]
    ]


def _is_playable(seat: Seat, agent: str) -> bool:
    """Whether its link still opens a seat: unused, or used by this very program."""
    if not seat.token_seed:
        return False
    by_token = seat.claim_hash == invites.digest(invites.token(seat.token_seed))
    return not seat.claim_hash or (seat.agent == agent and by_token)


async def interrogate(
    rooms: Sequence[RoomToPlay],
    *,
    design: StudyFile,
    site: str,
    profile: MindProfile,
    plays: Plays = PLAYS,
) -> list[Played]:
    """Play some rooms at once, against the site that serves them; raise if one cannot be played."""
    await _check_reachable(site)
    try:
        await Mind(profile, plays.budget).greet()  # one that does not answer takes no seat
        playing = (
            _play(room, design=design, site=site, profile=profile, plays=plays) for room in rooms
        )
        ends = await asyncio.gather(*playing, return_exceptions=True)
    finally:
        await backends.close()
    for end in ends:
        if isinstance(end, BaseException):
            raise end
    return [end for end in ends if isinstance(end, Played)]


async def _play(
    room: RoomToPlay, *, design: StudyFile, site: str, profile: MindProfile, plays: Plays
) -> Played:
    line = SeatConnection(_socket(site, room.code), room.token, agent=profile.name)
    running = asyncio.create_task(line.run())
    mind = Mind(profile, plays.budget, retry_s=plays.retry_s)
    agent = AgentInterrogator(line, mind, design=design, manners=_manners(design, plays))
    try:
        return await agent.play(room.code)
    finally:
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running


def _manners(design: StudyFile, plays: Plays) -> Manners:
    gap_s = _SPREAD * design.duration_s / plays.turns if plays.gap_s is None else plays.gap_s
    if design.attendance is not None:  # who asks less often is reminded, and then dropped
        gap_s = min(gap_s, design.attendance.cadence_s / 2)
    usual_s = max(gap_s, min(_LONGEST_PATIENCE_S, design.duration_s / 4))
    return Manners(
        turns=plays.turns,
        gap_s=gap_s,
        patience_s=usual_s if plays.patience_s is None else plays.patience_s,
        settle_s=plays.settle_s,
    )


def _socket(site: str, code: str) -> str:
    parts = urlsplit(site)
    scheme = "wss" if parts.scheme == "https" else "ws"
    return f"{scheme}://{parts.netloc}{parts.path.rstrip('/')}/ws/room/{code}/"


async def _check_reachable(site: str) -> None:
    parts = urlsplit(site)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    try:
        async with asyncio.timeout(10):
            _, writer = await asyncio.open_connection(parts.hostname, port)
    except (OSError, TimeoutError) as error:
        raise RoomsUnplayable(
            f"No server answers at {site} ({error or 'no answer in 10 s'}). Expected the site that "
            "serves the rooms. Start it with `manage.py serve`, or name it with --url."
        ) from None
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()
