"""The options that the backends for language models share, and the key they need."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from arena.backends.failure import BackendError, ErrorKind
from arena.backends.option import Boolean, Duration, Integer, Number, Option, Text

_LARGEST_SEED = 2**31
#: Enough for two hundred replies a second of a model that takes five. Not the option's default,
#: which would be stored with every study and change those that exist.
MAX_CALLS = 1_000

CHAT_OPTIONS: Mapping[str, Option[Any]] = {
    "temperature": Number(
        meaning="How freely the model samples.", low=0.0, high=2.0, required=True
    ),
    "max_tokens": Integer(
        meaning="The most tokens that one reply may take.", low=1, high=200_000, required=True
    ),
    "timeout": Duration(
        meaning="The longest wait for a reply, all retries together.",
        low_s=0.1,
        high_s=3600,
        required=True,
    ),
    "top_p": Number(
        meaning="The share of probability sampled from; left out, the provider decides.",
        low=0.0,
        high=1.0,
    ),
    "seed": Boolean(
        meaning="Whether to send the seed of the call, for providers that can repeat themselves.",
        default=False,
    ),
    "max_retries": Integer(
        meaning="How often to try again after a failure that may pass.", low=0, high=10, default=2
    ),
    "price_in": Number(meaning="US dollars per million tokens read.", low=0.0, high=10_000.0),
    "price_out": Number(meaning="US dollars per million tokens written.", low=0.0, high=10_000.0),
    "max_calls": Integer(
        meaning="The most calls that a server process has in flight at the provider at once; "
        f"others wait. Left out, {MAX_CALLS}.",
        low=1,
        high=100_000,
    ),
    "key_env": Text(
        meaning="The environment variable that holds the key.",
        pattern=r"[A-Za-z_][A-Za-z0-9_]*",
        shape="the name of an environment variable",
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatOptions:
    temperature: float
    max_tokens: int
    timeout_s: float
    top_p: float | None
    seed: bool
    max_retries: int
    max_calls: int
    price_in: float | None
    price_out: float | None
    key_env: str | None

    @classmethod
    def of(cls, given: Mapping[str, object]) -> Self:
        """Read the shared options of a profile; OptionRefused for one that cannot be used."""
        return cls(
            temperature=CHAT_OPTIONS["temperature"].need(given, "temperature"),
            max_tokens=CHAT_OPTIONS["max_tokens"].need(given, "max_tokens"),
            timeout_s=CHAT_OPTIONS["timeout"].need(given, "timeout"),
            top_p=CHAT_OPTIONS["top_p"].read(given, "top_p"),
            seed=CHAT_OPTIONS["seed"].need(given, "seed"),
            max_retries=CHAT_OPTIONS["max_retries"].need(given, "max_retries"),
            max_calls=CHAT_OPTIONS["max_calls"].read(given, "max_calls") or MAX_CALLS,
            price_in=CHAT_OPTIONS["price_in"].read(given, "price_in"),
            price_out=CHAT_OPTIONS["price_out"].read(given, "price_out"),
            key_env=CHAT_OPTIONS["key_env"].read(given, "key_env"),
        )

    def cost_usd(self, tokens_in: int | None, tokens_out: int | None) -> float | None:
        """Return the price of a call, or None when a price or a count is not known."""
        if self.price_in is None or self.price_out is None:
            return None
        if tokens_in is None or tokens_out is None:
            return None
        return (tokens_in * self.price_in + tokens_out * self.price_out) / 1_000_000

    def sampling(self, seed: int) -> dict[str, float | int]:
        """Return the optional parameters that this profile sends."""
        sent: dict[str, float | int] = {"temperature": self.temperature}
        if self.top_p is not None:
            sent["top_p"] = self.top_p
        if self.seed:
            sent["seed"] = seed % _LARGEST_SEED
        return sent


def read_key(variable: str) -> str:
    """Return the key that an environment variable holds."""
    key = os.environ.get(variable, "").strip()
    if not key:
        raise no_key(variable)
    return key


def no_key(variable: str) -> BackendError:
    return BackendError(
        ErrorKind.NO_KEY,
        f"The environment variable {variable} is not set. Expected the provider's key in it. "
        "Set it where the server starts; for a server that needs no key, set it to any word.",
    )
