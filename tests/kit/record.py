"""What the database holds of a room, read by the tests' own rules and not by the product's."""

import contextlib
from collections.abc import Iterator

from django.db import DEFAULT_DB_ALIAS, connections

from analysis.dataset import chain
from arena.events import chain_lines
from arena.models import Event, Room, Seat
from tests.kit.stubborn import Stubborn
from tests.kit.wire import Frame

_SHOWN = {
    "message": ("text",),
    "belief": ("p",),
    "tag": ("event", "strategies"),
    "verdict": ("human", "confidence", "reason"),
}


def events(code: str, *, using: str = DEFAULT_DB_ALIAS) -> list[Event]:
    with _brief(using):
        return list(Event.objects.using(using).filter(room__code=code).order_by("seq"))


@contextlib.contextmanager
def _brief(using: str) -> Iterator[None]:
    """Keep no connection to a database that will be gone soon."""
    try:
        yield
    finally:
        if using != DEFAULT_DB_ALIAS:
            connections[using].close()


def stream(log: list[Event], seat: str) -> list[Frame]:
    """The event frames that `seat` ("interrogator", "A" or "B") is owed, oldest first."""
    asks = seat == "interrogator"
    kinds = set(_SHOWN) if asks else {"message"}
    return [
        {
            "is": "event",
            "id": event.public_id,
            "at": event.at.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "kind": event.kind,
            **({"pane": event.pane} if asks and event.pane else {}),
            "from": "me" if event.seat == seat else "them",
            **{name: event.data[name] for name in _SHOWN[event.kind]},
        }
        for event in log
        if event.kind in kinds and (asks or event.pane == seat)
    ]


def check_log(code: str, *, using: str = DEFAULT_DB_ALIAS) -> list[Event]:
    """Assert that a room's log is whole; return it."""
    log = events(code, using=using)
    with _brief(using):
        room = Room.objects.using(using).get(code=code)
    assert [event.seq for event in log] == list(range(1, len(log) + 1))
    assert (room.last_seq, room.last_hash) == (len(log), log[-1].hash)
    assert chain.first_break(chain_lines(log, code)) is None
    return log


def check_client(client: Stubborn, log: list[Event], seat: str) -> None:
    """Assert that what a client sent is stored once and in order, and that it saw what it may."""
    mine = [event for event in log if event.seat == seat and _command(event) in client.sent]
    assert client.errors == []
    assert [_command(event) for event in mine] == list(client.sent)
    assert {_command(event): event.public_id for event in mine} == client.acks
    assert [e.data for e in mine] == [_body(c) for c in client.sent.values()]
    assert list(client.stream.values()) == stream(log, seat)


def human_pane(code: str, *, using: str = DEFAULT_DB_ALIAS) -> str:
    with _brief(using):
        people = Seat.objects.using(using).filter(room__code=code, kind="human", stand_in=False)
        return people.exclude(name="interrogator").get().name


def _command(event: Event) -> str:
    """The client's own id of the command that an event answers."""
    return (event.command_id or "").removeprefix("c:")


def _body(command: Frame) -> Frame:
    kind = "message" if command["do"] == "say" else command["do"]
    return {name: command[name] for name in _SHOWN[kind]}
