"""The commands of a seat. Whatever a witness of either kind says passes through `say`."""

import datetime as dt
from dataclasses import replace

from arena import database
from arena.errors import (
    ConsentMismatch,
    EventUnknown,
    MessageEmpty,
    MessageTooLong,
    NotForThisSeat,
    PaneUnknown,
    RoomEnded,
    RoomNotLive,
    RoomPaused,
    RoomStarted,
    SeatUnknown,
    StrategyUnknown,
    TimeIsUp,
    VerdictExists,
    VerdictShape,
)
from arena.event_kinds import Belief, Held, Left, Message, Ready, Started, Tag, Verdict
from arena.events import Appended, Decide, Decision, Draft, LiveRoom, TimerDraft, append
from arena.models import Seat, Timer
from arena.protocol import commands
from arena.queries import place_of, study_file
from arena.rules import EndReason, Format, Phase, TimerKind, panes
from arena.services import attendance, delay_line, how_typed, rounds
from arena.services.ending import ending, lobby_timer, time_up_timer
from arena.services.initiative import first_initiatives, reopening
from arena.services.replies import reply_timer
from arena.text import normalise

#: How long a verdict's reason may be, in characters.
REASON_CHARS = 2_000


async def carry_out(seat: Seat, command: commands.StoredCommand) -> Appended:
    """Do what a seat's client asks for, once for each id that it gives."""
    own_id = command_id(command.id)
    match command:
        case commands.DeclareReady(consent=consent):
            return await ready(seat, command_id=own_id, consent=consent)
        case commands.Say(text=text, pane=pane, typed=typed):
            return await say(seat, command_id=own_id, text=text, pane=pane, typed=typed)
        case commands.ReportBelief(p=p):
            return await belief(seat, command_id=own_id, p=p)
        case commands.TagMessage(event=event, strategies=strategies):
            return await tag(seat, command_id=own_id, event=event, strategies=strategies)
        case commands.MarkRead(event=event):
            return await read(seat, event=event)
        case commands.GiveVerdict(human=human, confidence=confidence, reason=reason):
            return await verdict(
                seat, command_id=own_id, human=human, confidence=confidence, reason=reason
            )
        case commands.Leave():
            return await leave(seat, command_id=own_id)


def command_id(client_id: str) -> str:
    """The id under which the log has a client's command: apart from those that the server gives."""
    return f"c:{client_id}"


async def ready(seat: Seat, *, command_id: str, consent: str) -> Appended:
    """Seat a person who agrees to the consent text; the last one ready starts the room."""

    def decide(room: LiveRoom, now: dt.datetime) -> Decision:
        if room.phase != Phase.LOBBY:
            raise RoomEnded if room.phase == Phase.ENDED else RoomStarted
        if consent != room.consent_sha256:
            raise ConsentMismatch
        said = Draft(seat=seat.actor, body=Ready(consent_sha256=room.consent_sha256))
        people = (each for each in room.seats.values() if each.token_hash is not None)
        others_missing = any(each.ready_at is None for each in people if each.id != seat.id)
        marks: dict[int, dict[str, object]] = {seat.id: {"ready_at": now}}
        if others_missing:
            return Decision(events=(said,), seats=marks, timers=(lobby_timer(room, now),))
        return _start(room, now, said=said, marks=marks)

    return await _append(seat, decide, command_id=command_id)


def _start(
    room: LiveRoom, now: dt.datetime, *, said: Draft, marks: dict[int, dict[str, object]]
) -> Decision:
    ends_at = now + dt.timedelta(seconds=study_file(room).duration_s)
    return Decision(
        events=(said, Draft(body=Started())),
        room={"phase": Phase.LIVE, "started_at": now, "ends_at": ends_at},
        seats=marks,
        close_timers=frozenset({TimerKind.LOBBY}),
        timers=(
            time_up_timer(room, ends_at),
            *attendance.first_timers(room, now),
            *first_initiatives(room, now),
        ),
        ack=said,
    )


async def say(
    seat: Seat,
    *,
    command_id: str,
    text: str,
    pane: str | None = None,
    typed: commands.HowTyped | None = None,
    timer: Timer | None = None,
    then: tuple[TimerDraft, ...] = (),
) -> Appended:
    """Show a message to the other side of a pane: the one door for people and machines alike.

    `timer` is the machine's: its row is settled in the same commit, so a reply is said once; `then`
    is what it says after that. What a witness says is shown a study's delay after it was written.
    `typed` is a human witness's, kept where the study records it.
    """
    shown = normalise(text)
    if typed is not None and seat.is_interrogator:
        raise NotForThisSeat("typed")

    def decide(room: LiveRoom, now: dt.datetime) -> Decision:
        check_open(room, now)
        where = _pane(seat, pane, room)
        _check_text(shown, study_file(room).message_chars)
        if timer is not None and not room.is_open(timer):
            return Decision()
        in_rounds = rounds.has_rounds(room)
        if in_rounds:
            rounds.check(room, seat, where)
        if not seat.is_interrogator:
            settle = {timer.id: {"done_at": now, "outcome": "said"}} if timer else {}
            delays = delay_line.has_delay(room)
            at = delay_line.written_at(room, seat, now=now, timer=timer) if delays else now
            # A room has no more of it to come: another message, or none while it is in rounds.
            seq = room.last_seq + 1
            last = () if then or in_rounds else reopening(room, seat, seq=seq, since=at)
            if delays:
                held = delay_line.holding(room, seat, shown, written=at, now=now)
                return replace(held, settle=settle, timers=(*held.timers, *then, *last))
            kind = Held if in_rounds else Message
            said = Draft(seat=seat.actor, pane=where, body=kind(text=shown))
            return Decision(events=(said,), settle=settle, timers=(*then, *last))
        said = Draft(seat=seat.actor, pane=where, body=Message(text=shown))
        opened = rounds.opening(room, now)
        seq = room.last_seq + len(opened.events) + 1
        reply = reply_timer(room, where, now=now, seq=seq)
        return Decision(
            events=(*opened.events, said), room=opened.room, timers=(*opened.timers, reply)
        )

    timers = () if timer is None else (timer,)
    with_it = decide if typed is None else how_typed.kept(seat, decide, typed, chars=len(shown))
    return await _append(seat, with_it, command_id=command_id, timers=timers)


async def belief(seat: Seat, *, command_id: str, p: float) -> Appended:
    """Record the interrogator's probability that pane A (or the witness) is the human."""
    _interrogator_only(seat, "belief")

    def decide(room: LiveRoom, now: dt.datetime) -> Decision:
        _check_live(room)
        return Decision(events=(Draft(seat=seat.actor, body=Belief(p=float(p))),))

    return await _append(seat, decide, command_id=command_id)


async def tag(seat: Seat, *, command_id: str, event: str, strategies: tuple[str, ...]) -> Appended:
    """Code one of the interrogator's own messages; an empty list takes the codes back."""
    _interrogator_only(seat, "tag")

    def decide(room: LiveRoom, now: dt.datetime) -> Decision:
        if room.phase == Phase.ENDED:
            raise RoomEnded
        if not room.has_said(seat, event):
            raise EventUnknown(event)
        known = {strategy.id for strategy in study_file(room).strategies}
        for strategy in strategies:
            if strategy not in known:
                raise StrategyUnknown(strategy)
        coded = Tag(event=event, strategies=strategies)
        return Decision(events=(Draft(seat=seat.actor, body=coded),))

    return await _append(seat, decide, command_id=command_id)


async def read(seat: Seat, *, event: str) -> Appended:
    """Keep how far a seat has read a pane: for itself alone, and not in the log.

    The place never moves back.
    """
    place = await database.run(place_of, seat, event)
    if place is None or not place.pane:
        raise EventUnknown(event)
    field, seq = f"read_{place.pane.lower()}", place.seq

    def decide(room: LiveRoom, now: dt.datetime) -> Decision:
        if room.phase == Phase.ENDED:
            raise RoomEnded
        if not room.is_held(seat):
            raise SeatUnknown
        has_read = getattr(room.seats[seat.id], field) or 0
        return Decision(seats={seat.id: {field: seq}} if seq > has_read else {})

    await append(seat.room_id, decide)
    return Appended(event=event)


async def verdict(
    seat: Seat, *, command_id: str, human: str | bool, confidence: float, reason: str
) -> Appended:
    """Take the irrevocable decision; it ends the room."""
    _interrogator_only(seat, "verdict")
    why = normalise(reason)

    def decide(room: LiveRoom, now: dt.datetime) -> Decision:
        if room.phase == Phase.ENDED and room.end_reason == EndReason.VERDICT:
            raise VerdictExists
        _check_live(room)
        _check_verdict(human, study_file(room).format)
        if len(why) > REASON_CHARS:
            raise MessageTooLong(len(why), REASON_CHARS)
        decided = Verdict(human=human, confidence=float(confidence), reason=why)
        given = Draft(seat=seat.actor, body=decided)
        return ending(room, now, reason=EndReason.VERDICT, first=(given,), by=seat.actor)

    return await _append(seat, decide, command_id=command_id)


def _check_verdict(human: str | bool, format: str) -> None:
    if format == Format.TWO_PARTY and not isinstance(human, bool):
        raise VerdictShape(human, "true or false")
    if format == Format.THREE_PARTY and human not in panes(Format.THREE_PARTY):
        raise VerdictShape(human, '"A" or "B"')


async def leave(seat: Seat, *, command_id: str) -> Appended:
    """Leave for good: the room ends for everybody."""

    def decide(room: LiveRoom, now: dt.datetime) -> Decision:
        if room.phase == Phase.ENDED or (seat.stand_in and room.phase != Phase.LOBBY):
            raise RoomEnded
        left = Draft(seat=seat.actor, body=Left())
        by = "" if seat.stand_in else seat.actor
        return ending(room, now, reason=EndReason.WITHDRAWN, first=(left,), by=by)

    return await _append(seat, decide, command_id=command_id)


# Rules shared by the commands


async def _append(
    seat: Seat, decide: Decide, *, command_id: str, timers: tuple[Timer, ...] = ()
) -> Appended:
    """Append for a seat, unless its claim was replaced since the socket was opened."""

    def decide_if_held(room: LiveRoom, now: dt.datetime) -> Decision:
        if not room.is_held(seat):
            raise SeatUnknown
        return decide(room, now)

    return await append(
        seat.room_id, decide_if_held, seat=seat.actor, command_id=command_id, timers=timers
    )


def _interrogator_only(seat: Seat, command: str) -> None:
    if not seat.is_interrogator:
        raise NotForThisSeat(command)


def _check_live(room: LiveRoom) -> None:
    if room.phase == Phase.LOBBY:
        raise RoomNotLive
    if room.phase == Phase.PAUSED:
        raise RoomPaused
    if room.phase == Phase.ENDED:
        raise RoomEnded


def check_open(room: LiveRoom, now: dt.datetime) -> None:
    """Raise unless messages may be sent in the room now."""
    _check_live(room)
    if room.ends_at is not None and now >= room.ends_at:
        raise TimeIsUp


def _pane(seat: Seat, named: str | None, room: LiveRoom) -> str:
    if seat.stand_in:
        raise RoomEnded
    if not seat.is_interrogator:
        if named is not None:
            raise PaneUnknown(named, ())
        return seat.name
    known = panes(Format(study_file(room).format))
    if named not in known:
        raise PaneUnknown(named, known)
    return named


def _check_text(text: str, limit: int) -> None:
    if not text:
        raise MessageEmpty
    if len(text) > limit:
        raise MessageTooLong(len(text), limit)
