"""Rooms of days and months for tests, begun as long ago as a test needs."""

import datetime as dt
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

from arena import clock, database, services
from arena.live import runtime
from arena.models import Room, Seat, Timer
from arena.rules import TimerKind
from arena.services import seat_settings
from tests.kit.factories import MadeRoom, study_text
from tests.kit.people import Live, go_live, scripted

T = TypeVar("T")

#: Nobody's night: whatever the time is when a test runs, mail may come.
NO_NIGHT = "00:00-00:00"
ASKING = (TimerKind.REMINDER, TimerKind.DROP_OUT, TimerKind.BELIEF)
SILENT = scripted("hello", at_end="silence")


def attendance(
    *,
    reminders: str = "[24 h, 48 h, 72 h]",
    drop_out: str = "7 days",
    pause: str = "14 days",
    quiet_hours: str = NO_NIGHT,
) -> str:
    """The `attendance` of a study file."""
    return (
        f"{{cadence: 48 h, reminders: {reminders}, drop_out_after: {drop_out}, "
        f'pause_allowance: {pause}, quiet_hours: "{quiet_hours}"}}'
    )


def make_long_rooms(n: int = 1, *, belief: str = "never", **options: str) -> list[MadeRoom]:
    """Rooms of ninety days in a study that asks people to attend."""
    text = study_text(
        **{
            "duration": "90 days",
            "attendance": attendance(),
            "machines": SILENT,
            **options,
        }  # type: ignore[arg-type]
    ).replace("prompt_every: never", f"prompt_every: {belief}")
    study, made = services.create_rooms(text, n)
    return [
        MadeRoom(
            study=study,
            room=(room := study.rooms.get(code=new.code)),
            interrogator=new.interrogator,
            witness=new.witness,
            human_pane=room.seats.filter(kind="human", stand_in=False)
            .exclude(name="interrogator")
            .values_list("name", flat=True)
            .first(),
        )
        for new in made
    ]


def make_long_room(**options: str) -> MadeRoom:
    return make_long_rooms(1, **options)[0]


@contextmanager
def ago(**span: float) -> Iterator[None]:
    """Let it be some time ago. Events cannot be changed, so what happened then is done then."""
    told, shift = clock.now, dt.timedelta(**span)
    clock.now = lambda: told() - shift
    try:
        yield
    finally:
        clock.now = told


@dataclass(frozen=True, slots=True, kw_only=True)
class LongRoom:
    """A long room that is live, and its people."""

    live: Live
    addresses: dict[str, str]

    @property
    def code(self) -> str:
        return self.live.made.code

    @property
    def people(self) -> tuple[Seat, Seat]:
        return self.live.asker, self.live.witness

    async def room(self) -> Room:
        return await database.run(Room.objects.get, id=self.live.made.room.id)

    async def reminded(self) -> list[tuple[str, object]]:
        """Who was reminded, and for the how many-th time."""
        return [(e.seat, e.data["which"]) for e in await self.live.log("reminded")]

    async def next_due(self, kind: str, seat: Seat) -> dt.datetime:
        """When a seat's open timer of a kind is due."""
        [timer] = [
            t for t in await self.live.timers(kind) if not t.done_at and t.seat_id == seat.id
        ]
        return timer.due_at

    async def look_now(self, *kinds: str) -> None:
        """Have the open timers of these kinds look now what is to be done, and wait until done."""
        rows = Timer.objects.filter(room=self.live.made.room, kind__in=kinds, done_at=None)
        for timer in await database.run(list, rows):
            await runtime.HANDLERS[TimerKind(timer.kind)](timer)
        await database.run(_hold, self.live.made.room)

    async def let_loops(self, *kinds: str) -> None:
        """Let whichever loop runs have the open timers of these kinds, as if they were due."""
        rows = Timer.objects.filter(room=self.live.made.room, kind__in=kinds, done_at=None)
        await database.run(rows.update, wake_at=clock.now())


def _hold(room: Room) -> None:
    """Keep a room's timers from any loop: a serving process may run beside a test, or not."""
    rows = Timer.objects.filter(room=room, kind__in=ASKING, done_at=None)
    rows.update(wake_at=clock.now() + dt.timedelta(days=1000))


async def begun(*, hours: float, **options: str) -> LongRoom:
    """A room that went live so many hours ago; its people have an address."""
    with ago(hours=hours):
        made = await database.run(make_long_room, **options)
        live = await go_live(made)
        await database.run(_hold, made.room)
    addresses = {}
    for seat in (live.asker, live.witness):
        addresses[seat.actor] = f"{secrets.token_hex(6)}@example.org"
        told = {"email": addresses[seat.actor], "time_zone": "UTC", "quiet_hours": ""}
        await on(seat, seat_settings.store_settings, **told)
    return LongRoom(live=live, addresses=addresses)


def fresh(seat: Seat) -> Seat:
    """A seat as it is stored now."""
    return Seat.objects.select_related("room", "room__study", "participant").get(id=seat.id)


async def on(seat: Seat, act: Callable[..., T], **options: object) -> T:
    """Do something to a seat as it is stored now."""
    return await database.run(lambda: act(fresh(seat), **options))
