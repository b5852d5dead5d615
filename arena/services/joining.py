"""From an invitation link to a seat: one claim, bound to one browser."""

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


def claim_seat(token: str, secret: str | None, *, participant: str | None = None) -> ClaimedSeat:
    """Bind a seat to the browser that confirms first; that browser may confirm again."""
    seat = _invited(token)
    if secret is not None and (own := _seat_of_browser(seat.room.code, secret)) is not None:
        if own.id != seat.id:
            raise SeatConflict
        return _claimed_seat(own, secret)
    fresh = secrets.token_urlsafe(32)
    return _claimed_seat(_take(seat, fresh, participant=participant), fresh)


def find_return(token: str) -> Invite:
    """Describe the seat of a return link without touching it."""
    return _invite(_returning(token))


def move_seat(token: str, secret: str | None) -> ClaimedSeat:
    """Move a seat to the browser that confirms its return link; the one before loses it."""
    seat = _returning(token)
    if secret is not None and (own := _seat_of_browser(seat.room.code, secret)) is not None:
        if own.id != seat.id:
            raise SeatConflict
        return _claimed_seat(own, secret)
    fresh = secrets.token_urlsafe(32)

    def decide(room: LiveRoom, now: dt.datetime) -> Decision:
        if room.seats[seat.id].return_hash != invites.digest(token):
            raise ReturnUnknown
        claimed = Claimed(participant=seat.person.code, again=True)
        return Decision(
            events=(Draft(seat=seat.actor, body=claimed),),
            seats={seat.id: {"claim_hash": invites.digest(fresh)}},
        )

    append_now(seat.room_id, decide, seat=seat.actor)
    return _claimed_seat(seat, fresh)


def seat_for(code: str, secret: str | None) -> Seat:
    """The seat that a browser's secret opens in a room."""
    seat = _seat_of_browser(code, secret) if secret else None
    if seat is None:
        raise SeatUnknown
    return seat


def seat_by_token(code: str, token: str) -> Seat:
    """The seat that a token opens for a client without cookies; its first use claims the seat."""
    try:
        seat = _invited(token)
    except InviteUnknown:
        raise SeatUnknown from None
    if seat.room.code != code:
        raise SeatUnknown
    if not seat.claim_hash:
        return _take(seat, token, participant=None)
    if not hmac.compare_digest(seat.claim_hash, invites.digest(token)):
        raise SeatClaimed
    return seat


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


def _take(seat: Seat, secret: str, *, participant: str | None) -> Seat:
    person = _person(participant)

    def decide(room: LiveRoom, now: dt.datetime) -> Decision:
        if room.seats[seat.id].claim_hash:
            raise SeatClaimed
        values: dict[str, object] = {
            "claim_hash": invites.digest(secret),
            "claimed_at": now,
            "participant_id": person.id,
        }
        return Decision(
            events=(Draft(seat=seat.actor, body=Claimed(participant=person.code)),),
            seats={seat.id: values},
        )

    append_now(seat.room_id, decide, seat=seat.actor)
    return seat_for(seat.room.code, secret)


def _person(code: str | None) -> Participant:
    """The participant a browser is known as, or a new one."""
    known = Participant.objects.filter(code=code).first() if code else None
    return known or Participant.objects.create(
        code=f"p-{secrets.token_hex(5)}", created_at=clock.now()
    )


def _claimed_seat(seat: Seat, secret: str) -> ClaimedSeat:
    return ClaimedSeat(room_code=seat.room.code, secret=secret, participant=seat.person.code)
