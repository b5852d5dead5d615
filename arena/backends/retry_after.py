"""How long a provider asks to be left alone, wherever in its answer it says so."""

import datetime as dt
import json
import re
from collections.abc import Iterator, Mapping
from email.utils import parsedate_to_datetime

#: Nobody waits longer, and a number beyond it is a moment.
_LONGEST_S = 30 * 86_400.0
_UNITS_S = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0}
_SPAN = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)")
_SPANS = re.compile(r"(?:\d+(?:\.\d+)?(?:ms|s|m|h|d))+")
_SAID = re.compile(
    r"(?:try|retry)(?: again)?(?: in| after)\s+(\d+(?:\.\d+)?)\s*(ms|milliseconds|s|seconds?)\b",
    re.IGNORECASE,
)
#: Counters of limits: what is left of each, and when it is full again.
_LIMITS = re.compile(
    r"(?:x-ratelimit-remaining(-[\w-]+)?|anthropic-ratelimit(-[\w-]+)-remaining)", re.IGNORECASE
)


def retry_after_s(headers: Mapping[str, str], body: object = None) -> float | None:
    """Return the seconds until a provider may be asked again; None if it does not say.

    What is said outright goes first: `retry-after-ms`, `Retry-After` in seconds or as a date. Then
    the body (Google's `retryDelay`, "try again in 20s"), and the limits that are used up.
    """
    low = {name.lower(): value.strip() for name, value in headers.items()}
    now = _moment(low.get("date", "")) or dt.datetime.now(dt.UTC)
    said = (
        _number(low.get("retry-after-ms", ""), scale=0.001),
        _seconds_until(low.get("retry-after", ""), now),
        _in_body(body),
        max(_used_up(low, now), default=None),
    )
    return next((min(seconds, _LONGEST_S) for seconds in said if seconds is not None), None)


def _number(text: str, *, scale: float = 1.0) -> float | None:
    return float(text) * scale if re.fullmatch(r"\d{1,15}(?:\.\d{0,9})?", text) else None


def _moment(text: str) -> dt.datetime | None:
    for read in (parsedate_to_datetime, dt.datetime.fromisoformat):
        try:
            at = read(text)
        except (ValueError, TypeError, IndexError):
            continue
        return at if at.tzinfo else at.replace(tzinfo=dt.UTC)
    return None


def _seconds_until(text: str, now: dt.datetime) -> float | None:
    """Seconds, a span ("6m0s"), a moment, or seconds or milliseconds since 1970."""
    if (number := _number(text)) is not None:
        if number <= _LONGEST_S:
            return number
        since_1970 = number / 1000 if number > 1e11 else number
        return max(0.0, since_1970 - now.timestamp())
    if _SPANS.fullmatch(text):
        return sum(float(n) * _UNITS_S[unit] for n, unit in _SPAN.findall(text))
    at = _moment(text) if text else None
    return None if at is None else max(0.0, (at - now).total_seconds())


def _in_body(body: object) -> float | None:
    if body is None:
        return None
    try:
        text = body if isinstance(body, str) else json.dumps(body)
    except (TypeError, ValueError):
        return None
    if delay := re.search(r'"retryDelay":\s*"(\d+(?:\.\d+)?)s"', text):
        return float(delay[1])
    if said := _SAID.search(text):
        return float(said[1]) * (0.001 if said[2].lower().startswith("m") else 1.0)
    return None


def _used_up(low: Mapping[str, str], now: dt.datetime) -> Iterator[float]:
    for name, left in low.items():
        found = _LIMITS.fullmatch(name)
        if found is None or _number(left) != 0.0:
            continue
        reset = name.replace("remaining", "reset")
        if (seconds := _seconds_until(low.get(reset, ""), now)) is not None:
            yield seconds
