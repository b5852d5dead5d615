"""What goes out to a client: what is new in the log, and on request what came before.

News come in two ways. The writer of this process hands on what it has just committed, and each
distinct view of it is encoded once; whatever else happened is read from the log: after a ring from
another process, and for a client that was not ready to be told.
"""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import DatabaseError

from arena import clock, database, queries
from arena.errors import EventUnknown, PaneUnknown, SeatUnknown
from arena.event_kinds import MOVES_ROOM
from arena.events import LogEntry
from arena.live.group_reads import reader
from arena.live.line import Line
from arena.models import Room, Seat
from arena.protocol import commands, frames
from arena.protocol.frames import Frame
from arena.rules import EventKind, Format, Phase, SeatName, panes
from arena.services import playing

log = logging.getLogger(__name__)

RETRY_S = 0.5
#: After which more than the event itself has to be told: where the room stands, or that the seat
#: was given to another browser.
_NEEDS_STATUS = MOVES_ROOM | {EventKind.CLAIMED}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Page:
    """What answers a `sync`, from one look at the database."""

    events: queries.EventPage
    sight: queries.Sight
    status: queries.SeatStatus


class Outgoing:
    """What a seat's client has been sent, and what it is to be sent next."""

    def __init__(self, seat: Seat, line: Line) -> None:
        self.seat = seat
        self._actor, self._asks = seat.actor, seat.is_interrogator
        self.bell = asyncio.Event()  # rung when there may be news in the log
        self.line = line
        self._sight = queries.Sight(kinds=frozenset())  # until it has synced
        self._seen: int | None = None  # seq up to which this client has everything it may see
        self._is_reading = False
        self._awaited = ""  # the id of the command that is being carried out

    def send(self, frame: Frame) -> None:
        self.line.push(frames.encode(frame))

    def await_ack(self, client_id: str) -> None:
        """Have a command acknowledged once its event is shown, in the same breath."""
        self._awaited = client_id

    def acknowledge(self, event: str) -> None:
        """Acknowledge the awaited command, unless that was done."""
        if self._awaited:
            client_id, self._awaited = self._awaited, ""
            self.send(frames.ack(client_id, event))

    async def sync(self, after: str | None) -> None:
        """Bring the client up to date, at most a page at a time; from here on rings do."""
        seen, self._seen = self._seen, None
        try:
            page = await database.run(self._page, after)
            if page is None:
                raise EventUnknown(str(after))
        except (EventUnknown, DatabaseError):
            self._seen = seen  # What is refused changes nothing.
            self.bell.set()
            raise
        self._sight, status = page.sight, page.status
        if not status.is_claim_current:
            raise SeatUnknown
        self.send(self._room_frame(status))
        self._show(page.events.events)
        self.send(frames.synced(earlier=page.events.earlier, later=page.events.later))
        if page.events.later:
            return  # It will ask for what comes next.
        if status.over:
            self._send_end(status)
        self._seen = page.events.upto
        self.bell.set()

    def _page(self, after: str | None) -> _Page | None:
        if after is None:
            events = queries.newest(self.seat, limit=commands.N_NEWEST)
        else:
            found = queries.since(self.seat, after=after, limit=commands.N_NEWEST)
            if found is None:
                return None
            events = found
        return _Page(
            events=events, sight=queries.sight(self.seat), status=queries.seat_status(self.seat)
        )

    async def history(self, command: commands.History) -> None:
        """Send what came before an event that the client has."""
        page, tags = await database.run(self._stretch, command)
        if command.id is not None:
            self.send(frames.page(command.id))
        self._show([*page.events, *tags])
        self.send(frames.synced(earlier=page.earlier, later=page.later, re=command.id))

    def _stretch(self, command: commands.History) -> tuple[queries.EventPage, list[LogEntry]]:
        """The page that was asked for; with a pane, also the tags that hold for its messages."""
        pane, limit = command.pane, command.limit
        own = panes(Format(queries.study_file(self.seat.room).format)) if self._asks else ()
        if pane is not None and pane not in own:
            raise PaneUnknown(pane, own)
        if command.at is not None:
            page = queries.from_moment(self.seat, at=command.at, limit=limit, pane=pane)
        elif command.after is not None:
            page = _known(
                queries.since(self.seat, after=command.after, limit=limit, pane=pane),
                command.after,
            )
        else:
            place = str(command.before)
            page = _known(queries.before(self.seat, event=place, limit=limit, pane=pane), place)
        mine = [each for each in page.events if each.seat == self._actor]
        return page, queries.tags_of(self.seat.room_id, mine) if pane is not None else []

    def hear(self, news: Sequence[LogEntry]) -> bool:
        """Show what the writer of this process has just committed; False if it must be read."""
        if self.line.is_lost:
            return False  # The pump ends.
        if self._seen is None:
            return True  # It is syncing, and looks at the log afterwards.
        if news[-1].seq <= self._seen:
            return True
        is_next = news[0].seq == self._seen + 1 and not self._is_reading and not self.line.is_full
        if not is_next or any(event.kind in _NEEDS_STATUS for event in news):
            return False
        self._seen = news[-1].seq
        self._show(news)
        if self._awaited:
            command_id = playing.command_id(self._awaited)
            for event in news:
                if event.command_id == command_id and event.seat == self._actor:
                    self.acknowledge(event.public_id)
        return True

    async def pump(self) -> None:
        """At every ring, read what is new and send it. A slow client is read for less often."""
        while True:
            await self.bell.wait()
            await self.line.room()
            if self.line.is_lost:
                return
            self.bell.clear()
            self._is_reading = True
            try:
                await self._send_news()
            except DatabaseError as error:
                log.warning("The log of room %s cannot be read (%s)", self.seat.room_id, error)
                await asyncio.sleep(RETRY_S)
                self.bell.set()
            finally:
                self._is_reading = False

    async def _send_news(self) -> None:
        seen = self._seen
        if seen is None:
            return
        events = await reader.after(self.seat.room_id, seen)
        if not events or self._seen != seen:
            return
        kinds = {event.kind for event in events}
        status = None
        if kinds & _NEEDS_STATUS:
            status = await database.run(queries.seat_status, self.seat)
            if not status.is_claim_current:
                raise SeatUnknown
            if self._seen != seen:
                return
        self._seen = events[-1].seq
        self._show(events)
        if status is None or not kinds & MOVES_ROOM:
            return
        if status.stood_down and EventKind.STARTED not in kinds:
            return  # This seat's part ended when the room went live.
        self.send(self._room_frame(status))
        if status.over:
            self._send_end(status)

    def _show(self, events: Sequence[LogEntry]) -> None:
        for event in events:
            if self._sight.sees(event) and (text := self._frame_of(event)) is not None:
                self.line.push(text)

    def _frame_of(self, event: LogEntry) -> str | None:
        """The encoded frame of an event for this seat, made once for all its sockets."""
        text = event.frames.get(self._actor)
        if text is None:
            if (body := queries.shown_body(event)) is None:
                return None
            frame = frames.event(
                id=event.public_id,
                at=event.at,
                mine=event.seat == self._actor,
                body=body,
                pane=event.pane or None if self._asks else None,
            )
            text = event.frames[self._actor] = frames.encode(frame)
        return text

    def _room_frame(self, status: queries.SeatStatus) -> Frame:
        room, design, lobby, own = status.room, status.design, None, None
        format = Format(design.format)
        if room.phase == Phase.LOBBY:
            lobby = frames.Lobby(
                consent=design.consent, consent_sha256=room.consent_sha256, ready=status.ready
            )
        if self.seat.is_interrogator:
            asked = {"A": room.n_asked_a, "B": room.n_asked_b}
            said = {pane: asked[pane] for pane in panes(format)}
            own = frames.OwnActs(belief=status.belief, said=said, asked=status.asked)
        return frames.room(
            seat=SeatName(self.seat.name),
            format=format,
            phase=Phase.ENDED if status.stood_down else Phase(room.phase),
            started_at=room.started_at,
            ends_at=room.ends_at,
            now=clock.now(),
            message_chars=design.message_chars,
            lobby=lobby,
            rounds=_rounds(room) if design.rounds_s else None,
            own=own,
            unread={
                pane: frames.Unread(after=after, n=n) for pane, (after, n) in status.unread.items()
            },
        )

    def _send_end(self, status: queries.SeatStatus) -> None:
        if status.stood_down:
            self.send(frames.ended("stood_down"))
            return
        self.send(frames.ended(status.room.end_reason))
        if status.human is not None and status.seal is not None:
            self.send(frames.reveal(status.human, status.seal))


def _known(page: queries.EventPage | None, event: str) -> queries.EventPage:
    if page is None:
        raise EventUnknown(event)
    return page


def _rounds(room: Room) -> frames.Rounds:
    return frames.Rounds(began_at=room.round_began_at, ends_at=room.round_ends_at)
