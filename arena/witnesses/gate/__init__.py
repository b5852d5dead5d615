"""The gate that every reply of a machine passes before anybody sees it. Pure: no clock, no storage.

A rejected reply is generated again, at most `MAX_REGENERATIONS` times, each time with the
rejection's `advice` among the notes of the page; after that the witness stays silent, like a person
who does not answer. The rejection's detail is for the log: it never quotes what leaked.
"""

from arena.witnesses.gate.canaries import canary
from arena.witnesses.gate.rejections import ADVICE, MAX_REGENERATIONS, Reason, Rejection, rejection

__all__ = ["ADVICE", "MAX_REGENERATIONS", "Reason", "Rejection", "canary", "rejection"]
