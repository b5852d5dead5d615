"""The gate that every reply of a machine passes before anybody sees it. Pure: no clock, no storage.

`as_typed` undoes what chat models write around a message. A rejected reply is generated again, at
most `MAX_REGENERATIONS` times, each time with the rejection's `advice_on` the draft among the notes
of the page; after that an `evasion` is said. The rejection's detail is for the log: it never quotes
what leaked.
"""

from arena.witnesses.gate.canaries import canary
from arena.witnesses.gate.evasions import evasion
from arena.witnesses.gate.heard import recently_heard
from arena.witnesses.gate.judge import Ruling, judge
from arena.witnesses.gate.rejections import ADVICE, MAX_REGENERATIONS, Reason, Rejection, rejection
from arena.witnesses.gate.typed import as_typed

__all__ = [
    "ADVICE",
    "MAX_REGENERATIONS",
    "Reason",
    "Rejection",
    "Ruling",
    "as_typed",
    "canary",
    "evasion",
    "judge",
    "recently_heard",
    "rejection",
]
