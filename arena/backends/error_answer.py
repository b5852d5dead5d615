"""What a provider says in place of an answer, from whatever body it says it in."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

_READ_CHARS = 4_000
_TAGS = re.compile(r"<(script|style)\b.*?</\1>|<[^<>]{0,500}>", re.DOTALL | re.IGNORECASE)
_TITLE = re.compile(r"<title[^<>]{0,100}>([^<]{1,300})", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorAnswer:
    """The error of a provider: its status, its code, the parameter it is about, its words."""

    status: int | None
    code: str = ""
    param: str = ""
    message: str = ""
    html: bool = False

    @classmethod
    def of(cls, body: object, *, status: int | None = None) -> Self:
        """Read an error from a body: as JSON of any usual shape, HTML or plain text."""
        if isinstance(body, bytes):
            body = body.decode("utf-8", "replace")
        if isinstance(body, str):
            body = _decoded(body[:_READ_CHARS])
        if isinstance(body, str):
            html = re.match(r"\s*<(?:!doctype|html|head|body|\?xml)", body, re.IGNORECASE)
            return cls(status=status, message=_words(body), html=html is not None)
        error = _innermost(body)
        if not isinstance(error, Mapping):
            return cls(status=status, message=_words(str(error)))
        code, kind = error.get("code"), error.get("type")
        return cls(
            status=status or _status(code) or _status(error.get("status")),
            code=" ".join(
                str(said) for said in (code, kind, error.get("status")) if _is_word(said)
            ),
            param=str(error.get("param") or ""),
            message=_words(_message(error)),
        )

    @property
    def words(self) -> str:
        return f"{self.code} {self.param} {self.message}"


def error_within(answer: object) -> ErrorAnswer | None:
    """Return the error that an answer of status 200 carries, if it carries one."""
    if not isinstance(answer, Mapping):
        return None
    choices = answer.get("choices")
    first = choices[0] if isinstance(choices, list) and choices else None
    inner = first.get("error") if isinstance(first, Mapping) else None
    error = answer.get("error") or inner
    if not error and not choices and answer.get("object") == "error":
        error = answer  # older vLLM
    if not error and not choices and answer.get("success") is False:
        error = answer  # Cloudflare and other gateways
    return ErrorAnswer.of(error) if error else None


def _decoded(text: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def _innermost(body: object) -> object:
    """The object that describes the error, within lists and wrappers."""
    for _ in range(4):
        if isinstance(body, list) and body:
            body = body[0]
        elif isinstance(body, Mapping) and isinstance(body.get("error"), Mapping | list | str):
            body = body["error"]
        elif isinstance(body, Mapping) and isinstance(body.get("errors"), list):
            body = body["errors"]
        else:
            break
    return body


def _message(error: Mapping[str, object]) -> str:
    details = error.get("detail", error.get("details"))
    for said in (error.get("message"), error.get("msg"), details):
        if isinstance(said, str) and said:
            raw = _raw(error)
            return f"{said} {raw}".strip()
    if isinstance(details, list):
        return "; ".join(_detail(each) for each in details[:5])
    return json.dumps(error, default=str)


def _raw(error: Mapping[str, object]) -> str:
    """What the provider behind a gateway said (OpenRouter)."""
    metadata = error.get("metadata")
    raw = metadata.get("raw") if isinstance(metadata, Mapping) else None
    return raw[:_READ_CHARS] if isinstance(raw, str) else ""


def _detail(each: object) -> str:
    """One complaint of a FastAPI server (`detail: [{loc, msg}]`)."""
    if not isinstance(each, Mapping):
        return str(each)
    where = each.get("loc")
    path = ".".join(map(str, where)) if isinstance(where, list | tuple) else ""
    return f"{path}: {each.get('msg', each)}".removeprefix(": ")


def _words(text: str) -> str:
    """One line of plain words."""
    text = text[:_READ_CHARS]
    if title := _TITLE.search(text):
        text = title[1]
    return " ".join(_TAGS.sub(" ", text).split())


def _status(said: object) -> int | None:
    number = int(said) if isinstance(said, str) and re.fullmatch(r"\d{3}", said) else said
    is_status = isinstance(number, int) and not isinstance(number, bool) and 400 <= number < 600
    return number if is_status and isinstance(number, int) else None


def _is_word(said: object) -> bool:
    return isinstance(said, str) and re.fullmatch(r"[\w.:-]{1,80}", said) is not None
