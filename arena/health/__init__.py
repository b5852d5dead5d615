"""How machines fare: counted from the log, watched, and told when one fails. No room is named."""

from arena.health.alarms import (
    Channel,
    MachineState,
    Told,
    state_of,
    trouble_since,
)
from arena.health.counting import Counter, recount
from arena.health.figures import MachineFigures
from arena.health.tally import Trouble
from arena.health.waiting import waiting_since

__all__ = [
    "Channel",
    "Counter",
    "MachineFigures",
    "MachineState",
    "Told",
    "Trouble",
    "recount",
    "state_of",
    "trouble_since",
    "waiting_since",
]
