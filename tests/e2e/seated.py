"""Rooms brought to where a test begins: seats taken, and played, through the use cases.

A test that looks at one page need not click its way in, nor open a browser for the other person.
"""

import asyncio
import datetime as dt
import secrets
from collections.abc import Awaitable
from dataclasses import dataclass

from django.utils import timezone
from playwright.sync_api import Page, expect

from arena import broadcast, services
from arena.models import Event, Room, Seat, Timer
from arena.rules import EventKind, Kind, TimerKind
from arena.services import playing
from tests.conftest import LiveServer
from tests.e2e.acting import apart
from tests.e2e.relay import Relay
from tests.kit.factories import MadeRoom, make_room
from tests.kit.stubborn import turns


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A seat that is taken, and the secret its browser would have in a cookie."""

    seat: Seat
    secret: str

    def say(self, *texts: str, pane: str | None = None) -> None:
        """Say these, in this order."""
        apart(lambda: asyncio.run(_all_said(self.seat, texts, pane=pane)))

    def ready(self) -> None:
        """Agree to the consent text and be ready."""
        consent = self.seat.room.consent_sha256
        _act(playing.ready(self.seat, command_id=_new_id(), consent=consent))

    def leave(self) -> None:
        _act(playing.leave(self.seat, command_id=_new_id()))

    def decide(self, *, human: str) -> None:
        """Give a verdict, which ends the room."""
        given = {"human": human, "confidence": 0.85, "reason": "It never asked anything back."}
        _act(playing.verdict(self.seat, command_id=_new_id(), **given))  # type: ignore[arg-type]

    def open(self, page: Page, server: LiveServer | Relay) -> Page:
        """Open the room in a browser that holds this seat."""
        code = self.seat.room.code
        cookie = {"name": f"seat-{code}", "value": self.secret, "url": server.url}
        page.context.add_cookies([cookie])  # type: ignore[list-item]
        page.goto(f"{server.url}/room/{code}/")
        return page


@dataclass(frozen=True, slots=True, kw_only=True)
class SeatedRoom:
    """A room whose two invited people have taken their seats."""

    made: MadeRoom
    interrogator: Place
    witness: Place

    @property
    def room(self) -> Room:
        """The room as it stands in the database now."""
        return apart(Room.objects.get, id=self.made.room.id)

    @property
    def human_pane(self) -> str:
        """The pane, as a selector, that the invited witness sits behind."""
        return f"#pane-{self.made.human_pane}"

    def said(self) -> list[str]:
        """Every stored message of a person, oldest first."""
        return apart(_texts, self.made.room.id)

    def has_tagged(self, page: Page, *, n: int) -> None:
        """Wait until the last tags that the log has are so many; `page` goes on meanwhile."""
        waits = turns(f"{n} tags")
        while apart(_n_tags, self.made.room.id) != n:
            page.wait_for_timeout(1000 * next(waits))

    def pause(self) -> None:
        apart(services.pause, self.room, host=None, reason="A test.")

    def resume(self) -> None:
        apart(services.resume, self.room, host=None, reason="A test.")

    def has_left(self, left: dt.timedelta) -> None:
        """Move the end of the room's time to `left` from now."""
        apart(_move_end, self.made.room.id, timezone.now() + left)

    def waited_long_enough(self) -> None:
        """Let the time be over for which a lobby waits."""
        apart(_wake, self.made.room.id, TimerKind.LOBBY, timezone.now())


def take_seats(**options: object) -> SeatedRoom:
    """A new room in its lobby, with both people seated."""
    made = apart(make_room, **options)
    return SeatedRoom(
        made=made,
        interrogator=apart(take, made.interrogator),
        witness=apart(take, made.witness),
    )


def live_room(**options: object) -> SeatedRoom:
    """A new room that is live."""
    seated = take_seats(**options)
    seated.interrogator.ready()
    seated.witness.ready()
    return seated


def enter(page: Page, place: Place, server: LiveServer | Relay) -> Page:
    """Open a live room and see its conversations, with all that was said."""
    place.open(page, server)
    expect(page.locator(".pane").first).to_be_visible()
    # Set once everything is shown that was said before.
    expect(page.locator(".log").last).to_have_attribute("aria-live", "polite")
    return page


def take(token: str) -> Place:
    """Claim a seat, as a browser does."""
    claim = services.claim_seat(token, None)
    return Place(seat=services.seat_for(claim.room_code, claim.secret), secret=claim.secret)


def _new_id() -> str:
    return f"c:{secrets.token_hex(8)}"


def _act(command: Awaitable[object]) -> None:
    async def awaited() -> None:
        await command

    apart(lambda: asyncio.run(awaited()))


async def _all_said(seat: Seat, texts: tuple[str, ...], *, pane: str | None) -> None:
    # Queued in this order and committed in groups: hundreds take a moment.
    await asyncio.gather(
        *(playing.say(seat, command_id=_new_id(), text=text, pane=pane) for text in texts)
    )


def _texts(room_id: int) -> list[str]:
    machine = Seat.objects.filter(room=room_id, kind=Kind.MACHINE).values_list("name", flat=True)
    said = Event.objects.filter(room=room_id, kind=EventKind.MESSAGE).exclude(seat__in=machine)
    return [event.data["text"] for event in said.order_by("seq")]


def _n_tags(room_id: int) -> int:
    tagged = Event.objects.filter(room=room_id, kind=EventKind.TAG).order_by("seq").last()
    return len(tagged.data["strategies"]) if tagged else 0


def _move_end(room_id: int, ends_at: dt.datetime) -> None:
    Room.objects.filter(id=room_id).update(ends_at=ends_at)
    _wake(room_id, TimerKind.TIME_UP, ends_at)


def _wake(room_id: int, kind: TimerKind, due_at: dt.datetime) -> None:
    Timer.objects.filter(room=room_id, kind=kind).update(due_at=due_at, wake_at=due_at)
    broadcast.hub.ring([broadcast.TIMERS])
