"""What a person can do besides playing: ask for help, answer the exit questions, withdraw."""

import datetime as dt

from arena.errors import RoomPhaseWrong
from arena.event_kinds import Exit, Help, Left
from arena.events import Decision, Draft, LiveRoom, append_now
from arena.models import Event, Room, Seat
from arena.rules import EndReason, Phase
from arena.services import seat_settings
from arena.services.ending import ending
from arena.text import normalise

#: How long a free answer may be, in characters.
ANSWER_CHARS = 4_000


def ask_for_help(seat: Seat, *, text: str, command_id: str | None = None) -> None:
    """Tell the host that somebody needs help; no other seat learns of it."""
    asked = Draft(seat=seat.actor, body=Help(text=normalise(text)[:ANSWER_CHARS]))

    def decide(room: LiveRoom, now: dt.datetime) -> Decision:
        return Decision(events=(asked,))

    append_now(seat.room_id, decide, seat=seat.actor, command_id=command_id)


def has_done(seat: Seat, command_id: str) -> bool:
    """Whether the log has what a seat asked for under this id."""
    return Event.objects.filter(room=seat.room_id, seat=seat.actor, command_id=command_id).exists()


def answer_exit(seat: Seat, *, answers: dict[str, str]) -> None:
    """Store a seat's exit answers, once."""
    shown = {key: normalise(answer)[:ANSWER_CHARS] for key, answer in answers.items()}

    def decide(room: LiveRoom, now: dt.datetime) -> Decision:
        if not is_over(seat, room):
            raise RoomPhaseWrong(room.phase, "it has ended")
        draft = Draft(seat=seat.actor, body=Exit(answers=shown))
        return Decision(events=(draft,))

    append_now(seat.room_id, decide, seat=seat.actor, command_id="exit")


def is_over(seat: Seat, room: LiveRoom | Room) -> bool:
    """Whether a seat's part in the room is over."""
    return room.phase == Phase.ENDED or (seat.stand_in and room.phase != Phase.LOBBY)


def withdraw(seat: Seat, *, erase: bool, command_id: str | None = None) -> None:
    """Take a person out of the study; with `erase`, their words leave the log for good.

    The hashes of what was erased stay, so that the rest of the room still proves itself.
    """
    erase_seat = seat.actor if erase else None
    draft = Draft(seat=seat.actor, body=Left(withdrawn=True, erased=erase))

    def decide(room: LiveRoom, now: dt.datetime) -> Decision:
        if is_over(seat, room):
            return Decision(events=(draft,), erase_seat=erase_seat)
        by = "" if seat.stand_in else seat.actor
        return ending(
            room,
            now,
            reason=EndReason.WITHDRAWN,
            first=(draft,),
            by=by,
            erase_seat=erase_seat,
        )

    append_now(seat.room_id, decide, seat=seat.actor, command_id=command_id)
    if erase and seat.participant is not None:
        seat_settings.delete_settings(seat.participant)
