"""Reads. Nothing here writes, and nothing else decides what a seat or a host may see."""

from arena.queries.hosting import (
    HelpRequest,
    RoomRow,
    SeatRow,
    StudyRow,
    help_requests,
    room_row,
    room_rows,
    study_rows,
)
from arena.queries.knowing import Debrief, assignment, debrief, human, may_know, opened_seal
from arena.queries.seeing import (
    Page,
    Sight,
    Standing,
    before,
    events_after,
    last_seqs,
    newest,
    sight,
    since,
    standing,
    visible_events,
)
from arena.queries.studies import study, study_file
from arena.queries.transcripts import ERASED, Line, host_transcript

__all__ = [
    "ERASED",
    "Debrief",
    "HelpRequest",
    "Line",
    "Page",
    "RoomRow",
    "SeatRow",
    "Sight",
    "Standing",
    "StudyRow",
    "assignment",
    "before",
    "debrief",
    "events_after",
    "help_requests",
    "host_transcript",
    "human",
    "last_seqs",
    "may_know",
    "newest",
    "opened_seal",
    "room_row",
    "room_rows",
    "sight",
    "since",
    "standing",
    "study",
    "study_file",
    "study_rows",
    "visible_events",
]
