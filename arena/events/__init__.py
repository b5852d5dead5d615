"""The only writer of the log. Nothing else creates an event, moves a room or settles a timer.

Each process runs one writer thread. What rooms append while a commit runs goes into the next
commit, together; a lone message waits for nobody. Only after the commit is a caller answered and
the doorbell rung.
"""

from arena.events.decisions import Appended, Decide, Decision, Draft, TimerDraft
from arena.events.live_room import Interruption, LiveRoom
from arena.events.live_room import read as read_room
from arena.events.logged import LogEntry, after, listed
from arena.events.stored import body_of, chain_lines, hashed_fields
from arena.events.writer import append, append_now, open_room, stop

__all__ = [
    "Appended",
    "Decide",
    "Decision",
    "Draft",
    "Interruption",
    "LiveRoom",
    "LogEntry",
    "TimerDraft",
    "after",
    "append",
    "append_now",
    "body_of",
    "chain_lines",
    "hashed_fields",
    "listed",
    "open_room",
    "read_room",
    "stop",
]
