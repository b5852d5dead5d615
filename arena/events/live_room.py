"""A room as its log has it, to the last decision: all that the next decision may read.

The database does not have the decisions of the present commit yet, so nothing is decided on what
it holds. The writer keeps the rooms that it has lately written to; they are small, and made anew
from the log wherever the row's version shows that another process wrote meanwhile.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, fields, replace

from arena.event_kinds import ACTS, WORDS, Away, Left, Message, Remembered, Reminded, Round
from arena.events import logged
from arena.events.logged import LogEntry
from arena.events.read_guard import ReadGuard
from arena.models import Event, Participant, Room, SealedAssignment, Seat, Timer
from arena.rules import EventKind, SeatName, TimerKind

#: What is found by reading all of its kind: pauses of the room and its people's time away.
_INTERRUPTIONS = frozenset({EventKind.PAUSED, EventKind.RESUMED, EventKind.AWAY, EventKind.BACK})
#: The seat columns that no decision needs, and the texts that would be kept once for each seat.
_UNREAD = ("profile__spec", "profile__study__source", "profile__study__config")


@dataclass(frozen=True, slots=True, kw_only=True)
class Interruption:
    """The begin or end of time that does not count: of the room, or of one of its people."""

    kind: EventKind
    at: dt.datetime
    seat: str
    until: dt.datetime | None = None


@dataclass(slots=True, kw_only=True)
class NamedTimer:
    """An open timer that a decision of the present commit asks about."""

    kind: TimerKind
    payload: str


@dataclass(slots=True, kw_only=True)
class RoundSoFar:
    """What has happened in the round that is open."""

    asked: set[str] = field(default_factory=set)  # panes


@dataclass(slots=True, kw_only=True)
class RoomColumns:
    """The columns of a room that may change, or that decisions need."""

    id: int
    code: str
    study_id: int
    consent_sha256: str
    phase: str
    end_reason: str
    ended_by: str
    ended_at: dt.datetime | None
    started_at: dt.datetime | None
    ends_at: dt.datetime | None
    round_began_at: dt.datetime | None
    round_ends_at: dt.datetime | None
    paused_at: dt.datetime | None
    paused_ms: int
    last_seq: int
    last_hash: str
    last_at: dt.datetime | None
    version: int
    seats_version: int
    n_messages: int
    n_asked_a: int
    n_asked_b: int
    last_message_at: dt.datetime | None
    interrogator_active_at: dt.datetime | None
    help_at: dt.datetime | None


_COLUMNS = tuple(each.name for each in fields(RoomColumns))
_SEATS_VERSION = _COLUMNS.index("seats_version")


@dataclass(slots=True, kw_only=True)
class LiveRoom(RoomColumns):
    """A room, its seats, and what decisions need of its log."""

    seats: dict[int, Seat]
    sealed: SealedAssignment
    round: RoundSoFar | None = None
    #: What was written and is not shown yet, oldest first.
    held: list[LogEntry] = field(default_factory=list)
    #: By seat, when it last said something.
    last_words_at: dict[str, dt.datetime] = field(default_factory=dict)
    #: By pane, the first message of the interrogator since the witness last said something.
    asked_at: dict[str, dt.datetime] = field(default_factory=dict)
    #: By pane, its last words, shown already or not.
    last_words: dict[str, LogEntry] = field(default_factory=dict)
    interruptions: list[Interruption] = field(default_factory=list)
    #: By seat, the number of its last reminder and when it was sent.
    reminded: dict[str, tuple[int, dt.datetime]] = field(default_factory=dict)
    #: When a belief was last given or asked for.
    belief_at: dt.datetime | None = None
    #: By seat and kind, the seq up to which a machine's memory covers its pane.
    covered: dict[tuple[str, EventKind], int] = field(default_factory=dict)
    #: Those of the timers named by the present commit that are open; None for the others.
    timers: dict[int, NamedTimer | None] = field(default_factory=dict)
    #: What the present commit has added.
    news: list[LogEntry] = field(default_factory=list)
    _reads: ReadGuard = field(default_factory=ReadGuard)

    def begin(self, reads: ReadGuard) -> None:
        """Begin a commit, whose decisions the database is closed to."""
        self._reads, self.timers, self.news = reads, {}, []

    @property
    def start(self) -> dt.datetime:
        """When a room that has gone live did so."""
        if self.started_at is None:
            raise ValueError(f"Room {self.code} has not started.")
        return self.started_at

    @property
    def playing(self) -> list[Seat]:
        """The seats that take part, by name."""
        seats = (seat for seat in self.seats.values() if not seat.stand_in)
        return sorted(seats, key=lambda seat: seat.name)

    def witness_in(self, pane: str) -> Seat:
        """Who sits in a pane."""
        return next(seat for seat in self.seats.values() if _is_witness(seat) and seat.name == pane)

    @property
    def witnesses(self) -> dict[str, Seat]:
        """Who sits in each pane."""
        return {seat.name: seat for seat in self.playing if _is_witness(seat)}

    def is_held(self, seat: Seat) -> bool:
        """Whether a seat still belongs to the browser that it belonged to when it was read."""
        return self.seats[seat.id].claim_hash == seat.claim_hash

    def named(self, timer: Timer) -> NamedTimer | None:
        """A timer as it is now, or None if it is settled; it must be named to `append`."""
        return self.timers[timer.id]

    def is_open(self, timer: Timer) -> bool:
        """Whether a timer is neither settled nor closed; it must be named to `append`."""
        return self.timers[timer.id] is not None

    def has_said(self, seat: Seat, public_id: str) -> bool:
        """Whether a message is a seat's own."""
        # Nobody knows the id of what is not committed yet.
        own = Event.objects.filter(room=self.id, kind=EventKind.MESSAGE, seat=seat.actor)
        with self._reads.allowed():
            return own.filter(public_id=public_id).exists()

    def person_in(self, seat: Seat) -> Participant | None:
        """Whoever has claimed a seat, with the settings of this moment."""
        person_id = self.seats[seat.id].participant_id
        if person_id is None:
            return None
        with self._reads.allowed():
            return Participant.objects.get(id=person_id)

    def add(self, event: LogEntry) -> None:
        """Take in an event that is being logged."""
        self.news.append(event)
        self.last_seq, self.last_at = event.seq, event.at
        if event.kind == EventKind.MESSAGE:
            self.n_messages += 1
            self.last_message_at = event.at
            if event.seat == SeatName.INTERROGATOR:
                self.n_asked_a += event.pane == SeatName.A
                self.n_asked_b += event.pane == SeatName.B
        elif event.kind == EventKind.HELP:
            self.help_at = event.at
        if event.seat == SeatName.INTERROGATOR and event.kind in ACTS:
            self.interrogator_active_at = event.at
        self.learn(event)

    def learn(self, event: LogEntry) -> None:
        """Take in what decisions need of an event; of its kind none older may come after it."""
        match event.kind:
            case kind if kind in WORDS:
                self._hear(event)
            case EventKind.ROUND if isinstance(event.body, Round):
                self.round = None if event.body.ends_at is None else RoundSoFar()
            case EventKind.ENDED:
                self.round = None
            case EventKind.LEFT if isinstance(event.body, Left) and event.body.erased:
                self._forget(event.seat)
            case EventKind.BELIEF | EventKind.BELIEF_ASKED:
                self.belief_at = max(event.at, self.belief_at or event.at)
            case kind if kind in _INTERRUPTIONS:
                until = event.body.until if isinstance(event.body, Away) else None
                self.interruptions.append(
                    Interruption(kind=kind, at=event.at, seat=event.seat, until=until)
                )
            case EventKind.REMINDED if isinstance(event.body, Reminded):
                self.reminded[event.seat] = event.body.which, event.at
            case EventKind.CLAIMS | EventKind.SUMMARY if isinstance(event.body, Remembered):
                self.covered[event.seat, event.kind] = event.body.upto

    def _hear(self, event: LogEntry) -> None:
        if (held := _shows(event)) is not None:
            # It was said when it was written: what was asked meanwhile is not answered by it.
            self.held = [each for each in self.held if each.public_id != held]
            return
        self.last_words_at[event.seat] = event.at
        self.last_words[event.pane] = event
        if event.seat != SeatName.INTERROGATOR:
            self.asked_at.pop(event.pane, None)
            if event.kind == EventKind.HELD:
                self.held.append(event)
        else:
            self.asked_at.setdefault(event.pane, event.at)
            if self.round is not None:
                self.round.asked.add(event.pane)

    def _forget(self, actor: str) -> None:
        """Let go of what is erased with a seat's words: them, and what machines remember."""
        self.covered.clear()
        for pane, event in self.last_words.items():
            if event.seat == actor:
                self.last_words[pane] = replace(event, body=None, frames={})


def new(room: Room) -> LiveRoom:
    """A room that has no log yet, for its first event."""
    return LiveRoom(
        **{name: getattr(room, name) for name in _COLUMNS}, seats={}, sealed=room.sealed
    )


def read(room_id: int, *, timers: tuple[Timer, ...] = ()) -> LiveRoom:
    """A room as the database has it."""
    row = Room.objects.values(*_COLUMNS).get(id=room_id)
    sealed = SealedAssignment.objects.get(room_id=room_id)
    room = LiveRoom(**row, seats=_seats([room_id])[room_id], sealed=sealed)
    for event in _last_events(room):
        room.learn(event)
    if timers:
        room.timers = named_timers([timer.id for timer in timers])
    return room


def renew(rooms: Sequence[LiveRoom]) -> None:
    """Bring rooms up to date after another process wrote to them."""
    if not rooms:
        return
    news = logged.after({room.id: room.last_seq for room in rooms})
    rows = Room.objects.filter(id__in=[room.id for room in rooms]).values_list(*_COLUMNS)
    now = {row[0]: row for row in rows}
    moved = [room for room in rooms if room.seats_version != now[room.id][_SEATS_VERSION]]
    seats = _seats([room.id for room in moved])
    for room in moved:
        room.seats = seats[room.id]
    for room in rooms:
        for name, value in zip(_COLUMNS, now[room.id], strict=True):
            setattr(room, name, value)
        for event in news[room.id]:
            room.learn(event)


def named_timers(ids: list[int], *, lock: bool = False) -> dict[int, NamedTimer | None]:
    """Those of some timers that are open; None for the others."""
    rows = Timer.objects.filter(id__in=ids, done_at__isnull=True).order_by("id")
    if lock:
        rows = rows.select_for_update()
    still_open = {
        id: NamedTimer(kind=TimerKind(kind), payload=payload)
        for id, kind, payload in rows.values_list("id", "kind", "payload")
    }
    return {id: still_open.get(id) for id in ids}


def _seats(room_ids: list[int]) -> dict[int, dict[int, Seat]]:
    """The seats of each room."""
    found: dict[int, dict[int, Seat]] = {id: {} for id in room_ids}
    if room_ids:
        seats = Seat.objects.select_related("room", "profile__study").defer(*_UNREAD)
        for seat in seats.filter(room__in=room_ids).order_by("id"):
            found[seat.room_id][seat.id] = seat
    return found


def _is_witness(seat: Seat) -> bool:
    return not seat.stand_in and seat.name != SeatName.INTERROGATOR


def _shows(event: LogEntry) -> str | None:
    """The id of what a message shows that was held until then."""
    return event.body.held if isinstance(event.body, Message) else None


def _interruption(event: LogEntry) -> Interruption:
    until = event.body.until if isinstance(event.body, Away) else None
    return Interruption(kind=event.kind, at=event.at, seat=event.seat, until=until)


def _last_events(room: LiveRoom) -> list[LogEntry]:
    """The events from which a room in memory is made, oldest first: few, however long its log."""
    seats = [seat.actor for seat in room.seats.values()]
    parts = [
        _of_kind(
            room.id, "kind IN (" + ", ".join(["%s"] * len(_INTERRUPTIONS)) + ")", *_INTERRUPTIONS
        )
    ]
    parts += [_last(room.id, kind) for kind in (EventKind.BELIEF, EventKind.BELIEF_ASKED)]
    for kind in (*WORDS, EventKind.REMINDED, EventKind.CLAIMS, EventKind.SUMMARY):
        parts += [_last(room.id, kind, seat=seat) for seat in seats]
    asked = SeatName.INTERROGATOR
    parts += [_last(room.id, EventKind.MESSAGE, seat=asked, pane=pane) for pane in room.witnesses]
    found = _union(parts)
    said = [event for event in found if event.kind in WORDS and _shows(event) is None]
    since = {event.seat: event.seq for event in sorted(said, key=_seq)}
    later = [_first_question(room.id, pane, since.get(pane, 0)) for pane in room.witnesses]
    later += [
        _held_after(room.id, event.seat, _last_shown(found, event.seat))
        for event in found
        if event.kind == EventKind.HELD
    ]
    if room.round_ends_at is not None:
        opened = max(event.seq for event in _union([_last(room.id, EventKind.ROUND)]))
        later.append(_of_kind(room.id, "kind = %s AND seq >= %s", EventKind.MESSAGE, opened))
        later.append(_last(room.id, EventKind.ROUND))
    return sorted({event.seq: event for event in (*found, *_union(later))}.values(), key=_seq)


def _seq(event: LogEntry) -> int:
    return event.seq


_Part = tuple[str, tuple[object, ...]]


def _of_kind(room_id: int, where: str, *params: object) -> _Part:
    return f"SELECT * FROM arena_event WHERE room_id = %s AND {where}", (room_id, *params)


def _last(room_id: int, kind: EventKind, *, seat: str = "", pane: str = "") -> _Part:
    named = {"seat": seat, "pane": pane}
    where = "".join(f" AND {name} = %s" for name, value in named.items() if value)
    values = tuple(value for value in named.values() if value)
    part, params = _of_kind(room_id, f"kind = %s{where}", kind, *values)
    return f"{part} ORDER BY seq DESC LIMIT 1", params


def _first_question(room_id: int, pane: str, after: int) -> _Part:
    where = "kind = %s AND seat = %s AND pane = %s AND seq > %s ORDER BY seq LIMIT 1"
    return _of_kind(room_id, where, EventKind.MESSAGE, SeatName.INTERROGATOR, pane, after)


def _last_shown(events: Iterable[LogEntry], seat: str) -> str:
    """The id of what a seat's last message shows that was held; empty if there is none."""
    said = (event for event in events if event.seat == seat)
    return next((held for event in said if (held := _shows(event)) is not None), "")


def _held_after(room_id: int, seat: str, shown: str) -> _Part:
    """What a seat has held since something; things are shown in the order in which they are."""
    where = (
        "kind = %s AND seat = %s AND seq > COALESCE("
        "(SELECT seq FROM arena_event WHERE room_id = %s AND public_id = %s), 0)"
    )
    return _of_kind(room_id, where, EventKind.HELD, seat, room_id, shown)


def _union(parts: list[_Part]) -> list[LogEntry]:
    selects = (f"SELECT * FROM ({part}) AS part_{n}" for n, (part, _) in enumerate(parts))
    params = (value for _, values in parts for value in values)
    return logged.select(
        f"SELECT {logged.columns('e')} FROM ({' UNION ALL '.join(selects)}) AS e",
        # An enumeration's driver would store its name.
        (str(value) if isinstance(value, str) else value for value in params),
    )
