"""The wire protocol of a room, version 1: strict reading of a client's frames.

Knows no socket, no database and no seat's rights: whether a well-formed command is allowed here and
now is decided by the service that runs it.
"""

import datetime as dt
import json
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import ClassVar

from arena.errors import ArenaError

MAX_FRAME_BYTES = 16 * 1024
MAX_TOKEN_CHARS = 64
MAX_STRATEGIES = 64
MAX_HISTORY = 200
#: Of a count or a time in `typed`: about eleven days in milliseconds.
MAX_TYPED = 1_000_000_000
N_NEWEST = 200
SHOWN_CHARS = 40

Json = Mapping[str, object]


class ProtocolError(ArenaError):
    """A frame that is not a command; `re` is the client's id where one could be read."""

    code: ClassVar[str] = "protocol.error"

    def __init__(self, message: str, *, re: str | None = None) -> None:
        super().__init__(message)
        self.re = re


class FrameTooBig(ProtocolError):
    code = "protocol.too_big"


class NotUtf8(ProtocolError):
    code = "protocol.encoding"


class NotJson(ProtocolError):
    code = "protocol.json"


class BadShape(ProtocolError):
    code = "protocol.shape"


class UnknownCommand(ProtocolError):
    code = "protocol.unknown_command"


class MissingKey(ProtocolError):
    code = "protocol.missing"


class WrongType(ProtocolError):
    code = "protocol.type"


class OutOfRange(ProtocolError):
    code = "protocol.range"


class BadText(ProtocolError):
    code = "protocol.text"


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
    body = _object(_text(frame))
    try:
        name = _string(body, "do")
        if name not in _READERS:
            raise UnknownCommand(
                f"Unknown command {shown(name)}. Known commands: {', '.join(_READERS)}."
            )
        return _READERS[name](body)
    except ProtocolError as refused:
        refused.re = _id_or_none(body)
        raise


def shown(value: object) -> str:
    """A short, printable ASCII form of any value, safe to send back to its sender."""
    if isinstance(value, str):
        short = value if len(value) <= SHOWN_CHARS else value[:SHOWN_CHARS] + "..."
        return ascii(short)
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, int):
        return str(value) if value.bit_length() <= 64 else "a very large whole number"
    if isinstance(value, float):
        return repr(value)
    return "a list" if isinstance(value, list) else "an object"


def _text(frame: str | bytes) -> str:
    # Only a frame that came as text can hold lone surrogates; they are refused where they matter.
    raw = frame.encode("utf-8", "surrogatepass") if isinstance(frame, str) else frame
    if len(raw) > MAX_FRAME_BYTES:
        raise FrameTooBig(
            f"The frame has {len(raw)} bytes, but at most {MAX_FRAME_BYTES} are allowed. "
            "Send less at once."
        )
    if isinstance(frame, str):
        return frame
    try:
        return frame.decode("utf-8")
    except UnicodeDecodeError as broken:
        raise NotUtf8(
            f"The frame is not UTF-8 from byte {broken.start} on. Send JSON text in UTF-8."
        ) from None


def _object(text: str) -> Json:
    try:
        body = _DECODER.decode(text)
    except RecursionError:
        raise BadShape("The frame is nested too deeply. Send one flat JSON object.") from None
    except ValueError:
        raise NotJson(
            "The frame is not JSON. Send one JSON object, without NaN or Infinity."
        ) from None
    if not isinstance(body, dict):
        raise BadShape(f'The frame is {_kind(body)}. Send one JSON object with a "do" key.')
    return body


def _refuse_constant(name: str) -> None:
    raise ValueError(name)


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    body = dict(pairs)
    if len(body) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise BadShape(f"The key {shown(twice)} occurs twice in one object. Send each key once.")
    return body


_DECODER = json.JSONDecoder(parse_constant=_refuse_constant, object_pairs_hook=_unique)


def _id_or_none(body: Json) -> str | None:
    value = body.get("id")
    return value if isinstance(value, str) and _is_token(value) else None


def _is_token(value: str) -> bool:
    return 0 < len(value) <= MAX_TOKEN_CHARS and value.isprintable()


def _kind(value: object) -> str:
    words = {bool: "a boolean", int: "a number", float: "a number", str: "a string", list: "a list"}
    return "null" if value is None else words.get(type(value), "an object")


def _get(body: Json, key: str) -> object:
    if key not in body:
        raise MissingKey(f'The key "{key}" is missing. Send it with this command.')
    return body[key]


def _wrong(key: str, value: object, expected: str) -> WrongType:
    return WrongType(f'"{key}" is {_kind(value)} ({shown(value)}). Send {expected}.')


def _string(body: Json, key: str) -> str:
    value = _get(body, key)
    if not isinstance(value, str):
        raise _wrong(key, value, "a string")
    if _NO_TEXT.search(value):
        raise BadText(
            f'"{key}" contains a NUL or half a surrogate pair and is not text. Send Unicode text.'
        )
    return value


#: A NUL, or half a surrogate pair.
_NO_TEXT = re.compile("[\0\ud800-\udfff]")


def _token(body: Json, key: str) -> str:
    value = _string(body, key)
    _check_token(key, value)
    return value


def _check_token(key: str, value: str) -> None:
    if not 0 < len(value) <= MAX_TOKEN_CHARS:
        raise OutOfRange(
            f'"{key}" has {len(value)} characters. Send 1 to {MAX_TOKEN_CHARS} characters.'
        )
    if not value.isprintable():
        raise BadText(f'"{key}" is {shown(value)}. Send printable characters only.')


def _token_or_null(body: Json, key: str) -> str | None:
    return None if _get(body, key) is None else _token(body, key)


def _number(body: Json, key: str, *, low: float, high: float) -> float:
    value = _get(body, key)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _wrong(key, value, f"a number from {low:g} to {high:g}")
    if (isinstance(value, float) and not math.isfinite(value)) or not low <= value <= high:
        raise OutOfRange(f'"{key}" is {shown(value)}. Send a number from {low:g} to {high:g}.')
    return float(value) + 0.0  # turns -0.0 into 0.0


def _integer(body: Json, key: str, *, low: int, high: int) -> int:
    value = _get(body, key)
    if isinstance(value, bool) or not isinstance(value, int):
        raise _wrong(key, value, f"a whole number from {low} to {high}")
    if not low <= value <= high:
        raise OutOfRange(f'"{key}" is {shown(value)}. Send a whole number from {low} to {high}.')
    return value


def _strategies(body: Json) -> tuple[str, ...]:
    value = _get(body, "strategies")
    if not isinstance(value, list):
        raise _wrong("strategies", value, "a list of strategy ids")
    if len(value) > MAX_STRATEGIES:
        raise OutOfRange(
            f'"strategies" has {len(value)} entries. Send at most {MAX_STRATEGIES} of them.'
        )
    tokens = [_token({"strategies": entry}, "strategies") for entry in value]
    return tuple(dict.fromkeys(tokens))


def _human(body: Json) -> str | bool:
    value = _get(body, "human")
    if isinstance(value, bool):
        return value
    if not isinstance(value, str):
        raise _wrong("human", value, '"A", "B", true or false')
    if value not in ("A", "B"):
        raise OutOfRange(f'"human" is {shown(value)}. Send "A", "B", true or false.')
    return value


def _say(body: Json) -> Say:
    pane = None if body.get("pane") is None else _token(body, "pane")
    return Say(id=_token(body, "id"), pane=pane, text=_string(body, "text"), typed=_typed(body))


def _typed(body: Json) -> HowTyped | None:
    value = body.get("typed")
    if value is None:
        return None
    if not isinstance(value, dict):
        raise _wrong("typed", value, "an object of counts and times")

    def count(key: str) -> int:
        return _integer(value, key, low=0, high=MAX_TYPED)

    def pause(key: str) -> int | None:
        return None if _get(value, key) is None else count(key)

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
        id=_token(body, "id"),
        human=_human(body),
        confidence=_number(body, "confidence", low=0.5, high=1),
        reason=_string(body, "reason"),
    )


def _tag(body: Json) -> TagMessage:
    return TagMessage(
        id=_token(body, "id"), event=_token(body, "event"), strategies=_strategies(body)
    )


def _history(body: Json) -> History:
    limit = _integer(body, "limit", low=1, high=MAX_HISTORY)
    places = [name for name in ("before", "after", "at") if name in body]
    if not places:
        raise MissingKey('One of the keys "before", "after" and "at" is missing. Send one of them.')
    if len(places) > 1:
        raise BadShape(
            f'"{places[0]}" and "{places[1]}" are both there. Send one of "before", "after", "at".'
        )
    [place] = places
    return History(
        before=_token(body, "before") if place == "before" else None,
        after=_token(body, "after") if place == "after" else None,
        at=_moment(body, "at") if place == "at" else None,
        limit=limit,
        pane=None if body.get("pane") is None else _token(body, "pane"),
        id=None if body.get("id") is None else _token(body, "id"),
    )


def _moment(body: Json, key: str) -> dt.datetime:
    """A moment in UTC."""
    value = _string(body, key)
    try:
        moment = dt.datetime.fromisoformat(value)
        if moment.tzinfo is not None:
            return moment.astimezone(dt.UTC)
    except (ValueError, OverflowError):
        pass
    raise OutOfRange(
        f'"{key}" is {shown(value)}. Send a moment with its zone, such as "2026-11-22T22:42:10Z".'
    )


_READERS: dict[str, Callable[[Json], Command]] = {
    "sync": lambda body: Sync(after=_token_or_null(body, "after")),
    "history": _history,
    "ready": lambda body: DeclareReady(id=_token(body, "id"), consent=_token(body, "consent")),
    "say": _say,
    "belief": lambda body: ReportBelief(id=_token(body, "id"), p=_number(body, "p", low=0, high=1)),
    "tag": _tag,
    "read": lambda body: MarkRead(id=_token(body, "id"), event=_token(body, "event")),
    "verdict": _verdict,
    "leave": lambda body: Leave(id=_token(body, "id")),
    "ping": lambda body: Ping(),
}
COMMANDS = tuple(_READERS)
