"""A machine witness: notices a message, generates a reply, and sends it when a person might.

A reply is generated when the message is noticed, stored on its timer and released when it is due,
so the wait absorbs the model's latency and survives a restart. A failure is an event, and another
try; the interrogator may notice a late answer, or a room that its study's rule stops.
"""

from arena.rules import TimerKind
from arena.timers.rows import Handler
from arena.witnesses.answering import attend
from arena.witnesses.initiative import write_first
from arena.witnesses.restarting import try_again

__all__ = ["HANDLERS", "attend", "try_again"]

HANDLERS: dict[TimerKind, Handler] = {
    TimerKind.REPLY: attend,
    TimerKind.INITIATIVE: write_first,
}
