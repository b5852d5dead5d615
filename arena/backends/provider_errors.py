"""What a provider's exception means for a room: the same kinds for every provider's library.

Both libraries raise the exceptions of `openai`, or subclasses of them.
"""

import os
from collections.abc import Iterator, Mapping
from json import JSONDecodeError

from arena.backends.failure import BackendError, ErrorKind, Spent

_SHOWN_CHARS = 300
_SHORTEST_SECRET = 6
_SECRET_NAMES = ("KEY", "TOKEN", "SECRET", "PASSWORD")
_NO_MORE_MONEY = "insufficient_quota"
_FILTERED = ("content_filter", "content_policy_violation")

_ADVICE = {
    ErrorKind.TIMEOUT: "Raise 'timeout', or ask the provider why it is slow",
    ErrorKind.RATE_LIMIT: "Wait, or raise the limits of the account",
    ErrorKind.REFUSED: "Look for what the provider does not allow in the persona",
    ErrorKind.UNAVAILABLE: "Check the address and the provider's status page",
    ErrorKind.BAD_REQUEST: "Correct the model or the options in the machine profile",
    ErrorKind.NO_KEY: "Check the key in the environment of the server and its rights",
    ErrorKind.MALFORMED: "Check that the address is that of a server for this protocol",
}


def failure(error: Exception) -> BackendError:
    """Return the failure that an exception of a provider's library stands for."""
    origin = _origin(error)
    kind = _kind(error, origin)
    shown = f"{type(error).__name__}, status {getattr(error, 'status_code', None) or 'none'}"
    if kind not in (ErrorKind.NO_KEY, ErrorKind.MALFORMED):
        shown += f": {_shown(origin)}"
    return BackendError(
        kind,
        f"The provider gave no reply ({shown}). Expected a chat completion. {_ADVICE[kind]}.",
        retryable=_may_pass(origin, kind),
        retry_after_s=_retry_after_s(origin),
        spent=Spent(request_id=getattr(origin, "request_id", None)),
    )


def without_secrets(text: str) -> str:
    """Return the text without any key or token that this process holds in its environment."""
    for variable, value in os.environ.items():
        if len(value) >= _SHORTEST_SECRET and variable.upper().endswith(_SECRET_NAMES):
            text = text.replace(value, f"<{variable}>")
    return text


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _origin(error: Exception) -> BaseException:
    """Return the provider's own answer behind an error: litellm wraps it and drops the details."""
    import openai

    answers = [link for link in _chain(error) if isinstance(link, openai.APIStatusError)]
    return answers[-1] if answers else error


def _may_pass(origin: BaseException, kind: ErrorKind) -> bool | None:
    """Return False where another try is hopeless, None where the kind of failure decides."""
    # A filter that stopped the conversation on its way in will stop the same one again.
    out_of_money = getattr(origin, "code", None) == _NO_MORE_MONEY
    return False if out_of_money or kind == ErrorKind.REFUSED else None


def _kind(error: Exception, origin: BaseException) -> ErrorKind:
    import openai

    if isinstance(error, openai.APITimeoutError):
        return ErrorKind.TIMEOUT
    if isinstance(error, openai.APIResponseValidationError) or _is_unreadable(error):
        return ErrorKind.MALFORMED
    status = getattr(error, "status_code", None)
    if isinstance(error, openai.APIConnectionError) or not isinstance(status, int):
        return ErrorKind.UNAVAILABLE
    return ErrorKind.REFUSED if _is_filter(error, origin) else _kind_of_status(status)


def _kind_of_status(status: int) -> ErrorKind:
    if status in (401, 403):
        return ErrorKind.NO_KEY
    if status == 429:
        return ErrorKind.RATE_LIMIT
    if status in (408, 504):
        return ErrorKind.TIMEOUT
    return ErrorKind.BAD_REQUEST if 400 <= status < 500 else ErrorKind.UNAVAILABLE


def _is_unreadable(error: Exception) -> bool:
    """Whether an answer that is not JSON or not UTF-8 is behind an error, at any depth."""
    return any(isinstance(link, JSONDecodeError | UnicodeDecodeError) for link in _chain(error))


def _is_filter(error: Exception, origin: BaseException) -> bool:
    named = type(error).__name__ == "ContentPolicyViolationError"
    return named or getattr(origin, "code", None) in _FILTERED


def _shown(origin: BaseException) -> str:
    body = getattr(origin, "body", None)
    said = body.get("message") if isinstance(body, Mapping) else None
    text = without_secrets(" ".join(str(said or getattr(origin, "message", origin)).split()))
    return text if len(text) <= _SHOWN_CHARS else text[:_SHOWN_CHARS] + "…"


def _retry_after_s(origin: BaseException) -> float | None:
    headers = getattr(getattr(origin, "response", None), "headers", None) or {}
    try:
        return max(0.0, float(headers.get("retry-after", "")))
    except ValueError:
        return None
