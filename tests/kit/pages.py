"""What tests of pages need: browsers of every role, and rooms brought to a phase."""

import secrets
from collections.abc import Coroutine

from asgiref.sync import async_to_sync
from django.contrib.auth.models import User
from django.test import Client

from arena.models import Seat
from arena.services import playing
from tests.kit.factories import MadeRoom


def seated(token: str) -> Client:
    """A browser that has taken the seat of an invitation."""
    browser = Client()
    assert browser.post(f"/join/{token}/").status_code == 303
    return browser


def host() -> Client:
    """A browser in which a host is signed in."""
    return _signed_in(is_staff=True)


def stranger() -> Client:
    """A browser with an account that is no host's."""
    return _signed_in(is_staff=False)


def _signed_in(*, is_staff: bool) -> Client:
    browser = Client()
    name = f"user-{secrets.token_hex(6)}"
    browser.force_login(User.objects.create_user(name, is_staff=is_staff))
    return browser


def interrogator(made: MadeRoom) -> Seat:
    return made.room.seats.get(name="interrogator")


def witness(made: MadeRoom) -> Seat:
    """The invited witness, a stand-in included."""
    return made.room.seats.exclude(name="interrogator").get(token_hash__isnull=False)


def machine(made: MadeRoom) -> Seat:
    return made.room.seats.get(kind="machine")


def make_ready(made: MadeRoom) -> None:
    """Both people agree; the room goes live."""
    for seat in (interrogator(made), witness(made)):
        do(playing.ready(seat, command_id=_id(), consent=made.room.consent_sha256))


def say(seat: Seat, text: str, *, pane: str | None = None) -> None:
    do(playing.say(seat, command_id=_id(), text=text, pane=pane))


def decide(made: MadeRoom, human: str | bool, *, confidence: float = 0.9) -> None:
    do(
        playing.verdict(
            interrogator(made), command_id=_id(), human=human, confidence=confidence, reason="hunch"
        )
    )


def do(command: Coroutine[object, object, object]) -> None:
    async def run() -> None:
        await command

    async_to_sync(run)()


def _id() -> str:
    return secrets.token_hex(8)
