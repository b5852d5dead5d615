"""The timers that need nobody but the room's own rules."""

from arena.rules import TimerKind
from arena.services import delay_line, ending, rounds
from arena.timers.rows import Handler, once

HANDLERS: dict[TimerKind, Handler] = {
    TimerKind.TIME_UP: once(ending.time_up),
    TimerKind.VERDICT_GRACE: once(ending.grace_over),
    TimerKind.LOBBY: once(ending.lobby_over),
    TimerKind.ROUND: once(rounds.over),
    TimerKind.RELEASE: delay_line.release,
}
