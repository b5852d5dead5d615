"""A study's report, export and trial: made for the host's pages by other processes, and kept.

A serving process starts one, shows how far it is and hands out the file; it never makes one itself,
for it holds the sockets. A process that works holds a lock file: the system lets go of it however
the process ends, so none is believed to work that does not.
"""

from arena.results.kept import KeptFile, Progress, ResultKind, ResultState, prune, state
from arena.results.starting import start

__all__ = ["KeptFile", "Progress", "ResultKind", "ResultState", "prune", "start", "state"]
