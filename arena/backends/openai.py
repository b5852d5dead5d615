"""Any model behind the OpenAI chat-completions protocol, through the official client.

The client library is imported when a reply is first asked for, never before.
"""

import asyncio
import contextlib
import functools
import importlib
import os
import ssl
import sys
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar
from weakref import WeakKeyDictionary

from arena.backends.attempts import persist
from arena.backends.base import Conversation, Profile, Reply
from arena.backends.chat_options import CHAT_OPTIONS, ChatOptions, read_key
from arena.backends.completion import read_reply, spent_on
from arena.backends.option import Choice, Option, Text
from arena.backends.prompting import prompt
from arena.backends.provider_errors import failure

if TYPE_CHECKING:
    from openai import AsyncOpenAI

_KEY_ENV, _URL_ENV = "OPENAI_API_KEY", "OPENAI_BASE_URL"
_TYPES = "openai.types.chat"
_LIMIT_FIELDS = ("max_tokens", "max_completion_tokens")

#: Calls that one client carries at once: its pool looks through all its connections at every call,
#: so with a thousand of them in one pool that would cost more than all else.
_CALLS_A_CLIENT = 8
#: How long (s) an idle connection is kept, so that the next call need not open one.
_KEPT_S = 30.0


class _Clients:
    """The clients for one address and key, as many as the calls in flight need."""

    def __init__(self, base_url: str | None, key: str) -> None:
        self._base_url, self._key = base_url, key
        self._made: list[AsyncOpenAI] = []
        self._free: list[AsyncOpenAI] = []  # one for each call that it can carry besides

    @contextlib.contextmanager
    def one(self) -> Iterator["AsyncOpenAI"]:
        """A client for one call; of those with room, the one that was used last."""
        if not self._free:
            self._made.append(self._make())
            self._free = [self._made[-1]] * _CALLS_A_CLIENT
        client = self._free.pop()
        try:
            yield client
        finally:
            self._free.append(client)

    def _make(self) -> "AsyncOpenAI":
        import httpx
        import openai

        http = openai.DefaultAsyncHttpxClient(
            verify=_certificates(), limits=httpx.Limits(keepalive_expiry=_KEPT_S)
        )
        return openai.AsyncOpenAI(
            base_url=self._base_url, api_key=self._key, max_retries=0, http_client=http
        )

    async def close(self) -> None:
        for client in self._made:
            await client.close()


@functools.cache
def _certificates() -> ssl.SSLContext:
    """Whom the clients trust; reading that takes longer than many calls."""
    import httpx

    return httpx.create_ssl_context()


class OpenAI:
    """Asks a model at OPENAI_BASE_URL, or at the profile's own `base_url`."""

    OPTIONS: ClassVar[Mapping[str, Option[Any]]] = {
        **CHAT_OPTIONS,
        "base_url": Text(
            meaning="The address of a compatible server; left out, OPENAI_BASE_URL or OpenAI.",
            pattern=r"https?://\S+",
            shape="an address that begins with http:// or https://",
        ),
        "limit_field": Choice(
            meaning="The name under which max_tokens is sent; newer models want the longer one.",
            among=_LIMIT_FIELDS,
            default="max_tokens",
        ),
    }
    MODELS: ClassVar[tuple[str, ...] | None] = None

    def __init__(self) -> None:
        # A connection belongs to the event loop that opened it.
        self._by_loop: WeakKeyDictionary[
            asyncio.AbstractEventLoop, dict[tuple[str | None, str], _Clients]
        ] = WeakKeyDictionary()

    async def reply(self, conversation: Conversation, *, profile: Profile, seed: int) -> Reply:
        """Return the model's next message."""
        options = ChatOptions.of(profile.options)
        if _TYPES not in sys.modules:
            # The import takes about a second: not on the loop that serves the rooms.
            await asyncio.to_thread(importlib.import_module, _TYPES)
        address, key = self._address(profile), read_key(options.key_env or _KEY_ENV)
        clients = self._clients(address, key)
        sent = self._sent(conversation, profile, options=options, seed=seed)

        async def ask() -> Reply:
            with clients.one() as client:
                response = await _completion(client, sent, timeout_s=options.timeout_s)
            request_id = getattr(response, "_request_id", None) or getattr(response, "id", None)
            spent = spent_on(response, options, request_id)
            return read_reply(response, model=profile.model, spent=spent)

        return await persist(ask, options, provider=(address, key))

    async def close(self) -> None:
        """Close the connections of the running event loop."""
        for clients in self._by_loop.pop(asyncio.get_running_loop(), {}).values():
            await clients.close()

    def _sent(
        self, conversation: Conversation, profile: Profile, *, options: ChatOptions, seed: int
    ) -> dict[str, Any]:
        limit = self.OPTIONS["limit_field"].need(profile.options, "limit_field")
        return {
            "model": profile.model,
            "messages": list(prompt(conversation, profile)),
            limit: options.max_tokens,
            **options.sampling(seed),
        }

    def _address(self, profile: Profile) -> str | None:
        own = self.OPTIONS["base_url"].read(profile.options, "base_url")
        return own or os.environ.get(_URL_ENV) or None

    def _clients(self, address: str | None, key: str) -> _Clients:
        held = self._by_loop.setdefault(asyncio.get_running_loop(), {})
        if (address, key) not in held:
            held[address, key] = _Clients(address, key)
        return held[address, key]


async def _completion(
    client: "AsyncOpenAI", sent: Mapping[str, Any], *, timeout_s: float
) -> object:
    from openai.types.chat import ChatCompletion

    try:
        # `chat.completions.create` would first look at every message through the types of all that
        # a message may be, which takes longer than the call itself; these are plain texts.
        return await client.post(
            "/chat/completions",
            body=sent,
            cast_to=ChatCompletion,
            options={"timeout": timeout_s},
        )
    except Exception as error:
        # The library lets errors of its own dependencies through; none may end the room.
        raise failure(error) from error
