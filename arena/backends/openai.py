"""Any model behind the OpenAI protocol, chat completions or responses, through its client.

The client library is imported when a reply is first asked for, never before.
"""

import asyncio
import contextlib
import functools
import importlib
import json
import os
import re
import ssl
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar
from weakref import WeakKeyDictionary

from arena.backends import responses
from arena.backends.attempts import persist
from arena.backends.base import Conversation, Profile, Reply
from arena.backends.chat_options import CHAT_OPTIONS, SAMPLING, ChatOptions
from arena.backends.completion import field, read_reply, spent_on
from arena.backends.error_answer import error_within
from arena.backends.failure import BackendError
from arena.backends.keys import read_key
from arena.backends.manners import APIS, LIMIT_FIELDS, Manner, in_its_manner, limit_field
from arena.backends.option import Address, Choice, Option, Parameters
from arena.backends.prompting import PromptMessage, prompt
from arena.backends.provider_errors import failed, failure, unreadable

if TYPE_CHECKING:
    import httpx
    from openai import AsyncOpenAI

_KEY_ENV, _URL_ENV = "OPENAI_API_KEY", "OPENAI_BASE_URL"
#: What a call needs of the library; all of it is loaded with this.
_LOADED = ("openai", "arena.backends.answer_size")
_OPENAI = re.compile(r"https?://[^/]*\b(?:openai\.com|openai\.azure\.com)(?:[:/]|$)")

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

        from arena.backends.answer_size import bound

        http = openai.DefaultAsyncHttpxClient(
            verify=_certificates(), limits=httpx.Limits(keepalive_expiry=_KEPT_S)
        )
        return openai.AsyncOpenAI(
            base_url=self._base_url, api_key=self._key, max_retries=0, http_client=bound(http)
        )

    async def close(self) -> None:
        for client in self._made:
            await client.close()


@functools.cache
def _certificates() -> ssl.SSLContext:
    """Whom the clients trust; reading that takes longer than many calls."""
    import httpx

    return httpx.create_ssl_context()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Call:
    """What is asked, of whom, and how a reply to it is read."""

    model: str
    key: str
    options: ChatOptions
    prompt: tuple[PromptMessage, ...]
    more: Mapping[str, Any]

    def request(self, manner: Manner) -> dict[str, Any]:
        chat = {
            "model": self.model,
            "messages": manner.messages(self.prompt),
            manner.limit_field: self.options.max_tokens,
            **self.more,
        }
        return chat if manner.api == "chat" else responses.request(chat)

    def reply(self, answer: object, manner: Manner, *, request_id: object) -> Reply:
        if manner.api == "chat":
            spent = self.options.priced(spent_on(field(answer, "usage"), request_id))
            unmarked = manner.thinks_unmarked
            return read_reply(answer, model=self.model, spent=spent, unmarked=unmarked)
        spent = self.options.priced(responses.spent_by(answer, request_id))
        return responses.read_response(answer, model=self.model, spent=spent)


class OpenAI:
    """Asks a model at OPENAI_BASE_URL, or at the profile's own `base_url`."""

    OPTIONS: ClassVar[Mapping[str, Option[Any]]] = {
        **CHAT_OPTIONS,
        "base_url": Address(
            meaning="The address of a compatible server; left out, OPENAI_BASE_URL or OpenAI."
        ),
        "limit_field": Choice(
            meaning="The name under which max_tokens is sent. Left out, the one that suits the "
            "model, and the other if the provider refuses it.",
            among=LIMIT_FIELDS,
        ),
        "api": Choice(
            meaning="Chat completions or the Responses API. Left out, chat, and responses where "
            "the provider says that the model has no other.",
            among=APIS,
        ),
        "extra_body": Parameters(
            meaning="Further parameters of the request, sent as they are.",
            taken=frozenset({*CHAT_OPTIONS, *LIMIT_FIELDS, *SAMPLING})
            | {"model", "messages", "input", "instructions", "stream", "n", "store"},
        ),
    }
    MODELS: ClassVar[tuple[str, ...] | None] = None

    def __init__(self) -> None:
        # A connection belongs to the event loop that opened it.
        self._by_loop: WeakKeyDictionary[
            asyncio.AbstractEventLoop, dict[tuple[str | None, str], _Clients]
        ] = WeakKeyDictionary()

    def warm_up(self) -> None:
        """Load the client library, which takes about a second."""
        for module in _LOADED:
            importlib.import_module(module)

    async def reply(self, conversation: Conversation, *, profile: Profile, seed: int) -> Reply:
        """Return the model's next message."""
        options = ChatOptions.of(profile.options)
        address, key = self._address(profile), read_key(options.key_env or _KEY_ENV)
        extra = self.OPTIONS["extra_body"].read(profile.options, "extra_body") or {}
        first = self._manner(profile, address)
        call = _Call(
            model=profile.model,
            key=key,
            options=options,
            prompt=prompt(conversation, profile),
            more={**options.sent(seed), **extra},
        )
        if any(module not in sys.modules for module in _LOADED):
            # Not on the loop that serves the rooms.
            await asyncio.to_thread(self.warm_up)
        clients = self._clients(address, key)

        async def ask(manner: Manner) -> Reply:
            with clients.one() as client:
                return await _ask(client, call, manner)

        where = (address, profile.model, first.limit_field, first.api)
        return await persist(
            lambda: in_its_manner(ask, first, where=where), options, provider=(address, key)
        )

    async def close(self) -> None:
        """Close the connections of the running event loop."""
        for clients in self._by_loop.pop(asyncio.get_running_loop(), {}).values():
            await clients.close()

    def _manner(self, profile: Profile, address: str | None) -> Manner:
        of_openai = address is None or _OPENAI.match(address) is not None
        limit = self.OPTIONS["limit_field"].read(profile.options, "limit_field")
        return Manner(
            limit_field=limit or limit_field(profile.model, of_openai=of_openai),
            api=self.OPTIONS["api"].read(profile.options, "api") or "chat",
        )

    def _address(self, profile: Profile) -> str | None:
        own = self.OPTIONS["base_url"].read(profile.options, "base_url")
        return own or os.environ.get(_URL_ENV) or None

    def _clients(self, address: str | None, key: str) -> _Clients:
        held = self._by_loop.setdefault(asyncio.get_running_loop(), {})
        if (address, key) not in held:
            held[address, key] = _Clients(address, key)
        return held[address, key]


async def _ask(client: "AsyncOpenAI", call: _Call, manner: Manner) -> Reply:
    import httpx

    sent = call.request(manner)
    try:
        # `chat.completions.create` would first look at every message through the types of all that
        # a message may be, and read the answer into as many; that takes longer than the call.
        response = await client.post(
            "/chat/completions" if manner.api == "chat" else responses.PATH,
            body=sent,
            cast_to=httpx.Response,
            options={"timeout": call.options.timeout_s},
        )
        answer = _read(response)
    except BackendError:
        raise
    except Exception as error:
        # The library lets errors of its own dependencies through; none may end the room.
        raise failure(error, sent=sent, key=call.key) from error
    request_id = response.headers.get("x-request-id") or field(answer, "id")
    if (said := error_within(answer)) is not None:
        spent = call.options.priced(spent_on(field(answer, "usage"), request_id))
        raise failed(
            said, headers=response.headers, body=answer, sent=sent, key=call.key, spent=spent
        )
    return call.reply(answer, manner, request_id=request_id)


def _read(response: "httpx.Response") -> object:
    """The JSON of an answer; it is not long, so reading it takes no time worth a thread."""
    try:
        return json.loads(response.content)
    except (ValueError, RecursionError) as error:
        kind = response.headers.get("content-type", "")
        raise unreadable(response.content, content_type=kind) from error
