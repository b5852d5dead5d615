"""The gate that every reply of a machine passes before anybody sees it. Pure: no clock, no storage.

A reply that meets an objection is asked for again, at most `MAX_REGENERATIONS` times, each time
with the objection's `advice` among the notes of the page; after that the witness stays silent, as
a person who does not answer. The objection's detail is for the log: it never holds what leaked.
"""

from arena.witnesses.gate.canaries import canary
from arena.witnesses.gate.rejections import ADVICE, MAX_REGENERATIONS, Objection, Reason, objection

__all__ = ["ADVICE", "MAX_REGENERATIONS", "Objection", "Reason", "canary", "objection"]
