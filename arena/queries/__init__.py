"""Reads. Nothing here writes, and nothing else decides what a seat or a host may see."""

from arena.queries.hosting import (
    AttendanceRow,
    HelpRequest,
    RoomRow,
    SeatRow,
    StudyRow,
    attendance_rows,
    help_requests,
    room_row,
    room_rows,
    study_rows,
)
from arena.queries.knowing import Debrief, assignment, debrief, human, may_know, opened_seal
from arena.queries.seeing import (
    EventPage,
    SeatStatus,
    Sight,
    before,
    last_moment,
    last_seqs,
    newest,
    seat_status,
    sight,
    since,
    visible_events,
)
from arena.queries.studies import study, study_file
from arena.queries.transcripts import TranscriptLine, host_transcript, shown_body
from arena.queries.unapplied import unapplied_migrations
from arena.queries.waits import human_waits

__all__ = [
    "AttendanceRow",
    "Debrief",
    "EventPage",
    "HelpRequest",
    "RoomRow",
    "SeatRow",
    "SeatStatus",
    "Sight",
    "StudyRow",
    "TranscriptLine",
    "assignment",
    "attendance_rows",
    "before",
    "debrief",
    "help_requests",
    "host_transcript",
    "human",
    "human_waits",
    "last_moment",
    "last_seqs",
    "may_know",
    "newest",
    "opened_seal",
    "room_row",
    "room_rows",
    "seat_status",
    "shown_body",
    "sight",
    "since",
    "study",
    "study_file",
    "study_rows",
    "unapplied_migrations",
    "visible_events",
]
