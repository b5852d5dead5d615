"""How a room ends, whatever the reason: once, for both panes alike, its seal opened in the log."""

import datetime as dt

from arena.event_kinds import Ended, Revealed, TimeUp
from arena.events import Decision, Draft, LiveRoom, TimerDraft
from arena.queries import study_file
from arena.rules import EndReason, Phase, TimerKind
from arena.services import delay_line, rounds


def ending(
    room: LiveRoom,
    now: dt.datetime,
    *,
    reason: EndReason,
    first: tuple[Draft, ...] = (),
    by: str = "",
    host: str | None = None,
    why: str | None = None,
    erase_seat: str | None = None,
) -> Decision:
    """End a room after the events of `first`, which say why; the first of all answers a repeat."""
    ended = Draft(body=Ended(reason=reason, by=by or None, host=host, why=why))
    events = (
        *first,
        *delay_line.released(room, but=erase_seat),
        ended,
        Draft(body=Revealed(assignment=room.sealed.assignment, nonce=room.sealed.nonce)),
    )
    fields: dict[str, object] = {
        "phase": Phase.ENDED,
        "end_reason": reason,
        "ended_by": by,
        "ended_at": now,
        **rounds.CLOSED,
    }
    if room.paused_at is not None:
        fields |= {"paused_at": None, "paused_ms": room.paused_ms + _ms(now - room.paused_at)}
    return Decision(
        events=events,
        room=fields,
        close_timers=frozenset(TimerKind),
        erase_seat=erase_seat,
        ack=first[0] if first else ended,
    )


def time_up_timer(room: LiveRoom, ends_at: dt.datetime) -> TimerDraft:
    # Named by the log, not by the moment: a pause may be shorter than a millisecond.
    return TimerDraft(
        kind=TimerKind.TIME_UP, key=f"time_up:{room.code}:{room.last_seq}", due_at=ends_at
    )


def time_up(room: LiveRoom, now: dt.datetime) -> Decision:
    """Close a room's messages at its time; end it unless the study leaves time for a verdict."""
    if room.phase != Phase.LIVE or room.ends_at is None or now < room.ends_at:
        return Decision()
    said = (*rounds.answers(room), Draft(body=TimeUp()))
    grace_s = study_file(room).verdict_grace_s
    if grace_s == 0:
        return ending(room, now, reason=EndReason.TIME_UP, first=said)
    said = (*delay_line.released(room), *said)
    grace = TimerDraft(
        kind=TimerKind.VERDICT_GRACE,
        key=f"grace:{room.code}",
        due_at=room.ends_at + dt.timedelta(seconds=grace_s),
    )
    return Decision(
        events=said,
        room=rounds.CLOSED,
        timers=(grace,),
        close_timers=frozenset({TimerKind.REPLY, TimerKind.RELEASE}),
    )


def grace_over(room: LiveRoom, now: dt.datetime) -> Decision:
    """End a room whose interrogator let the time for a verdict pass."""
    if room.phase == Phase.ENDED:
        return Decision()
    return ending(room, now, reason=EndReason.TIME_UP)


def lobby_timer(room: LiveRoom, now: dt.datetime) -> TimerDraft:
    wait = dt.timedelta(seconds=study_file(room).lobby_wait_s)
    return TimerDraft(kind=TimerKind.LOBBY, key=f"lobby:{room.code}", due_at=now + wait)


def lobby_over(room: LiveRoom, now: dt.datetime) -> Decision:
    """End a room whose people did not all come within the lobby's wait."""
    if room.phase != Phase.LOBBY:
        return Decision()
    return ending(room, now, reason=EndReason.NO_SHOW)


def _ms(span: dt.timedelta) -> int:
    return span // dt.timedelta(milliseconds=1)
