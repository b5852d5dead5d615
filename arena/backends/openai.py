"""Any model behind the OpenAI chat-completions protocol, through the official client.

The client library is imported when a reply is first asked for, never before.
"""

import asyncio
import importlib
import os
from collections.abc import Mapping
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
_LIMIT_FIELDS = ("max_tokens", "max_completion_tokens")

_Clients = dict[tuple[str | None, str], "AsyncOpenAI"]


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
        self._by_loop: WeakKeyDictionary[asyncio.AbstractEventLoop, _Clients] = WeakKeyDictionary()

    async def reply(self, conversation: Conversation, *, profile: Profile, seed: int) -> Reply:
        """Return the model's next message."""
        options = ChatOptions.of(profile.options)
        # The import takes about a second: not on the loop that serves the rooms.
        await asyncio.to_thread(importlib.import_module, "openai")
        client = self._client(profile, options)
        sent = self._sent(conversation, profile, options=options, seed=seed)

        async def ask() -> Reply:
            response = await _completion(client, sent)
            request_id = getattr(response, "_request_id", None) or getattr(response, "id", None)
            spent = spent_on(response, options, request_id)
            return read_reply(response, model=profile.model, spent=spent)

        return await persist(ask, options)

    async def close(self) -> None:
        """Close the connections of the running event loop."""
        for client in self._by_loop.pop(asyncio.get_running_loop(), {}).values():
            await client.close()

    def _sent(
        self, conversation: Conversation, profile: Profile, *, options: ChatOptions, seed: int
    ) -> dict[str, Any]:
        limit = self.OPTIONS["limit_field"].need(profile.options, "limit_field")
        return {
            "model": profile.model,
            "messages": list(prompt(conversation, profile)),
            "timeout": options.timeout_s,
            limit: options.max_tokens,
            **options.sampling(seed),
        }

    def _client(self, profile: Profile, options: ChatOptions) -> "AsyncOpenAI":
        key = read_key(options.key_env or _KEY_ENV)
        base_url = self.OPTIONS["base_url"].read(profile.options, "base_url")
        base_url = base_url or os.environ.get(_URL_ENV) or None
        clients = self._by_loop.setdefault(asyncio.get_running_loop(), {})
        if (base_url, key) not in clients:
            from openai import AsyncOpenAI

            clients[base_url, key] = AsyncOpenAI(base_url=base_url, api_key=key, max_retries=0)
        return clients[base_url, key]


async def _completion(client: "AsyncOpenAI", sent: Mapping[str, Any]) -> object:
    try:
        return await client.chat.completions.create(**sent)
    except Exception as error:
        # The library lets errors of its own dependencies through; none may end the room.
        raise failure(error) from error
