"""How long a provider asks to be left alone."""

import datetime as dt
from email.utils import format_datetime

import pytest

from arena.backends.retry_after import retry_after_s

NOW = dt.datetime(2026, 11, 29, 3, 0, 0, tzinfo=dt.UTC)
DATE = {"Date": format_datetime(NOW, usegmt=True)}
SOON = NOW + dt.timedelta(seconds=90)


@pytest.mark.parametrize(
    ("headers", "body", "seconds"),
    [
        ({"Retry-After": "5"}, None, 5.0),
        ({"retry-after": "0"}, None, 0.0),
        ({"Retry-After": "0.25"}, None, 0.25),
        ({"Retry-After": format_datetime(SOON, usegmt=True)}, None, 90.0),
        ({"Retry-After": format_datetime(NOW - dt.timedelta(1), usegmt=True)}, None, 0.0),
        ({"Retry-After": SOON.isoformat()}, None, 90.0),
        ({"Retry-After": str(int(SOON.timestamp()))}, None, 90.0),
        ({"Retry-After": "9" * 15}, None, 30 * 86_400.0),
        ({"Retry-After": "soon"}, None, None),
        ({"retry-after-ms": "1500", "Retry-After": "9"}, None, 1.5),
        ({}, {"error": {"details": [{"retryDelay": "34s"}]}}, 34.0),
        ({}, {"message": "Rate limit reached. Please try again in 20s."}, 20.0),
        ({}, {"message": "Please try again in 820ms."}, 0.82),
        (
            {"x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "6m0s",
             "x-ratelimit-remaining-tokens": "12", "x-ratelimit-reset-tokens": "1h"},
            None,
            360.0,
        ),
        (
            {"anthropic-ratelimit-tokens-remaining": "0",
             "anthropic-ratelimit-tokens-reset": SOON.isoformat()},
            None,
            90.0,
        ),
        (
            {"X-RateLimit-Remaining": "0",
             "X-RateLimit-Reset": str(int(SOON.timestamp() * 1000))},
            None,
            90.0,
        ),
        ({"x-ratelimit-remaining-requests": "3", "x-ratelimit-reset-requests": "6m"}, None, None),
        ({}, None, None),
    ],
)  # fmt: skip
def test_waits_are_read(headers: dict[str, str], body: object, seconds: float | None) -> None:
    assert retry_after_s(DATE | headers, body) == pytest.approx(seconds)
