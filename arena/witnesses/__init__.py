"""A machine witness: notices a message, generates a reply, and sends it when a person might.

A reply is generated when the message is noticed, stored on its timer and released when it is due,
so the wait absorbs the model's latency and survives a restart. A failure is an event and silence;
nothing of it reaches the interrogator.
"""

from arena.rules import TimerKind
from arena.timers.rows import Handler
from arena.witnesses.answering import attend
from arena.witnesses.initiative import write_first

__all__ = ["HANDLERS", "attend"]

HANDLERS: dict[TimerKind, Handler] = {
    TimerKind.REPLY: attend,
    TimerKind.INITIATIVE: write_first,
}
