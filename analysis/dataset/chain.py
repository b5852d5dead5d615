"""The hash chain of a room's log and the seal of its assignment: made by the arena, checked by all.

An event's body is salted and hashed; the event's hash covers that digest, every other stored
field and the hash before it. Erasing a body (and its salt) therefore leaves the chain intact.
Standard library only.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from json.encoder import encode_basestring

#: The "hash before" of a room's first event.
GENESIS = "0" * 64

HASHED_FIELDS = (
    "room", "seq", "id", "at", "kind", "seat", "pane", "command", "body_sha256", "prev",
)  # fmt: skip

#: Kinds whose bodies are a participant's own words or opinions, and can be erased on request.
ERASABLE = frozenset(
    {"message", "held", "typed", "belief", "verdict", "claims", "summary", "help", "exit"}
)

#: Any seat of a room that asked for an erasure.
_ANYBODY = object()
#: Kinds that hold a machine's memory of its room: erased as soon as any participant's words are.
REMEMBERED = frozenset({"claims", "summary"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Break:
    """The first place where a room's log does not prove itself."""

    room: str
    event: str
    why: str

    def __str__(self) -> str:
        return f"Room {self.room}, event {self.event}: {self.why}"


def canonical(value: object) -> bytes:
    """JSON with sorted keys, no spaces and UTF-8: the one byte form that is ever hashed."""
    return _ENCODER.encode(value).encode()


_ENCODER = json.JSONEncoder(
    sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
)


def sha256(value: object) -> str:
    """SHA-256 of the canonical JSON of `value`, as 64 hexadecimal digits."""
    return hashlib.sha256(canonical(value)).hexdigest()


def text_sha256(text: str) -> str:
    """SHA-256 of a text in UTF-8, as 64 hexadecimal digits."""
    return hashlib.sha256(text.encode()).hexdigest()


def body_digest(body: object, salt: str) -> str:
    """Digest of an event's body under its salt (hexadecimal): short bodies cannot be guessed."""
    return bytes_digest(canonical(body), salt)


def bytes_digest(body: bytes, salt: str) -> str:
    """`body_digest` of a body that is canonical JSON already."""
    return hashlib.sha256(bytes.fromhex(salt) + body).hexdigest()


def event_digest(event: Mapping[str, object]) -> str:
    """Digest of an event from its stored fields (`HASHED_FIELDS`)."""
    return hashlib.sha256(_flat([event[name] for name in HASHED_FIELDS])).hexdigest()


def _flat(values: list[object]) -> bytes:
    """`canonical` of a list, put together by hand where it holds texts and whole numbers alone.

    An encoder is made anew for each value, which costs several times as much.
    """
    pieces = []
    for value in values:
        if type(value) is str:
            pieces.append(encode_basestring(value))
        elif type(value) is int:
            pieces.append(str(value))
        elif value is None:
            pieces.append("null")
        else:
            return canonical(values)
    return f"[{','.join(pieces)}]".encode()


def seal(assignment: str, nonce: str) -> str:
    """Commitment to an assignment: SHA-256 of the UTF-8 text ``<assignment>.<nonce>``."""
    return hashlib.sha256(f"{assignment}.{nonce}".encode()).hexdigest()


def first_break(events: Iterable[Mapping[str, object]]) -> Break | None:
    """Check one room's events, in order, and return the first that does not fit, or None.

    Parameters
    ----------
    events : iterable of mappings
        The lines of ``events.jsonl`` for one room: the hashed fields and ``body``, ``salt``,
        ``hash``. ``body`` and ``salt`` are null where the body was erased.
    """
    prev, commitment = GENESIS, None
    erased: dict[object, str] = {}
    wishes: set[object] = set()
    for n, event in enumerate(events, start=1):
        why = _event_fault(event, expected_seq=n, prev=prev)
        body = event["body"]
        if body is None:
            whose = _ANYBODY if event["kind"] in REMEMBERED else event["seat"]
            erased.setdefault(whose, str(event["id"]))
        if why is None and isinstance(body, Mapping):
            if event["kind"] == "left" and body.get("erased"):
                wishes.add(event["seat"])
            elif event["kind"] == "sealed":
                commitment = body.get("seal")
            elif event["kind"] == "revealed":
                why = _seal_fault(body, commitment)
        if why is not None:
            return Break(room=str(event["room"]), event=str(event["id"]), why=why)
        prev = str(event["hash"])
        room = str(event["room"])
    for seat, first in erased.items():
        if seat not in wishes and not (seat is _ANYBODY and wishes):
            why = "its body was erased, but nobody asked for that"
            return Break(room=room, event=first, why=why)
    return None


def _event_fault(event: Mapping[str, object], *, expected_seq: int, prev: str) -> str | None:
    if event["seq"] != expected_seq:
        return f"its number is {event['seq']}, but {expected_seq} was expected"
    if event["prev"] != prev:
        return "it does not follow the event before it"
    body, salt = event["body"], event["salt"]
    if (body is None) != (salt is None):
        return "its body or its salt is missing without the other"
    if body is None and event["kind"] not in ERASABLE:
        return "its body is missing, and nobody can ask for that"
    if salt is not None and not _fits(body, str(salt), event["body_sha256"]):
        return "its body is not the one that was logged"
    if event_digest(event) != event["hash"]:
        return "its fields are not the ones that were logged"
    return None


def _fits(body: object, salt: str, digest: object) -> bool:
    try:
        return body_digest(body, salt) == digest
    except ValueError:  # The salt is not hexadecimal, or the body has no canonical form.
        return False


def _seal_fault(body: Mapping[str, object], commitment: object) -> str | None:
    if seal(str(body.get("assignment")), str(body.get("nonce"))) != commitment:
        return "the assignment it reveals is not the one that was sealed"
    return None
