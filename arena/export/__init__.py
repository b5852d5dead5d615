"""Writes a study's ended rooms as tables, chains and their codebook, in bounded memory.

`write` is the whole of it. Rooms that have not ended stay sealed: they are counted, never read.
"""

from arena.export.target import ExportFailed, ExportTargetTaken
from arena.export.writing import ExportSummary, Progress, write

__all__ = ["ExportFailed", "ExportSummary", "ExportTargetTaken", "Progress", "write"]
