"""Events as they are stored: their bodies, what their hashes cover, the lines that prove them."""

import json
from collections.abc import Iterable
from typing import TypeVar

from analysis.dataset import chain
from analysis.dataset.moments import iso_ms
from arena.event_kinds import Body
from arena.models import Event

B = TypeVar("B", bound=Body)


def body_of(event: Event, of: type[B]) -> B | None:
    """What an event says; None where it was erased."""
    return None if event.body is None else of.from_stored(event.body)


def hashed_fields(event: Event, room_code: str) -> dict[str, object]:
    """The stored fields of an event as the chain hashes and the export writes them."""
    return {
        "room": room_code,
        "seq": event.seq,
        "id": event.public_id,
        "at": iso_ms(event.at),
        "kind": str(event.kind),
        "seat": event.seat,
        "pane": event.pane,
        "command": event.command_id,
        "body_sha256": event.body_sha256,
        "prev": event.prev,
    }


def _as_logged(body: str | None) -> object:
    """A stored body as JSON values; as plain text, which no digest fits, where it was touched."""
    if body is None:
        return None
    try:
        value: object = json.loads(body)
        untouched = chain.canonical(value).decode() == body
    except ValueError:
        return body
    return value if untouched else body


def chain_lines(events: Iterable[Event], room_code: str) -> Iterable[dict[str, object]]:
    """A room's events as `analysis.dataset.chain.first_break` and ``events.jsonl`` take them."""
    for event in events:
        yield {
            **hashed_fields(event, room_code),
            "body": _as_logged(event.body),
            "salt": event.salt,
            "hash": event.hash,
        }
