"""The ways in which a machine fails to answer; they go to the log, never to the room."""

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from arena.errors import ArenaError


class ErrorKind(StrEnum):
    """What a failure means for the room; the outcome of the call in the log."""

    TIMEOUT = "timeout"
    RATE_LIMIT = "rate_limit"
    QUOTA = "quota"
    REFUSED = "refused"
    EMPTY = "empty"
    UNAVAILABLE = "unavailable"
    BAD_REQUEST = "bad_request"
    UNKNOWN_MODEL = "unknown_model"
    TOO_LONG = "too_long"
    REGION = "region"
    NO_KEY = "no_key"
    MALFORMED = "malformed"


class Cause(StrEnum):
    """What was behind a failure, where its kind alone does not tell the host what to mend."""

    DNS = "dns"
    CONNECTION_REFUSED = "connection_refused"
    NO_CONNECTION = "no_connection"
    DISCONNECTED = "disconnected"
    TLS = "tls"
    WRONG_ADDRESS = "wrong_address"
    OVERLOADED = "overloaded"
    SERVER_ERROR = "server_error"
    KEY_MISSING = "key_missing"
    KEY_REFUSED = "key_refused"
    OPTION = "option"
    NOT_JSON = "not_json"
    NOT_A_COMPLETION = "not_a_completion"
    TOO_LARGE = "too_large"
    ONLY_REASONING = "only_reasoning"


#: Kinds that the same call, made again later or with another seed, may not meet.
RETRYABLE = frozenset(
    {
        ErrorKind.TIMEOUT,
        ErrorKind.RATE_LIMIT,
        ErrorKind.REFUSED,
        ErrorKind.EMPTY,
        ErrorKind.UNAVAILABLE,
        ErrorKind.MALFORMED,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedOption:
    """An option that the provider refused, what it said, and what to write instead."""

    option: str
    value: object
    said: str
    instead: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """What a call without a usable reply has cost all the same; None where unknown.

    `tokens_cached` are those of `tokens_in` that the provider had read before.
    """

    tokens_in: int | None = None
    tokens_out: int | None = None
    cost_usd: float | None = None
    request_id: str | None = None
    tokens_cached: int | None = None


class BackendError(ArenaError):
    """A call that gave no reply: the room logs it and the witness says nothing."""

    code: ClassVar[str] = "backend.failed"

    def __init__(
        self,
        kind: ErrorKind,
        message: str,
        *,
        cause: Cause | None = None,
        retryable: bool | None = None,
        retry_after_s: float | None = None,
        spent: Spent | None = None,
        refused: RefusedOption | None = None,
    ) -> None:
        super().__init__(message)
        self.kind, self.cause, self.refused = kind, cause, refused
        self.retryable = kind in RETRYABLE if retryable is None else retryable
        self.retry_after_s = retry_after_s
        self.spent = spent or Spent()


class ProviderRests(BackendError):
    """No call was made: the provider failed a moment ago, and is left alone for a while."""

    def __init__(self, cause: ErrorKind, *, wait_s: float) -> None:
        super().__init__(
            cause,
            f"The provider failed a moment ago ({cause}) and is asked again in {wait_s:.1f} s. "
            "Expected it to answer. Look for its last failure in the log.",
        )
        self.wait_s = wait_s


class BackendUnknown(ArenaError):
    code: ClassVar[str] = "backend.unknown"

    def __init__(self, name: str, known: tuple[str, ...]) -> None:
        super().__init__(
            f"There is no backend {name!r}. Known here: {', '.join(known) or 'none'}. Correct the "
            "name, or install the package that provides it in this environment: a package offers "
            "a backend through the entry-point group 'turing_arena.backends'."
        )


class BackendBroken(ArenaError):
    code: ClassVar[str] = "backend.broken"

    def __init__(self, name: str, why: str) -> None:
        super().__init__(
            f"The backend {name!r} is installed but cannot be used: {why}. Expected a class with "
            "OPTIONS, MODELS and reply(). Repair or reinstall the package that provides it."
        )
