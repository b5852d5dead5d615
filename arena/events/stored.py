"""Events as they are stored: their bodies, what their hashes cover, the lines that prove them."""

import json
from collections.abc import Iterable
from typing import TypeVar

from analysis.dataset import chain
from analysis.dataset.moments import iso_ms
from arena.event_kinds import Body
from arena.events.chains import ChainedEvent
from arena.models import Event

B = TypeVar("B", bound=Body)


def body_of(event: Event | ChainedEvent, of: type[B]) -> B | None:
    """What an event says; None where it was erased."""
    return None if event.body is None else of.from_stored(event.body)


def hashed_fields(event: Event | ChainedEvent, room_code: str) -> dict[str, object]:
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


def is_as_hashed(body: str | None, salt: str | None, digest: str) -> bool:
    """Whether a stored body is to the letter what was hashed, and so canonical JSON."""
    if body is None or salt is None:
        return False
    try:
        return chain.bytes_digest(body.encode(), salt) == digest
    except ValueError:  # The salt is not hexadecimal, or the text has no UTF-8.
        return False


def _as_logged(event: Event | ChainedEvent) -> object:
    """A stored body as JSON values; as plain text, which no digest fits, where it was touched."""
    if event.body is None:
        return None
    try:
        value: object = json.loads(event.body)
        untouched = (
            is_as_hashed(event.body, event.salt, event.body_sha256)
            or chain.canonical(value).decode() == event.body
        )
    except ValueError:
        return event.body
    return value if untouched else event.body


def chain_lines(
    events: Iterable[Event | ChainedEvent], room_code: str
) -> Iterable[dict[str, object]]:
    """A room's events as `analysis.dataset.chain.first_break` and ``events.jsonl`` take them."""
    for event in events:
        yield {
            **hashed_fields(event, room_code),
            "body": _as_logged(event),
            "salt": event.salt,
            "hash": event.hash,
        }
