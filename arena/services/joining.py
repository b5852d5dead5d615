"""From an invitation link to a seat: one claim, bound to one browser.

A claim is known by its secret. Whoever confirms again with the secret that holds the seat is
answered as before and nothing is stored: a double click, a lost answer and a commit whose outcome
the database could not tell all come to this.
"""

import datetime as dt
import hmac
import secrets
from dataclasses import dataclass

from arena import clock, invites
from arena.errors import InviteUnknown, ReturnUnknown, SeatClaimed, SeatConflict, SeatUnknown
from arena.event_kinds import Claimed
from arena.events import Decision, Draft, LiveRoom, append_now
from arena.models import Participant, Seat
from arena.queries import study_file
from arena.services import agents


@dataclass(frozen=True, slots=True, kw_only=True)
class Invite:
    """What an invitation page may say before anything is claimed."""

    room_code: str
    title: str
    seat: str
    duration_s: int
    format: str
    claimed: bool
    simulated: bool
    contact: str
    has_reminders: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimedSeat:
    """A seat bound to a browser: its secret for the cookie, and the person's code."""

    room_code: str
    secret: str
    participant: str


def find_invite(token: str) -> Invite:
    """Describe an invitation without touching it."""
    return _invite(_invited(token))


def _invite(seat: Seat) -> Invite:
    design = study_file(seat.room)
    return Invite(
        room_code=seat.room.code,
        title=design.title,
        seat=seat.label,
        duration_s=design.duration_s,
        format=design.format,
        claimed=bool(seat.claim_hash),
        simulated=design.simulated,
        contact=design.contact,
        has_reminders=design.attendance is not None and bool(design.attendance.reminders_s),
    )


def claim_seat(
    token: str, secret: str | None, *, key: str | None = None, participant: str | None = None
) -> ClaimedSeat:
    """Bind a seat to the browser that confirms first; that browser may confirm again.

    `secret` is what the browser holds already, `key` what it got with the link's page.
    """
    seat = _invited(token)
    if (held := _held(seat, secret)) is not None:
        return held
    fresh = invites.browser_secret(token, key or invites.seed())
    return _claimed_seat(_take(seat, fresh, participant=participant), fresh)


def _held(seat: Seat, secret: str | None) -> ClaimedSeat | None:
    """The claim of a browser that has this seat; one that has another seat here is refused."""
    if not secret or (own := _seat_of_browser(seat.room.code, secret)) is None:
        return None
    if own.id != seat.id:
        raise SeatConflict
    return _claimed_seat(own, secret)


def find_return(token: str) -> Invite:
    """Describe the seat of a return link without touching it."""
    return _invite(_returning(token))


def move_seat(token: str, secret: str | None, *, key: str | None = None) -> ClaimedSeat:
    """Move a seat to the browser that confirms its return link; the one before loses it."""
    seat = _returning(token)
    if (held := _held(seat, secret)) is not None:
        return held
    fresh = invites.browser_secret(token, key or invites.seed())

    def decide(room: LiveRoom, now: dt.datetime) -> Decision:
        here = room.seats[seat.id]
        if here.claim_hash == invites.digest(fresh):
            return Decision()
        if here.return_hash != invites.digest(token):
            raise ReturnUnknown
        claimed = Claimed(participant=seat.person.code, again=True)
        return Decision(
            events=(Draft(seat=seat.actor, body=claimed),),
            seats={seat.id: {"claim_hash": invites.digest(fresh)}},
        )

    append_now(seat.room_id, decide, seat=seat.actor)
    return _claimed_seat(seat, fresh)


def claim_of(code: str, *, token: str, key: str) -> ClaimedSeat | None:
    """What confirming a link with this key has claimed, if that was done and still holds."""
    secret = invites.browser_secret(token, key)
    seat = _seat_of_browser(code, secret)
    return None if seat is None else _claimed_seat(seat, secret)


def seat_for(code: str, secret: str | None) -> Seat:
    """The seat that a browser's secret opens in a room."""
    seat = _seat_of_browser(code, secret) if secret else None
    if seat is None:
        raise SeatUnknown
    return seat


def seat_by_token(code: str, token: str, *, agent: str | None = None) -> Seat:
    """The seat that a token opens for a client without cookies; its first use claims the seat.

    A client that is a program in a person's place says so with `agent`, its name.
    """
    try:
        seat = _invited(token)
        if seat.room.code != code:
            raise SeatUnknown
        if agent is not None:
            agents.check(agent, seat)
        return _take(seat, token, participant=None, agent=agent)
    except InviteUnknown:
        raise SeatUnknown from None


def _invited(token: str) -> Seat:
    seats = Seat.objects.select_related("room", "room__study", "participant")
    seat = seats.filter(token_hash=invites.digest(token)).first()
    if seat is None:
        raise InviteUnknown
    return seat


def _returning(token: str) -> Seat:
    seats = Seat.objects.select_related("room", "room__study", "participant")
    seat = seats.filter(return_hash=invites.digest(token)).first()
    if seat is None:
        raise ReturnUnknown
    return seat


def _seat_of_browser(code: str, secret: str) -> Seat | None:
    seats = Seat.objects.select_related("room", "room__study", "participant")
    return seats.filter(room__code=code, claim_hash=invites.digest(secret)).first()


def _take(seat: Seat, secret: str, *, participant: str | None, agent: str | None = None) -> Seat:
    """Claim a seat with a secret, unless it is claimed with it already."""
    if _is_claimed(seat, secret) and agent in (None, seat.agent):
        return seat
    person, is_new = (agents.person(agent), False) if agent else _person(participant)

    def decide(room: LiveRoom, now: dt.datetime) -> Decision:
        here = room.seats[seat.id]
        if here.token_hash != seat.token_hash:  # a new link was made meanwhile
            raise InviteUnknown
        again = _is_claimed(here, secret)
        if again and agent in (None, here.agent):
            return Decision()
        values: dict[str, object] = {
            "claim_hash": invites.digest(secret),
            "claimed_at": here.claimed_at if again else now,
            "participant_id": person.id,
            "agent": agent or here.agent,
        }
        claimed = Claimed(participant=person.code, again=again, agent=agent)
        return Decision(
            events=(Draft(seat=seat.actor, body=claimed),),
            seats={seat.id: values},
        )

    try:
        append_now(seat.room_id, decide, seat=seat.actor)
    finally:
        if is_new:  # and without a seat if another confirmation came first
            Participant.objects.filter(id=person.id, seat=None).delete()
    return seat_for(seat.room.code, secret)


def _is_claimed(seat: Seat, secret: str) -> bool:
    """Whether a seat is claimed with this secret; one that is claimed with another is refused."""
    if not seat.claim_hash:
        return False
    if not hmac.compare_digest(seat.claim_hash, invites.digest(secret)):
        raise SeatClaimed
    return True


def _person(code: str | None) -> tuple[Participant, bool]:
    """The participant a browser is known as, or a new one, and which of the two it is."""
    known = Participant.objects.filter(code=code).first() if code else None
    if known is not None:
        return known, False
    new_code = f"p-{secrets.token_hex(5)}"
    return Participant.objects.create(code=new_code, created_at=clock.now()), True


def _claimed_seat(seat: Seat, secret: str) -> ClaimedSeat:
    return ClaimedSeat(room_code=seat.room.code, secret=secret, participant=seat.person.code)
