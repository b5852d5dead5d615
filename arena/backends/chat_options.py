"""The options that the backends for language models share, and what a call with them costs."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Self

from arena.backends.failure import Spent
from arena.backends.option import (
    Boolean,
    Choice,
    Duration,
    Integer,
    Number,
    Option,
    Stops,
    Text,
)

_LARGEST_SEED = 2**31
#: Enough for two hundred replies a second of a model that takes five. Not the option's default,
#: which would be stored with every study and change those that exist.
MAX_CALLS = 1_000
_LEFT_TO_PROVIDER = "Left out, it is not sent."

#: How the model samples and how much it thinks: each is sent if the profile has it, under its name.
SAMPLING: Mapping[str, Option[Any]] = {
    "temperature": Number(
        meaning=f"How freely the model samples. {_LEFT_TO_PROVIDER}", low=0.0, high=2.0
    ),
    "top_p": Number(meaning="The share of probability sampled from.", low=0.0, high=1.0),
    "top_k": Integer(meaning="How many tokens are sampled from.", low=-1, high=100_000),
    "min_p": Number(
        meaning="The least probability sampled from, as a share of the greatest.", low=0.0, high=1.0
    ),
    "presence_penalty": Number(
        meaning="How much less likely a token becomes once it was used.", low=-2.0, high=2.0
    ),
    "frequency_penalty": Number(
        meaning="How much less likely a token becomes each time it was used.", low=-2.0, high=2.0
    ),
    "stop": Stops(meaning="Where the model stops writing."),
    "reasoning_effort": Choice(
        meaning="How much a reasoning model thinks before it writes.",
        among=("none", "minimal", "low", "medium", "high", "xhigh", "max"),
    ),
    "verbosity": Choice(
        meaning="How much the model writes, where it can be told.", among=("low", "medium", "high")
    ),
}

CHAT_OPTIONS: Mapping[str, Option[Any]] = {
    "max_tokens": Integer(
        meaning="The most tokens that one reply may take, reasoning included.",
        low=1,
        high=200_000,
        required=True,
    ),
    "timeout": Duration(
        meaning="The longest wait for a reply, all retries together.",
        low_s=0.1,
        high_s=3600,
        required=True,
    ),
    **SAMPLING,
    "seed": Boolean(
        meaning="Whether to send the seed of the call, for providers that can repeat themselves.",
        default=False,
    ),
    "max_retries": Integer(
        meaning="How often to try again after a failure that may pass.", low=0, high=10, default=2
    ),
    "price_in": Number(meaning="US dollars per million tokens read.", low=0.0, high=10_000.0),
    "price_out": Number(meaning="US dollars per million tokens written.", low=0.0, high=10_000.0),
    "price_cached_in": Number(
        meaning="US dollars per million tokens that the provider read from its cache. "
        "Left out, price_in.",
        low=0.0,
        high=10_000.0,
    ),
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
    max_tokens: int
    timeout_s: float
    sampling: Mapping[str, Any]
    seed: bool
    max_retries: int
    max_calls: int
    price_in: float | None
    price_out: float | None
    price_cached_in: float | None
    key_env: str | None

    @classmethod
    def of(cls, given: Mapping[str, object]) -> Self:
        """Read the shared options of a profile; OptionRefused for one that cannot be used."""
        return cls(
            max_tokens=CHAT_OPTIONS["max_tokens"].need(given, "max_tokens"),
            timeout_s=CHAT_OPTIONS["timeout"].need(given, "timeout"),
            sampling={
                name: list(value) if isinstance(value, tuple) else value
                for name, option in SAMPLING.items()
                if (value := option.read(given, name)) is not None
            },
            seed=CHAT_OPTIONS["seed"].need(given, "seed"),
            max_retries=CHAT_OPTIONS["max_retries"].need(given, "max_retries"),
            max_calls=CHAT_OPTIONS["max_calls"].read(given, "max_calls") or MAX_CALLS,
            price_in=CHAT_OPTIONS["price_in"].read(given, "price_in"),
            price_out=CHAT_OPTIONS["price_out"].read(given, "price_out"),
            price_cached_in=CHAT_OPTIONS["price_cached_in"].read(given, "price_cached_in"),
            key_env=CHAT_OPTIONS["key_env"].read(given, "key_env"),
        )

    def priced(self, spent: Spent) -> Spent:
        """Return what was spent with its price, where the prices and counts are known."""
        if self.price_in is None or self.price_out is None:
            return spent
        if spent.tokens_in is None or spent.tokens_out is None:
            return spent
        cached = min(spent.tokens_cached or 0, spent.tokens_in)
        price_cached = self.price_in if self.price_cached_in is None else self.price_cached_in
        read = (spent.tokens_in - cached) * self.price_in + cached * price_cached
        return replace(spent, cost_usd=(read + spent.tokens_out * self.price_out) / 1_000_000)

    def sent(self, seed: int) -> dict[str, Any]:
        """Return the optional parameters that this profile sends."""
        return dict(self.sampling) | ({"seed": seed % _LARGEST_SEED} if self.seed else {})
