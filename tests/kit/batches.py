"""Commits that a test puts together by itself: which appends are in one is no matter of luck."""

import asyncio
import contextlib
import inspect
import secrets
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial
from typing import Any

from arena import clock, services
from arena.errors import ArenaError
from arena.events import Appended, writer
from arena.events.writer import Pending, Writer
from arena.live import runtime
from arena.models import Event, Room, Seat, Timer
from arena.rules import TimerKind
from arena.services import playing
from tests.kit.factories import MadeRoom
from tests.kit.hands import Hands

#: A use case and all that it is told.
Act = Callable[[], Any]


class _Caught(Exception):
    """Ends a use case where it would wait for the commit."""


class _Catching(Writer):
    """Keeps what is appended, for a test to commit it."""

    def __init__(self) -> None:
        super().__init__()
        self.caught: Pending | None = None

    def put(self, pending: Pending) -> None:
        self.caught = pending
        raise _Caught


@contextlib.contextmanager
def _catching() -> Iterator[_Catching]:
    usual, catching = writer._writer, _Catching()
    writer._writer = catching
    try:
        yield catching
    finally:
        writer._writer = usual


def caught(act: Act) -> Pending | None:
    """What a use case, called or awaited, appends first; None if it appends nothing.

    Outside of an event loop: the test's thread uses the database.
    """
    with _catching() as catching, contextlib.suppress(_Caught):
        if inspect.isawaitable(under_way := act()):
            asyncio.run(_awaited(under_way))
    if catching.caught is not None:
        catching.caught.future = Future()  # The loop in which it was made is gone.
    return catching.caught


async def _awaited(under_way: Any) -> None:
    with contextlib.suppress(_Caught):
        await under_way


def commit(*acts: Act, by: Writer | None = None) -> list[Appended | ArenaError]:
    """Have use cases append in one commit, in this order; what each is answered."""
    batch = [pending for act in acts if (pending := caught(act)) is not None]
    unit = (by or Writer()).commit(batch)
    return [outcome for _, outcome in unit.outcomes]


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """A room whose acts a test commits as it likes; `hands` are those of its clock."""

    made: MadeRoom
    hands: Hands

    @property
    def room(self) -> Room:
        return Room.objects.get(id=self.made.room.id)

    def seat(self, name: str, *, stand_in: bool = False) -> Seat:
        """A seat as it is stored now."""
        seats = Seat.objects.select_related("room__study", "participant")
        return seats.get(room=self.made.room, name=name, stand_in=stand_in)

    @property
    def asker(self) -> Seat:
        return self.seat("interrogator")

    @property
    def witness(self) -> Seat:
        """The person who was invited as a witness."""
        people = self.made.room.seats.filter(kind="human").exclude(name="interrogator")
        person = people.get()
        return self.seat(person.name, stand_in=person.stand_in)

    @property
    def machine(self) -> Seat:
        return self.seat(self.made.machine_pane)

    def timer(self, kind: str, seat: Seat | None = None) -> Timer:
        """The open timer of a kind, and of a seat if there are several."""
        rows = Timer.objects.filter(room=self.made.room, kind=kind, done_at=None)
        return (rows if seat is None else rows.filter(seat=seat)).get()

    def log(self, *kinds: str) -> list[Event]:
        """What is logged, or that of some kinds."""
        events = Event.objects.filter(room=self.made.room).order_by("seq")
        return list(events.filter(kind__in=kinds) if kinds else events)

    def texts(self, *kinds: str) -> list[object]:
        return [event.data.get("text") for event in self.log(*kinds)]

    # Acts, for `commit`

    def ask(self, text: str, *, pane: str, id: str | None = None) -> Act:
        return partial(playing.say, self.asker, command_id=id or _id(), text=text, pane=pane)

    def answer(self, text: str, *, id: str | None = None) -> Act:
        return partial(playing.say, self.witness, command_id=id or _id(), text=text)

    def reply(self, text: str, *, timer: Timer) -> Act:
        """What a machine says when its timer is due."""
        return partial(playing.say, self.machine, command_id=_id(), text=text, timer=timer)

    def fire(self, timer: Timer) -> Act:
        """What a timer loop has done when a timer is due."""
        return partial(runtime.HANDLERS[TimerKind(timer.kind)], timer)

    def pause(self) -> None:
        services.pause(self.room, host="host", reason="")

    def resume(self) -> None:
        services.resume(self.room, host="host", reason="")


def entered(made: MadeRoom) -> Played:
    """A room whose people have come and are not ready; its clock is moved by hand."""
    hands = Hands()
    clock.system = hands.clock()
    for token in (made.interrogator, made.witness):
        services.seat_by_token(made.code, token)
    return Played(made=made, hands=hands)


def gone_live(made: MadeRoom) -> Played:
    """A room that is live; its clock is moved by hand."""
    played = entered(made)
    commit(*(ready(seat) for seat in (played.asker, played.witness)))
    return played


def ready(seat: Seat, *, id: str | None = None) -> Act:
    consent = seat.room.consent_sha256
    return partial(playing.ready, seat, command_id=id or _id(), consent=consent)


def _id() -> str:
    return secrets.token_hex(8)
