"""Rehearsals: whole rooms played by scripted people before anybody is invited.

The server, its database, its sockets and its timers are the real ones, on a clock that may run
faster; only the people are scripted, and a fake provider answers for models that cost money,
unless the real ones are asked for.
"""

from arena.rehearsal.faults import Fault, Finding
from arena.rehearsal.rehearsing import MAX_SPEED, Rehearsal, rehearse, usual_speed
from arena.rehearsal.report_text import format_report
from arena.rehearsal.spending import SpendingLimit
from arena.rehearsal.stage import RehearsalBroken

__all__ = [
    "MAX_SPEED",
    "Fault",
    "Finding",
    "Rehearsal",
    "RehearsalBroken",
    "SpendingLimit",
    "format_report",
    "rehearse",
    "usual_speed",
]
