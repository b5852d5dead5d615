"""The ways in which a machine fails to answer; they go to the log, never to the room."""

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from arena.errors import ArenaError


class ErrorKind(StrEnum):
    TIMEOUT = "timeout"
    RATE_LIMIT = "rate_limit"
    REFUSED = "refused"
    EMPTY = "empty"
    UNAVAILABLE = "unavailable"
    BAD_REQUEST = "bad_request"
    NO_KEY = "no_key"
    MALFORMED = "malformed"


#: Kinds that the same call, made again later or with another seed, may not meet.
RETRYABLE = frozenset(ErrorKind) - {ErrorKind.BAD_REQUEST, ErrorKind.NO_KEY}


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """What a call without a usable reply has cost all the same; None where unknown."""

    tokens_in: int | None = None
    tokens_out: int | None = None
    cost_usd: float | None = None
    request_id: str | None = None


class BackendError(ArenaError):
    """A call that gave no reply: the room logs it and the witness says nothing."""

    code: ClassVar[str] = "backend.failed"

    def __init__(
        self,
        kind: ErrorKind,
        message: str,
        *,
        retryable: bool | None = None,
        retry_after_s: float | None = None,
        spent: Spent | None = None,
    ) -> None:
        super().__init__(message)
        self.kind = kind
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
