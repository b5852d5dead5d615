"""Providers' keys: where they come from, and that they stay out of study files and messages."""

import os
import re
from collections.abc import Mapping
from urllib.parse import parse_qsl, urlsplit

from arena.backends.failure import BackendError, Cause, ErrorKind

_SHORTEST_SECRET = 6
_SECRET_NAMES = ("KEY", "TOKEN", "SECRET", "PASSWORD")
#: What providers' keys look like, whole or masked with asterisks, as error bodies repeat them.
_KEY_SHAPE = re.compile(
    r"""(?x)
    (?i:bearer|basic)\s+[^\s"',;]{6,}
    | \b(?:sk|pk|rk|gsk|xai|hf|r8|nvapi|ghp|key|pplx|csk|fw|tgp|AIza|ya29)[-_.A-Z0-9]?
      (?=[\w.*-]*[\d*])[\w.*-]{8,}
    | \beyJ[\w-]{10,}\.[\w.-]{10,}
    | \b(?:AKIA|ASIA)[A-Z0-9]{12,}
    | [\w.-]{2,}\*{3,}[\w.*-]*
    | \b(?=[A-Za-z\d]*\d)(?=[A-Za-z\d]*[A-Za-z])[A-Za-z\d]{32,}\b
    """
)
_SECRET_NAME = re.compile(
    r"(?:^|[_-])(?:api[_-]?key|access[_-]?key|key|token|secret|password|passwd|authorization|auth"
    r"|cookie|credentials?|signature|sig)s?$",
    re.IGNORECASE,
)
_QUERY_SECRET = re.compile(
    r"([?&;](?:[\w-]*[_-])?(?:key|token|secret|sig|signature|auth|password)=)[^&\s\"'#]+",
    re.IGNORECASE,
)
_USERINFO = re.compile(r"(\b[a-z][a-z+]*://)[^/\s@]+@", re.IGNORECASE)


def read_key(variable: str) -> str:
    """Return the key that an environment variable holds."""
    key = os.environ.get(variable, "").strip()
    if not key:
        raise no_key(variable)
    if not (key.isascii() and key.isprintable()):
        raise BackendError(
            ErrorKind.NO_KEY,
            f"The key in the environment variable {variable} holds a character that cannot be sent "
            "in a header. Expected printable ASCII. Copy it again, without quotes or line breaks.",
            cause=Cause.KEY_MISSING,
        )
    return key


def no_key(variable: str) -> BackendError:
    return BackendError(
        ErrorKind.NO_KEY,
        f"The environment variable {variable} is not set. Expected the provider's key in it. "
        "Set it where the server starts; for a server that needs no key, set it to any word.",
        cause=Cause.KEY_MISSING,
    )


def without_keys(text: str, *used: str) -> str:
    """Return the text without the keys `used`, those of the environment, or what looks like one."""
    for key in used:
        if key:
            text = text.replace(key, "<key>")
    for variable, value in os.environ.items():
        if len(value) >= _SHORTEST_SECRET and variable.upper().endswith(_SECRET_NAMES):
            text = text.replace(value, f"<{variable}>")
    text = _QUERY_SECRET.sub(r"\1<key>", _USERINFO.sub(r"\1<key>@", text))
    return _KEY_SHAPE.sub("<key>", text)


def holds_key(value: object, *, name: str = "") -> bool:
    """Whether an option's value, or anything in it, is or looks like a secret."""
    if isinstance(value, Mapping):
        return any(holds_key(inner, name=str(key)) for key, inner in value.items())
    if isinstance(value, list | tuple):
        return any(holds_key(inner, name=name) for inner in value)
    if not isinstance(value, str):
        return False
    # A name such as "max_tokens" ends like a secret's, but its value is no text.
    named = _SECRET_NAME.search(name) is not None and bool(value.strip())
    return named or _KEY_SHAPE.search(value) is not None


def address_holds_key(address: str) -> bool:
    """Whether an address carries credentials: a user, or a secret in its query."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    query = dict(parse_qsl(parts.query))
    return "@" in parts.netloc or holds_key(query) or _KEY_SHAPE.search(address) is not None
