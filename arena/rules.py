"""The closed sets of the arena and the rules of a room's life. Knows no framework and no clock."""

from enum import StrEnum

#: Under which word a sealed assignment holds what was drawn for the machine's persona.
SEALED_PERSONA = "persona"


class Format(StrEnum):
    TWO_PARTY = "two_party"
    THREE_PARTY = "three_party"


class Phase(StrEnum):
    LOBBY = "lobby"
    LIVE = "live"
    PAUSED = "paused"
    ENDED = "ended"


class EndReason(StrEnum):
    VERDICT = "verdict"
    TIME_UP = "time_up"
    WITHDRAWN = "withdrawn"
    DROPPED_OUT = "dropped_out"
    NO_SHOW = "no_show"
    TECHNICAL = "technical"


class Kind(StrEnum):
    HUMAN = "human"
    MACHINE = "machine"


class SeatName(StrEnum):
    INTERROGATOR = "interrogator"
    A = "A"
    B = "B"


class Speaker(StrEnum):
    """Who wrote a message of a pane, as the machine behind it is told."""

    INTERROGATOR = "interrogator"
    ME = "me"


class EventKind(StrEnum):
    SEALED = "sealed"
    CLAIMED = "claimed"
    READY = "ready"
    STARTED = "started"
    MESSAGE = "message"
    HELD = "held"
    TYPED = "typed"
    ROUND = "round"
    BELIEF = "belief"
    BELIEF_ASKED = "belief_asked"
    TAG = "tag"
    VERDICT = "verdict"
    LEFT = "left"
    PAUSED = "paused"
    RESUMED = "resumed"
    TIME_UP = "time_up"
    ENDED = "ended"
    REVEALED = "revealed"
    UNSEALED = "unsealed"
    MACHINE_CALL = "machine_call"
    WITHHELD = "withheld"
    GAVE_UP = "gave_up"
    CLAIMS = "claims"
    SUMMARY = "summary"
    REMINDED = "reminded"
    AWAY = "away"
    BACK = "back"
    HELP = "help"
    EXIT = "exit"


class TimerKind(StrEnum):
    REPLY = "reply"
    TIME_UP = "time_up"
    VERDICT_GRACE = "verdict_grace"
    LOBBY = "lobby"
    ROUND = "round"
    RELEASE = "release"
    BELIEF = "belief"
    INITIATIVE = "initiative"
    MEMORY = "memory"
    REMINDER = "reminder"
    DROP_OUT = "drop_out"


def panes(format: Format) -> tuple[str, ...]:
    """The panes an interrogator sees in a room of this format."""
    return ("A", "B") if format == Format.THREE_PARTY else ("A",)
