"""What an error of a provider means, by its status, its code and its words.

Providers disagree about statuses (a model that is gone is 400, 404 or 410) and agree about words,
so the words go first. Each sign holds for statuses below 500 unless it says otherwise.
"""

import re
from dataclasses import dataclass
from typing import NamedTuple

from arena.backends.error_answer import ErrorAnswer
from arena.backends.failure import Cause, ErrorKind


class Diagnosis(NamedTuple):
    """The kind of a failure, what is behind it, and a sentence that says what to do."""

    kind: ErrorKind
    cause: Cause | None
    advice: str


@dataclass(frozen=True, slots=True)
class _Sign:
    diagnosis: Diagnosis
    words: re.Pattern[str]
    any_status: bool = False


def _words(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(patterns), re.IGNORECASE)


QUOTA = Diagnosis(
    ErrorKind.QUOTA, None, "Add money or credits to the account, or raise its spending limit."
)
REGION = Diagnosis(
    ErrorKind.REGION,
    None,
    "The provider does not serve this country: use another provider or a server elsewhere.",
)
TOO_LONG = Diagnosis(
    ErrorKind.TOO_LONG,
    None,
    "Give the profile a 'memory' whose window_tokens fits the model, lower max_tokens, or start "
    "the server with a larger context.",
)
FILTERED = Diagnosis(
    ErrorKind.REFUSED,
    None,
    "Look for what the provider does not allow in the persona and the conversation.",
)
UNKNOWN_MODEL = Diagnosis(
    ErrorKind.UNKNOWN_MODEL,
    None,
    "Write a model that the provider lists and this key may use: names change, models retire.",
)
BAD_KEY = Diagnosis(
    ErrorKind.NO_KEY,
    Cause.KEY_REFUSED,
    "Check the key in the environment of the server, and that it belongs to this address.",
)
NO_RIGHT = Diagnosis(
    ErrorKind.NO_KEY, Cause.KEY_REFUSED, "Check what this key and its project are allowed to use."
)
RATE_LIMIT = Diagnosis(
    ErrorKind.RATE_LIMIT, None, "Wait, lower max_calls, or raise the limits of the account."
)
OVERLOADED = Diagnosis(
    ErrorKind.UNAVAILABLE, Cause.OVERLOADED, "Wait: the provider has more calls than it can serve."
)
SERVER_ERROR = Diagnosis(
    ErrorKind.UNAVAILABLE,
    Cause.SERVER_ERROR,
    "Look at the provider's status page, or into the server's own log.",
)
TIMEOUT = Diagnosis(ErrorKind.TIMEOUT, None, "Raise 'timeout', or ask the provider why it is slow.")
WRONG_ADDRESS = Diagnosis(
    ErrorKind.BAD_REQUEST,
    Cause.WRONG_ADDRESS,
    "Nothing answers chat completions at that address: most addresses end in /v1.",
)
PLAIN_HTTP = Diagnosis(
    ErrorKind.BAD_REQUEST, Cause.TLS, "That port speaks TLS: begin the address with https://."
)
BAD_REQUEST = Diagnosis(
    ErrorKind.BAD_REQUEST, None, "Correct the model or the options in the machine profile."
)

#: An account without money may be told to wait; so does a limit per minute, by the same words.
_QUOTA_BY_WORDS = _words(r"exceeded your (?:current|monthly) (?:quota|spending|budget)")
_SIGNS = (
    _Sign(
        QUOTA,
        _words(
            r"insufficient[_ ](?:quota|balance|credits?|funds)",
            r"billing_(?:hard_limit|not_active)",
            r"billing hard limit",
            r"credit balance",
            r"(?:out of|not enough|no|more) credits",
            r"payment required",
            r"budget has been exceeded",
            r"account (?:is )?(?:in arrears|overdue)",
        ),
        any_status=True,
    ),
    _Sign(
        REGION,
        _words(
            r"unsupported_country",
            r"(?:country|region|territory|location)[^.]{0,60}(?:not |un)(?:supported|available)",
            r"not (?:available|supported|allowed) in your (?:country|region|location)",
        ),
    ),
    _Sign(
        TOO_LONG,
        _words(
            r"context_length_exceeded|exceed_context_size|string_above_max_length",
            r"maximum context length|context (?:window|size|length)[^.]{0,60}(?:exceed|limit)",
            r"exceeds? (?:the |its )?(?:available |maximum |model'?s? )?(?:context|number of tok)",
            r"prompt (?:is )?too long|input (?:is )?too long|too many (?:input )?tokens",
            r"input token count[^.]{0,40}exceeds|request_too_large|max_model_len",
            r"ContextWindowExceededError",
        ),
        any_status=True,
    ),
    _Sign(
        FILTERED,
        _words(
            r"content_(?:filter|policy_violation)|ContentPolicyViolation",
            r"content management policy|responsibleai|content (?:policy|filter)",
            r"flagged (?:as|by|for)|data_inspection_failed|moderation",
            r"invalid_prompt|usage policy",
        ),
    ),
    _Sign(
        PLAIN_HTTP,
        _words(r"http request (?:was )?(?:sent )?to (?:an )?https"),
    ),
    _Sign(
        UNKNOWN_MODEL,
        _words(
            r"model_(?:not_found|decommissioned|deprecated|not_available)|invalid_model|unknown_model",
            r"deploymentnotfound",
            r"\bmodel\b[^.]{0,120}(?:not (?:exist|found|available|supported with|a valid)|n't exist"
            r"|decommissioned|deprecated|retired|unknown|unavailable)",
            r"(?:no such|unknown|invalid|unsupported|non-existent) model",
            r"no (?:allowed|available) model",
            r"no endpoints found|not a valid model|model not found|invalid model",
        ),
    ),
    _Sign(
        BAD_KEY,
        _words(
            r"invalid_api_key|api_key_invalid|invalid x-api-key|authentication_error|invalid_token",
            r"(?:api[ _-]?key|token|credentials?)[^.]{0,60}(?:not valid|invalid|incorrect|expired"
            r"|revoked|missing|disabled|required)",
            r"(?:invalid|incorrect|missing|expired|no) (?:api[ _-]?key|token|credentials?|auth)",
        ),
    ),
)
_OVERLOADED_WORDS = _words(
    r"overloaded|over capacity|at capacity|loading model|is (?:currently )?loading"
    r"|too busy|engine_overloaded"
)
_OF_STATUS = {
    401: BAD_KEY,
    402: QUOTA,
    403: NO_RIGHT,
    405: WRONG_ADDRESS,
    408: TIMEOUT,
    409: SERVER_ERROR,
    410: UNKNOWN_MODEL,
    413: TOO_LONG,
    423: OVERLOADED,
    424: SERVER_ERROR,
    425: OVERLOADED,
    429: RATE_LIMIT,
    451: REGION,
    498: BAD_KEY,
    499: SERVER_ERROR,
    503: OVERLOADED,
    504: TIMEOUT,
    524: TIMEOUT,
    529: OVERLOADED,
}


def diagnose(answer: ErrorAnswer, *, named: str = "", waits: bool = False) -> Diagnosis:
    """Return what an error means; `named` is a library's class for it, `waits` if it says how long.

    A library's own status may be made up, so its name counts as a word.
    """
    status, words = answer.status or 0, f"{named} {answer.words}"
    if status in (301, 302, 303, 307, 308, 404) and (answer.html or _says_nothing(answer)):
        return WRONG_ADDRESS
    for sign in _SIGNS:
        applies = sign.any_status or status < 500
        if applies and status not in (429, 413) and sign.words.search(words):
            return _narrowed(sign.diagnosis, answer)
    if status == 429:
        return _limited(words, waits=waits)
    if _OVERLOADED_WORDS.search(words) and (status >= 500 or not status):
        return OVERLOADED
    return _by_status(status)


def _by_status(status: int) -> Diagnosis:
    if status in _OF_STATUS:
        return _OF_STATUS[status]
    if status == 404 or 300 <= status < 400:
        return WRONG_ADDRESS
    return BAD_REQUEST if 400 <= status < 500 else SERVER_ERROR


def _limited(words: str, *, waits: bool) -> Diagnosis:
    out_of_money = _SIGNS[0].words.search(words) is not None
    by_words = _QUOTA_BY_WORDS.search(words) is not None and not waits
    if _OVERLOADED_WORDS.search(words):
        return OVERLOADED
    return QUOTA if out_of_money or by_words else RATE_LIMIT


def _narrowed(diagnosis: Diagnosis, answer: ErrorAnswer) -> Diagnosis:
    """A parameter that a model does not support is no model that is unknown."""
    about_option = answer.param and answer.param != "model"
    if diagnosis is UNKNOWN_MODEL and (about_option or "parameter" in answer.message.lower()):
        return BAD_REQUEST
    return diagnosis


def _says_nothing(answer: ErrorAnswer) -> bool:
    """Whether a 404 is a web server's own, which knows of no models."""
    plain = re.fullmatch(
        r"(?:404:?\s*)?(?:page |path |file |route |resource |url )?not[ _]?found[.!]?(?: 404)?|",
        answer.message.strip(),
        re.IGNORECASE,
    )
    return plain is not None
