"""Every error that a person or a client of the arena can get, each with a stable `code`.

ArenaError
├── InviteUnknown, ReturnUnknown, SeatClaimed, SeatConflict, SeatUnknown    joining
├── AwayRefused                                                  attendance
├── RoomNotLive, RoomStarted, RoomPaused, RoomEnded, TimeIsUp, VerdictExists,
│   RoundOpen, RoundClosed                                        phases
├── MessageEmpty, MessageTooLong, PaneUnknown, EventUnknown,
│   StrategyUnknown, VerdictShape                                commands
├── ConsentMismatch, NotForThisSeat
├── LogBusy                                                      the writer's queue is full
└── StudyExists, StudyUnknown, RoomPhaseWrong                     hosts and commands

The text of an error may change; its code may not. What a seat reads never depends on the kind
of a witness.
"""

from typing import ClassVar


class ArenaError(Exception):
    """An expected refusal: the message is a full sentence for the person who caused it."""

    code: ClassVar[str] = "arena.error"


class InviteUnknown(ArenaError):
    code = "invite.unknown"

    def __init__(self) -> None:
        super().__init__(
            "This invitation is not known here. Check that the whole link was copied, or ask the "
            "host of the study for a new one."
        )


class ReturnUnknown(ArenaError):
    code = "return.unknown"

    def __init__(self) -> None:
        super().__init__(
            "This link does not work here any more: each reminder's link works until the next "
            "reminder brings a new one. Use the link in your newest reminder, go back to the "
            "browser you used last, or ask the host of the study for a new link."
        )


class SeatClaimed(ArenaError):
    code = "seat.claimed"

    def __init__(self) -> None:
        super().__init__(
            "This invitation has already been used in another browser. Go back to that browser and "
            "open the link there. If that is not possible, use the link in your newest reminder, "
            "if your study sends reminders; it brings your seat to the browser you open it in. Or "
            "ask the host of the study to issue a new link."
        )


class SeatConflict(ArenaError):
    code = "seat.conflict"

    def __init__(self) -> None:
        super().__init__(
            "This browser already holds another seat in the same room. Open this link in another "
            "browser or in a private window."
        )


class SeatUnknown(ArenaError):
    code = "seat.unknown"

    def __init__(self) -> None:
        super().__init__(
            "You have no seat in this room in this browser. If you opened it in another browser, "
            "go on there. To come back to this one, open the newest link you were given; if that "
            "does not open the seat, ask the host of the study for a new one."
        )


class AgentRefused(ArenaError):
    code = "agent.refused"

    def __init__(self, agent: str, expected: str) -> None:
        super().__init__(f"The header Agent is {agent[:120]!r}. Expected {expected}.")


class RoomNotLive(ArenaError):
    code = "room.not_live"

    def __init__(self) -> None:
        super().__init__("The room has not started yet. It starts when everybody is ready.")


class RoomStarted(ArenaError):
    code = "room.started"

    def __init__(self) -> None:
        super().__init__("The room has already started, so nobody needs to be ready any more.")


class RoomPaused(ArenaError):
    code = "room.paused"

    def __init__(self) -> None:
        super().__init__("The room is paused. It goes on when the host resumes it.")


class RoomEnded(ArenaError):
    code = "room.ended"

    def __init__(self) -> None:
        super().__init__("The room has ended, so nothing more can be sent.")


class TimeIsUp(ArenaError):
    code = "room.time_up"

    def __init__(self) -> None:
        super().__init__("Time is up, so no more messages can be sent.")


class RoundOpen(ArenaError):
    code = "round.open"

    def __init__(self, ends_at: object) -> None:
        super().__init__(
            "This witness has already been asked in this round. The answers come together when "
            f"the round is over, at {ends_at:%H:%M:%S} UTC; ask again then."
        )


class RoundClosed(ArenaError):
    code = "round.closed"

    def __init__(self) -> None:
        super().__init__(
            "There is no question to answer at the moment. Answer when the interrogator's next "
            "message is there."
        )


class VerdictExists(ArenaError):
    code = "room.verdict_exists"

    def __init__(self) -> None:
        super().__init__("This room already has a verdict; a verdict cannot be changed.")


class MessageEmpty(ArenaError):
    code = "message.empty"

    def __init__(self) -> None:
        super().__init__("The message has no visible character. Write something and send it again.")


class MessageTooLong(ArenaError):
    code = "message.too_long"

    def __init__(self, n_chars: int, limit: int) -> None:
        super().__init__(
            f"The message has {n_chars} characters, but this study allows {limit}. "
            "Shorten it or send it in parts."
        )


class PaneUnknown(ArenaError):
    code = "pane.unknown"

    def __init__(self, pane: str | None, panes: tuple[str, ...]) -> None:
        named = f"Pane {pane!r} is not one of yours" if pane else "The message names no pane"
        super().__init__(f"{named}. Expected {' or '.join(panes) or 'no pane at all'}.")


class EventUnknown(ArenaError):
    code = "event.unknown"

    def __init__(self, event: str) -> None:
        super().__init__(
            f"Event {event!r} is not one that this seat has seen and can refer to. "
            "Use the id of an event of this room."
        )


class StrategyUnknown(ArenaError):
    code = "strategy.unknown"

    def __init__(self, strategy: str) -> None:
        super().__init__(
            f"Strategy {strategy!r} is not in this study's list. Use the ids the study names."
        )


class VerdictShape(ArenaError):
    code = "verdict.shape"

    def __init__(self, human: object, expected: str) -> None:
        super().__init__(f"A verdict here names the human as {expected}, not {human!r}.")


class ConsentMismatch(ArenaError):
    code = "consent.mismatch"

    def __init__(self) -> None:
        super().__init__(
            "The consent hash does not belong to this study's consent text. Read the text that the "
            "room shows and send its hash."
        )


class NotForThisSeat(ArenaError):
    code = "seat.not_allowed"

    def __init__(self, command: str) -> None:
        super().__init__(f"The command {command!r} is not for this seat.")


class AwayRefused(ArenaError):
    code = "away.refused"

    def __init__(self, why: str) -> None:
        super().__init__(why)


class SeatCrowded(ArenaError):
    code = "seat.crowded"

    def __init__(self, most: int) -> None:
        super().__init__(
            f"This seat is open in more than {most} windows, and this is the oldest of them. Close "
            "the others, then load this page again."
        )


class LogBusy(ArenaError):
    code = "log.busy"

    def __init__(self) -> None:
        super().__init__("The server is busy and has not stored this. Send it again in a moment.")


class StudyExists(ArenaError):
    code = "study.exists"

    def __init__(self, slug: str) -> None:
        super().__init__(
            f"A study {slug!r} with other contents exists already. A study is frozen once it is "
            "created: give the changed one a new name in its `study` key."
        )


class StudyUnknown(ArenaError):
    code = "study.unknown"

    def __init__(self, slug: str, known: list[str]) -> None:
        super().__init__(
            f"There is no study {slug!r}. Studies here: {', '.join(known) or 'none yet'}."
        )


class ReasonMissing(ArenaError):
    code = "reason.missing"

    def __init__(self, act: str) -> None:
        super().__init__(
            f"The reason to {act} is empty; say in a few words why: the room's log keeps it."
        )


class RoomPhaseWrong(ArenaError):
    code = "room.phase"

    def __init__(self, phase: str, expected: str) -> None:
        super().__init__(
            f"The room is in its {phase!r} phase; this can only be done when {expected}."
        )
