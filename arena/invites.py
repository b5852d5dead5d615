"""Invitation tokens and browsers' secrets: 256 bits each, stored only as a hash.

Both are keyed hashes under the site's secret key. A token is that of a seat's random seed, so a
host can copy a link that was not used yet, while a copy of the database alone opens no seat. The
secret that opens a seat to a browser is that of the link's token and of a random key that the
browser got with the link's page: confirming the same page again gives the same secret, and the
link alone gives none.
"""

import hashlib
import hmac
import secrets
from base64 import urlsafe_b64encode

from django.conf import settings


def seed() -> str:
    """A fresh random seed or key of 256 bits, hexadecimal."""
    return secrets.token_hex(32)


def token(seed: str) -> str:
    """The token that belongs to a seat's seed: 43 URL-safe characters."""
    return _keyed(b"invitation:", bytes.fromhex(seed))


def browser_secret(token: str, key: str) -> str:
    """What opens the seat of a link to the browser that confirmed it with this key."""
    return _keyed(b"browser:", f"{token} {key}".encode())


def _keyed(purpose: bytes, value: bytes) -> str:
    key = purpose + settings.SECRET_KEY.encode()
    hashed = hmac.new(key, value, hashlib.sha256).digest()
    return urlsafe_b64encode(hashed).rstrip(b"=").decode()


def digest(secret: str) -> str:
    """The form in which a token or a browser's secret is stored."""
    return hashlib.sha256(secret.encode()).hexdigest()
