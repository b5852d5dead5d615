"""The wire protocol of a room, version 1: strict reading of a client's frames.

Knows no socket, no database and no seat's rights: whether a well-formed command is allowed here and
now is decided by the service that runs it.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from arena.protocol import fields
from arena.protocol.fields import Json

MAX_STRATEGIES = 64
MAX_HISTORY = 200
#: Of a count or a time in `typed`: about eleven days in milliseconds.
MAX_TYPED = 1_000_000_000
N_NEWEST = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Sync:
    after: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """Some events around one place: before or after an event, or from a moment on."""

    before: str | None = None
    after: str | None = None
    at: dt.datetime | None = None
    limit: int
    pane: str | None = None
    id: str | None = None  # the page of one that has it is told apart from news


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclareReady:
    id: str
    consent: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HowTyped:
    """How a witness wrote a message: counts and times in milliseconds; no key and no text."""

    keys: int
    pastes: int
    pasted_chars: int
    away: int
    away_ms: int
    writing_ms: int
    pause_p50_ms: int | None
    pause_p90_ms: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Say:
    id: str
    pane: str | None
    text: str
    typed: HowTyped | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportBelief:
    id: str
    p: float


@dataclass(frozen=True, slots=True, kw_only=True)
class TagMessage:
    id: str
    event: str
    strategies: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkRead:
    id: str
    event: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GiveVerdict:
    id: str
    human: str | bool
    confidence: float
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Leave:
    id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ping:
    pass


#: What is stored and acknowledged; the others only ask.
StoredCommand = DeclareReady | Say | ReportBelief | TagMessage | MarkRead | GiveVerdict | Leave
Command = Sync | History | Ping | StoredCommand


def parse(frame: str | bytes) -> Command:
    """Read one frame as a command, or raise a ProtocolError that says what is wrong with it."""
    body = fields.read(frame)
    try:
        name = fields.string(body, "do")
        if name not in _READERS:
            raise fields.UnknownCommand(
                f"Unknown command {fields.shown(name)}. Known commands: {', '.join(_READERS)}."
            )
        return _READERS[name](body)
    except fields.ProtocolError as refused:
        refused.re = fields.id_or_none(body)
        raise


def _strategies(body: Json) -> tuple[str, ...]:
    value = fields.get(body, "strategies")
    if not isinstance(value, list):
        raise fields.wrong("strategies", value, "a list of strategy ids")
    if len(value) > MAX_STRATEGIES:
        raise fields.OutOfRange(
            f'"strategies" has {len(value)} entries. Send at most {MAX_STRATEGIES} of them.'
        )
    tokens = [fields.token({"strategies": entry}, "strategies") for entry in value]
    return tuple(dict.fromkeys(tokens))


def _human(body: Json) -> str | bool:
    value = fields.get(body, "human")
    if isinstance(value, bool):
        return value
    if not isinstance(value, str):
        raise fields.wrong("human", value, '"A", "B", true or false')
    if value not in ("A", "B"):
        raise fields.OutOfRange(f'"human" is {fields.shown(value)}. Send "A", "B", true or false.')
    return value


def _say(body: Json) -> Say:
    pane = None if body.get("pane") is None else fields.token(body, "pane")
    return Say(
        id=fields.token(body, "id"), pane=pane, text=fields.string(body, "text"), typed=_typed(body)
    )


def _typed(body: Json) -> HowTyped | None:
    value = body.get("typed")
    if value is None:
        return None
    if not isinstance(value, dict):
        raise fields.wrong("typed", value, "an object of counts and times")

    def count(key: str) -> int:
        return fields.integer(value, key, low=0, high=MAX_TYPED)

    def pause(key: str) -> int | None:
        return None if fields.get(value, key) is None else count(key)

    return HowTyped(
        keys=count("keys"),
        pastes=count("pastes"),
        pasted_chars=count("pasted_chars"),
        away=count("away"),
        away_ms=count("away_ms"),
        writing_ms=count("writing_ms"),
        pause_p50_ms=pause("pause_p50_ms"),
        pause_p90_ms=pause("pause_p90_ms"),
    )


def _verdict(body: Json) -> GiveVerdict:
    return GiveVerdict(
        id=fields.token(body, "id"),
        human=_human(body),
        confidence=fields.number(body, "confidence", low=0.5, high=1),
        reason=fields.string(body, "reason"),
    )


def _tag(body: Json) -> TagMessage:
    return TagMessage(
        id=fields.token(body, "id"), event=fields.token(body, "event"), strategies=_strategies(body)
    )


def _history(body: Json) -> History:
    limit = fields.integer(body, "limit", low=1, high=MAX_HISTORY)
    places = [name for name in ("before", "after", "at") if name in body]
    if not places:
        raise fields.MissingKey(
            'One of the keys "before", "after" and "at" is missing. Send one of them.'
        )
    if len(places) > 1:
        raise fields.BadShape(
            f'"{places[0]}" and "{places[1]}" are both there. Send one of "before", "after", "at".'
        )
    [place] = places
    return History(
        before=fields.token(body, "before") if place == "before" else None,
        after=fields.token(body, "after") if place == "after" else None,
        at=fields.moment(body, "at") if place == "at" else None,
        limit=limit,
        pane=None if body.get("pane") is None else fields.token(body, "pane"),
        id=None if body.get("id") is None else fields.token(body, "id"),
    )


_READERS: dict[str, Callable[[Json], Command]] = {
    "sync": lambda body: Sync(after=fields.token_or_null(body, "after")),
    "history": _history,
    "ready": lambda body: DeclareReady(
        id=fields.token(body, "id"), consent=fields.token(body, "consent")
    ),
    "say": _say,
    "belief": lambda body: ReportBelief(
        id=fields.token(body, "id"), p=fields.number(body, "p", low=0, high=1)
    ),
    "tag": _tag,
    "read": lambda body: MarkRead(id=fields.token(body, "id"), event=fields.token(body, "event")),
    "verdict": _verdict,
    "leave": lambda body: Leave(id=fields.token(body, "id")),
    "ping": lambda body: Ping(),
}
COMMANDS = tuple(_READERS)
