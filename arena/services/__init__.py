"""What people and machines can do: host a study, take a seat, play, and be debriefed.

Each function decides on the locked room and hands the outcome to `arena.events`; none writes by
itself. Sockets call the functions of `playing`; pages and commands call the rest.
"""

from arena.services.debriefing import answer_exit, ask_for_help, has_done, withdraw
from arena.services.hosting import (
    create_rooms,
    create_study,
    end,
    link_token,
    pause,
    reissue,
    resume,
    unseal,
)
from arena.services.joining import (
    ClaimedSeat,
    Invite,
    claim_of,
    claim_seat,
    find_invite,
    find_return,
    move_seat,
    seat_by_token,
    seat_for,
)

__all__ = [
    "ClaimedSeat",
    "Invite",
    "answer_exit",
    "ask_for_help",
    "claim_of",
    "claim_seat",
    "create_rooms",
    "create_study",
    "end",
    "find_invite",
    "find_return",
    "has_done",
    "link_token",
    "move_seat",
    "pause",
    "reissue",
    "resume",
    "seat_by_token",
    "seat_for",
    "unseal",
    "withdraw",
]
