"""Pages of what a seat may see: the newest, what came since, and a stretch around any place.

Each costs the same however long the log is: they go by the indexes of (room, seq) and of (room,
pane, seq), a moment is found by halving, and the tags of a page by those of its messages.
"""

import datetime as dt
from dataclasses import dataclass

from django.db import connection
from django.db.models import QuerySet

from arena.event_kinds import WORDS
from arena.events import LogEntry, listed
from arena.models import Event, Room, Seat
from arena.queries.seeing import in_pane, visible_events

#: How many unread messages are counted: whoever has more has a hundred or more.
MOST_UNREAD = 100
#: As the index `event_tagged` has it, by the database.
_TAGGED = {"sqlite": "json_extract(body, '$.event')", "postgresql": "(body::jsonb ->> 'event')"}


@dataclass(frozen=True, slots=True, kw_only=True)
class EventPage:
    """Some events that a seat may see, and whether there are others before and after them."""

    events: list[LogEntry]
    earlier: bool
    later: bool
    upto: int  # every visible event with a seq up to this one is in this page or before it


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """An event that a seat may see: where in the log it stands, and in which pane."""

    seq: int
    pane: str


def newest(seat: Seat, *, limit: int) -> EventPage:
    """A seat's newest events."""
    upto = Room.objects.values_list("last_seq", flat=True).get(id=seat.room_id)
    return _last_of(visible_events(seat).filter(seq__lte=upto), limit=limit, upto=upto)


def since(seat: Seat, *, after: str, limit: int, pane: str | None = None) -> EventPage | None:
    """What came first after an event that the seat has seen; None if it saw no such event."""
    place = place_of(seat, after)
    if place is None:
        return None
    found = listed(_seen(seat, pane).filter(seq__gt=place.seq)[: limit + 1])
    return _first_of(found, limit=limit, earlier=True, seq=place.seq)


def before(seat: Seat, *, event: str, limit: int, pane: str | None = None) -> EventPage | None:
    """An earlier page; None if the seat has not seen such an event."""
    place = place_of(seat, event)
    if place is None:
        return None
    return _last_of(_seen(seat, pane).filter(seq__lt=place.seq), limit=limit, upto=place.seq)


def from_moment(seat: Seat, *, at: dt.datetime, limit: int, pane: str | None = None) -> EventPage:
    """What happened first from a moment on."""
    seq = _seq_at(seat.room_id, at)
    seen = _seen(seat, pane)
    found = listed(seen.filter(seq__gte=seq)[: limit + 1])
    earlier = seen.filter(seq__lt=seq).order_by("-seq")[:1].exists()
    return _first_of(found, limit=limit, earlier=earlier, seq=seq - 1)


def place_of(seat: Seat, event: str) -> Place | None:
    """Where an event stands; None if the seat may see no such event."""
    found = visible_events(seat).filter(public_id=event).values_list("seq", "pane").first()
    return None if found is None else Place(seq=found[0], pane=found[1])


def tags_of(room_id: int, messages: list[LogEntry]) -> list[LogEntry]:
    """The tags that hold for some messages: of each the last one, in the order of the log."""
    if not messages:
        return []
    wanted = ", ".join(["(%s)"] * len(messages))
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH want(id) AS (VALUES {wanted}) SELECT (SELECT MAX(seq) FROM arena_event "
            f"WHERE kind = 'tag' AND room_id = %s AND {_TAGGED[connection.vendor]} = want.id) "
            "FROM want",
            (*(message.public_id for message in messages), room_id),
        )
        last = [seq for (seq,) in cursor.fetchall() if seq is not None]
    return listed(Event.objects.filter(room_id=room_id, seq__in=last).order_by("seq"))


def unread(seat: Seat, pane: str) -> tuple[str | None, int]:
    """The words up to which a seat has read a pane, and how many came there since.

    A witness whose words are held sees its own then, and reads on from there; they are nobody's
    news, and become one for the other side with the message.
    """
    upto = getattr(seat, f"read_{pane.lower()}")
    seen = _seen(seat, pane).filter(kind__in=WORDS)
    news = seen.filter(seq__gt=upto or 0).exclude(seat=seat.actor)[:MOST_UNREAD]
    read = None if upto is None else seen.filter(seq__lte=upto).order_by("-seq")
    last = None if read is None else read.values_list("public_id", flat=True).first()
    return last, len(news.values_list("seq"))


def _seen(seat: Seat, pane: str | None) -> QuerySet[Event]:
    seen = visible_events(seat)
    return seen if pane is None else seen.filter(in_pane(pane))


def _first_of(found: list[LogEntry], *, limit: int, earlier: bool, seq: int) -> EventPage:
    """The first of those found after `seq`."""
    events = found[:limit]
    upto = events[-1].seq if events else seq
    return EventPage(events=events, earlier=earlier, later=len(found) > limit, upto=upto)


def _last_of(events: QuerySet[Event], *, limit: int, upto: int) -> EventPage:
    found = listed(events.order_by("-seq")[: limit + 1])
    return EventPage(events=found[:limit][::-1], earlier=len(found) > limit, later=False, upto=upto)


def _seq_at(room_id: int, moment: dt.datetime) -> int:
    """The seq of a room's first event from a moment on; one past the last if there is none.

    Moments never go back along a log, and its numbers have no gaps.
    """
    low, high = 1, Room.objects.values_list("last_seq", flat=True).get(id=room_id) + 1
    wanted = connection.ops.adapt_datetimefield_value(moment)
    with connection.cursor() as cursor:
        while low < high:
            middle = (low + high) // 2
            cursor.execute(
                "SELECT at < %s FROM arena_event WHERE room_id = %s AND seq = %s",
                (wanted, room_id, middle),
            )
            low, high = (middle + 1, high) if cursor.fetchone()[0] else (low, middle)
    return low
