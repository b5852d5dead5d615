"""Invitation tokens: 256 bits each, stored only as a hash.

A token is the keyed hash of a seat's random seed under the site's secret key, so a host can copy
a link that was not used yet, while a copy of the database alone opens no seat.
"""

import hashlib
import hmac
import secrets
from base64 import urlsafe_b64encode

from django.conf import settings


def seed() -> str:
    """A fresh random seed of 256 bits, hexadecimal."""
    return secrets.token_hex(32)


def token(seed: str) -> str:
    """The token that belongs to a seat's seed: 43 URL-safe characters."""
    key = b"invitation:" + settings.SECRET_KEY.encode()
    digest = hmac.new(key, bytes.fromhex(seed), hashlib.sha256).digest()
    return urlsafe_b64encode(digest).rstrip(b"=").decode()


def digest(secret: str) -> str:
    """The form in which a token or a browser's secret is stored."""
    return hashlib.sha256(secret.encode()).hexdigest()
