"""What a provider's exception or error means for a room: the same kinds for every library.

Both libraries raise the exceptions of `openai`, or subclasses of them. Keys are taken out of all
that is passed on.
"""

import socket
import ssl
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from json import JSONDecodeError
from typing import Any

from arena.backends.diagnosis import Diagnosis, diagnose
from arena.backends.error_answer import ErrorAnswer
from arena.backends.failure import BackendError, Cause, ErrorKind, Spent
from arena.backends.keys import without_keys
from arena.backends.refused_options import refused_option
from arena.backends.retry_after import retry_after_s

_SHOWN_CHARS = 300


class ProviderFailed(BackendError):
    """A failure with the provider's own words, by which a call may be put another way."""

    def __init__(self, diagnosis: Diagnosis, answer: ErrorAnswer, **more: Any) -> None:
        self.answer = answer
        super().__init__(
            diagnosis.kind,
            f"The provider gave no reply ({_shown(answer)}). Expected a chat completion. "
            f"{diagnosis.advice}",
            cause=diagnosis.cause,
            **more,
        )


def failure(
    error: Exception, *, sent: Mapping[str, object] | None = None, key: str = ""
) -> BackendError:
    """Return the failure that an exception of a provider's library stands for."""
    if isinstance(error, BackendError):
        return error
    origin = _origin(error)
    response = getattr(origin, "response", None)
    headers = getattr(response, "headers", None) or {}
    if (why := _unanswered(error)) is not None:
        # TLS that is set up wrongly stays so.
        hopeless = False if why.diagnosis.cause == Cause.TLS else None
        answer = ErrorAnswer(status=None, message=without_keys(why.words, key))
        return ProviderFailed(why.diagnosis, answer, retryable=hopeless)
    status = getattr(error, "status_code", None)
    body = getattr(origin, "body", None)
    answer = ErrorAnswer.of(
        body if body is not None else str(getattr(origin, "message", origin)),
        status=status if isinstance(status, int) else None,
    )
    return failed(answer, headers=headers, body=body, sent=sent, key=key, named=_name(error))


def unreadable(body: bytes, *, content_type: str) -> BackendError:
    """Return the failure that an answer which is not JSON stands for."""
    said = ErrorAnswer.of(body[:4_000])
    shown = content_type.partition(";")[0][:60] or "no type"
    if content_type.startswith("text/event-stream") or body.startswith(b"data:"):
        diagnosis = Diagnosis(ErrorKind.MALFORMED, Cause.NOT_JSON, _STREAMED)
    else:
        diagnosis = _NOT_JSON
    text = f"the answer is not JSON in UTF-8 ({shown}): {without_keys(said.message)[:120]}"
    return ProviderFailed(diagnosis, ErrorAnswer(status=None, message=text.rstrip(": ")))


def failed(
    answer: ErrorAnswer,
    *,
    headers: Mapping[str, str],
    body: object = None,
    sent: Mapping[str, object] | None = None,
    key: str = "",
    named: str = "",
    spent: Spent | None = None,
) -> BackendError:
    """Return the failure that a provider's error stands for; `named` is a library's name for it."""
    answer = replace(answer, message=without_keys(answer.message, key))
    wait_s = retry_after_s(headers, body)
    diagnosis = diagnose(answer, named=named, waits=wait_s is not None)
    refused = (
        refused_option(answer, sent or {}) if diagnosis.kind == ErrorKind.BAD_REQUEST else None
    )
    if refused is not None:
        diagnosis = Diagnosis(
            ErrorKind.BAD_REQUEST,
            Cause.OPTION,
            f"It refuses the option '{refused.option}' ({refused.value!r}): write "
            f"{refused.instead}.",
        )
    spent = spent or Spent()
    request_id = headers.get("x-request-id") or headers.get("request-id") or spent.request_id
    return ProviderFailed(
        diagnosis,
        answer,
        # A filter that stopped the conversation on its way in will stop the same one again.
        retryable=False if diagnosis.kind == ErrorKind.REFUSED else None,
        retry_after_s=wait_s,
        spent=replace(spent, request_id=request_id),
        refused=refused,
    )


@dataclass(frozen=True, slots=True)
class _Unanswered:
    diagnosis: Diagnosis
    words: str


def _unanswered(error: Exception) -> _Unanswered | None:
    """Why there is no answer that could be read, found at any depth of an exception."""
    import openai

    from arena.backends.answer_size import AnswerTooLarge

    links = list(_chain(error))
    for link in links:
        if isinstance(link, AnswerTooLarge):
            return _Unanswered(_TOO_LARGE, f"the answer was not read: {link}")
    if any(isinstance(link, openai.APIStatusError) for link in links) and not _is_local(links):
        return None
    if any(isinstance(link, JSONDecodeError | UnicodeDecodeError) for link in links):
        return _Unanswered(_NOT_JSON, "the answer is not JSON in UTF-8")
    if isinstance(error, openai.APIResponseValidationError):
        return _Unanswered(_NOT_JSON, "the answer is not of the shape of an answer")
    return _unconnected(links, where=_where(links))


def _unconnected(links: list[BaseException], *, where: str) -> _Unanswered | None:
    for link in links:
        if isinstance(link, socket.gaierror):
            return _Unanswered(_DNS, f"no address is known for the name{where}")
        if isinstance(link, ssl.SSLError):
            return _Unanswered(_tls(link), f"TLS failed{where}: {link.reason or link}")
        if isinstance(link, ConnectionRefusedError):
            return _Unanswered(_REFUSED, f"the connection was refused{where}")
    names = {type(link).__name__ for link in links}
    if names & {"ConnectTimeout", "PoolTimeout"}:
        return _Unanswered(_NO_ANSWER_TO_CONNECT, f"no connection in time{where}")
    if any(isinstance(link, TimeoutError) for link in links) or any("Timeout" in n for n in names):
        return _Unanswered(_TIMEOUT, f"no answer in time{where}")
    if names & {"RemoteProtocolError", "LocalProtocolError", "ReadError", "WriteError"} or any(
        isinstance(link, ConnectionError) for link in links
    ):
        return _Unanswered(_DISCONNECTED, f"the connection broke{where}")
    if names & {"ConnectError", "ProxyError", "APIConnectionError"} and not _status(links[0]):
        return _Unanswered(_NO_CONNECTION, f"no connection{where}")
    return None


def _tls(error: ssl.SSLError) -> Diagnosis:
    reason = error.reason or ""
    if "CERTIFICATE" in reason:
        advice = (
            "Check that its certificate is valid for that name and not expired; one of your own "
            "authority is trusted through SSL_CERT_FILE."
        )
    elif "WRONG_VERSION" in reason or "UNKNOWN_PROTOCOL" in reason or "RECORD" in reason:
        advice = "The server does not speak TLS at that port: write http:// or another port."
    else:
        advice = "Check the address, and what stands between this machine and the server."
    return Diagnosis(ErrorKind.UNAVAILABLE, Cause.TLS, advice)


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """An exception and those behind it, groups opened."""
    seen: set[int] = set()
    waiting = [error]
    while waiting:
        link = waiting.pop(0)
        if link is None or id(link) in seen or len(seen) > 60:
            continue
        seen.add(id(link))
        yield link
        waiting += [link.__cause__, link.__context__]
        waiting += link.exceptions if isinstance(link, BaseExceptionGroup) else []


def _origin(error: Exception) -> BaseException:
    """Return the provider's own answer behind an error: litellm wraps it and drops the details."""
    import openai

    answers = [link for link in _chain(error) if isinstance(link, openai.APIStatusError)]
    return answers[-1] if answers else error


def _status(error: BaseException) -> int | None:
    status = getattr(error, "status_code", None)
    return status if isinstance(status, int) else None


def _is_local(links: list[BaseException]) -> bool:
    """Whether litellm made up a status for what never reached a server, or was no JSON."""
    import httpx

    local = (socket.gaierror, ssl.SSLError, ConnectionRefusedError, httpx.TransportError)
    return any(isinstance(link, (*local, JSONDecodeError, UnicodeDecodeError)) for link in links)


def _where(links: list[BaseException]) -> str:
    for link in links:
        try:
            url = link.request.url  # type: ignore[attr-defined]
        except (AttributeError, RuntimeError):
            continue
        return f" at {url.host}:{url.port or (443 if url.scheme == 'https' else 80)}"
    return ""


def _name(error: Exception) -> str:
    return type(error).__name__


def _shown(answer: ErrorAnswer) -> str:
    """What is known of an error, in one line: status, code, words."""
    head = [f"status {answer.status}"] if answer.status else []
    if answer.code:
        head.append(answer.code.split()[0])
    words = "a page of HTML" + (f", {answer.message}" if answer.message else "")
    words = words if answer.html else answer.message
    text = ", ".join(head) + (f": {words}" if head and words else words)
    return text if len(text) <= _SHOWN_CHARS else text[:_SHOWN_CHARS] + "…"


_DNS = Diagnosis(
    ErrorKind.UNAVAILABLE,
    Cause.DNS,
    "Check the address for a misspelt name, then this machine's DNS.",
)
_REFUSED = Diagnosis(
    ErrorKind.UNAVAILABLE,
    Cause.CONNECTION_REFUSED,
    "Start the server, or correct the port in the address.",
)
_NO_CONNECTION = Diagnosis(
    ErrorKind.UNAVAILABLE, Cause.NO_CONNECTION, "Check the address and this machine's network."
)
_NO_ANSWER_TO_CONNECT = Diagnosis(
    ErrorKind.TIMEOUT,
    Cause.NO_CONNECTION,
    "Check the address, and the firewall between this machine and the server.",
)
_DISCONNECTED = Diagnosis(
    ErrorKind.UNAVAILABLE,
    Cause.DISCONNECTED,
    "Look into the server's own log for why it hung up, and for a proxy that cuts long calls.",
)
_TIMEOUT = Diagnosis(
    ErrorKind.TIMEOUT, None, "Raise 'timeout', or ask the provider why it is slow."
)
_NOT_JSON = Diagnosis(
    ErrorKind.MALFORMED,
    Cause.NOT_JSON,
    "Check that the address is that of a server for this protocol; most end in /v1.",
)
_STREAMED = "The server streams though it was not asked to: switch that off in the server."
_TOO_LARGE = Diagnosis(
    ErrorKind.MALFORMED,
    Cause.TOO_LARGE,
    "Check the address, and that the server ends a reply at max_tokens.",
)
