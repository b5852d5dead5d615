"""One frame of a client as a JSON object, and its fields, strictly read.

Whatever is not as documented is refused with a sentence that says what to send instead.
"""

import datetime as dt
import json
import math
import re
from collections.abc import Mapping
from typing import ClassVar

from arena.errors import ArenaError

MAX_FRAME_BYTES = 16 * 1024
MAX_TOKEN_CHARS = 64
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


def read(frame: str | bytes) -> Json:
    """The object that a frame holds, or a ProtocolError."""
    return _object(_text(frame))


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


def id_or_none(body: Json) -> str | None:
    value = body.get("id")
    return value if isinstance(value, str) and _is_token(value) else None


def _is_token(value: str) -> bool:
    return 0 < len(value) <= MAX_TOKEN_CHARS and value.isprintable()


def _kind(value: object) -> str:
    words = {bool: "a boolean", int: "a number", float: "a number", str: "a string", list: "a list"}
    return "null" if value is None else words.get(type(value), "an object")


def get(body: Json, key: str) -> object:
    if key not in body:
        raise MissingKey(f'The key "{key}" is missing. Send it with this command.')
    return body[key]


def wrong(key: str, value: object, expected: str) -> WrongType:
    return WrongType(f'"{key}" is {_kind(value)} ({shown(value)}). Send {expected}.')


def string(body: Json, key: str) -> str:
    value = get(body, key)
    if not isinstance(value, str):
        raise wrong(key, value, "a string")
    if _NO_TEXT.search(value):
        raise BadText(
            f'"{key}" contains a NUL or half a surrogate pair and is not text. Send Unicode text.'
        )
    return value


#: A NUL, or half a surrogate pair.
_NO_TEXT = re.compile("[\0\ud800-\udfff]")


def token(body: Json, key: str) -> str:
    value = string(body, key)
    _check_token(key, value)
    return value


def _check_token(key: str, value: str) -> None:
    if not 0 < len(value) <= MAX_TOKEN_CHARS:
        raise OutOfRange(
            f'"{key}" has {len(value)} characters. Send 1 to {MAX_TOKEN_CHARS} characters.'
        )
    if not value.isprintable():
        raise BadText(f'"{key}" is {shown(value)}. Send printable characters only.')


def token_or_null(body: Json, key: str) -> str | None:
    return None if get(body, key) is None else token(body, key)


def number(body: Json, key: str, *, low: float, high: float) -> float:
    value = get(body, key)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise wrong(key, value, f"a number from {low:g} to {high:g}")
    if (isinstance(value, float) and not math.isfinite(value)) or not low <= value <= high:
        raise OutOfRange(f'"{key}" is {shown(value)}. Send a number from {low:g} to {high:g}.')
    return float(value) + 0.0  # turns -0.0 into 0.0


def integer(body: Json, key: str, *, low: int, high: int) -> int:
    value = get(body, key)
    if isinstance(value, bool) or not isinstance(value, int):
        raise wrong(key, value, f"a whole number from {low} to {high}")
    if not low <= value <= high:
        raise OutOfRange(f'"{key}" is {shown(value)}. Send a whole number from {low} to {high}.')
    return value


def moment(body: Json, key: str) -> dt.datetime:
    """A moment in UTC."""
    value = string(body, key)
    try:
        moment = dt.datetime.fromisoformat(value)
        if moment.tzinfo is not None:
            return moment.astimezone(dt.UTC)
    except (ValueError, OverflowError):
        pass
    raise OutOfRange(
        f'"{key}" is {shown(value)}. Send a moment with its zone, such as "2026-11-22T22:42:10Z".'
    )
