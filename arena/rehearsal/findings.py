"""What went wrong in a rehearsal: people's own record against the log, the timers and the frames.

Every check compares two independent accounts. Times are compared in real seconds: on a fast clock a
hiccup of the machine is hours of simulated time.
"""

from collections.abc import Iterator

from arena.rehearsal.faults import Finding, Found, Patience
from arena.rehearsal.keeping_time import deadlines, repeats, replies
from arena.rehearsal.record import RoomRecord
from arena.rehearsal.showing import leaks, promises, shown
from arena.studies.design import StudyFile


def findings(record: RoomRecord, *, design: StudyFile, patience: Patience) -> Iterator[Finding]:
    """Every fault that the accounts of a room show."""
    for fault, what in _faults(record, design, patience):
        yield Finding(fault=fault, room=record.code, what=what)


def _faults(record: RoomRecord, design: StudyFile, patience: Patience) -> Found:
    yield from promises(record)
    for line, seat in ((record.interrogator, "interrogator"), (record.witness, "witness")):
        yield from shown(record, line, seat=seat)
        yield from leaks(line, seat=seat, design=design)
    yield from replies(record, patience)
    yield from deadlines(record, design, patience)
    yield from repeats(record)
