"""Any provider that litellm knows, named as litellm names its models ("anthropic/claude-…").

The library is imported when a reply is first asked for: it costs seconds and 200 MB.
"""

import asyncio
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from arena.backends import litellm_library
from arena.backends.attempts import persist
from arena.backends.base import Conversation, Profile, Reply
from arena.backends.chat_options import CHAT_OPTIONS, SAMPLING, ChatOptions
from arena.backends.completion import field, read_reply, spent_on
from arena.backends.failure import BackendError, ErrorKind, Spent
from arena.backends.keys import no_key, read_key
from arena.backends.manners import LIMIT_FIELDS, Manner, in_its_manner
from arena.backends.option import Address, Boolean, Option, Parameters
from arena.backends.prompting import PromptMessage, prompt
from arena.backends.provider_errors import failure

_KEY = re.compile(r"missing [^.]*(credentials|api[_ ]key)", re.IGNORECASE)
#: What is no parameter of the request but of the library, and would send, log or store elsewhere.
_OF_LIBRARY = frozenset(
    {
        "model",
        "messages",
        "stream",
        "n",
        "api_base",
        "base_url",
        "api_key",
        "max_retries",
        "num_retries",
        "timeout",
        "fallbacks",
        "callbacks",
        "metadata",
        "mock_response",
        "caching",
        "cache",
        "cache_control_injection_points",
        "drop_params",
        "extra_headers",
        "headers",
        "custom_llm_provider",
        "client",
        "acompletion",
    }
)

#: Options that litellm refuses to pass to models that it does not know to have them.
_LET_BY = frozenset({"reasoning_effort", "verbosity"})


@dataclass(frozen=True, slots=True, kw_only=True)
class _LibraryCall:
    """What is asked, of whom, and how a reply to it is read."""

    profile: Profile
    options: ChatOptions
    prompt: tuple[PromptMessage, ...]
    cache: bool
    more: Mapping[str, Any]

    def request(self, manner: Manner) -> dict[str, Any]:
        messages = manner.messages(self.prompt)
        return {
            "model": self.profile.model,
            "messages": _marked(messages) if self.cache else messages,
            manner.limit_field: self.options.max_tokens,
            "timeout": self.options.timeout_s,
            "max_retries": 0,
            "num_retries": 0,
            **self.more,
        }


class LiteLLM:
    """Asks a model through litellm, with the provider's key under its usual name."""

    OPTIONS: ClassVar[Mapping[str, Option[Any]]] = {
        **CHAT_OPTIONS,
        "api_base": Address(
            meaning="The address of the provider's server; left out, the provider's own."
        ),
        "cache": Boolean(
            meaning="Whether to mark what a provider keeps of a prompt (Anthropic, Bedrock); "
            "others keep it by themselves.",
            default=False,
        ),
        "extra_params": Parameters(
            meaning="Further parameters of litellm's completion(), passed on as they are.",
            taken=frozenset({*CHAT_OPTIONS, *LIMIT_FIELDS, *SAMPLING}) | _OF_LIBRARY,
        ),
    }
    MODELS: ClassVar[tuple[str, ...] | None] = None

    def __init__(self) -> None:
        self._library: Any = None

    def warm_up(self) -> None:
        """Load the library, which takes seconds."""
        self._library = self._library or litellm_library.load()

    async def reply(self, conversation: Conversation, *, profile: Profile, seed: int) -> Reply:
        """Return the model's next message."""
        options = ChatOptions.of(profile.options)
        address = self._address(profile)
        call = _LibraryCall(
            profile=profile,
            options=options,
            prompt=prompt(conversation, profile),
            cache=self.OPTIONS["cache"].need(profile.options, "cache"),
            more={**address, **self._more(profile, options.sent(seed))},
        )
        if self._library is None:
            # Not on the loop that serves the rooms.
            await asyncio.to_thread(self.warm_up)

        async def ask(manner: Manner) -> Reply:
            return await self._ask(call, manner)

        # litellm itself knows under which name most models want their limit.
        first, base = Manner(limit_field="max_tokens"), address.get("api_base")
        maker = profile.model.partition("/")[0] if "/" in profile.model else ""
        return await persist(
            lambda: in_its_manner(ask, first, where=(base, profile.model)),
            options,
            provider=(maker, base, address.get("api_key")),
        )

    async def close(self) -> None:
        """Close every connection of the library and forget it, so that none is used again."""
        if self._library is not None:
            await self._library.close_litellm_async_clients()
            self._library.in_memory_llm_clients_cache.flush_cache()

    def _address(self, profile: Profile) -> dict[str, str]:
        base = self.OPTIONS["api_base"].read(profile.options, "api_base")
        variable = CHAT_OPTIONS["key_env"].read(profile.options, "key_env")
        found = {"api_base": base, "api_key": read_key(variable) if variable else None}
        return {name: value for name, value in found.items() if value}

    def _more(self, profile: Profile, sampling: Mapping[str, Any]) -> dict[str, Any]:
        """What the profile wants sent; what litellm does not know of a model it is to let by."""
        extra = self.OPTIONS["extra_params"].read(profile.options, "extra_params") or {}
        let_by = sorted(extra.keys() | sampling.keys() & _LET_BY)
        allowed = {"allowed_openai_params": let_by} if let_by else {}
        return {**sampling, **extra, **allowed}

    async def _ask(self, call: _LibraryCall, manner: Manner) -> Reply:
        sent = call.request(manner)
        try:
            answer = await self._library.acompletion(**sent)
        except Exception as error:
            # The library lets errors of its own dependencies through; none may end the room.
            named = failure(error, sent=_options_sent(sent), key=sent.get("api_key", ""))
            raise self._named(named, sent) from error
        spent = self._spent(answer, call)
        unmarked = manner.thinks_unmarked
        return read_reply(answer, model=call.profile.model, spent=spent, unmarked=unmarked)

    def _named(self, failed: BackendError, sent: Mapping[str, Any]) -> BackendError:
        """Return the failure, with the variable's name where it is that a key is not set."""
        # A key that is not set comes as status 401 or 500, depending on the provider.
        if "api_key" in sent or not (failed.kind == ErrorKind.NO_KEY or _KEY.search(str(failed))):
            return failed
        missing = self._library.validate_environment(sent["model"])["missing_keys"]
        return no_key(" or ".join(missing)) if missing else failed

    def _spent(self, answer: Any, call: _LibraryCall) -> Spent:
        headers = getattr(answer, "_response_headers", None) or {}
        request_id = headers.get("x-request-id") or field(answer, "id")
        spent = call.options.priced(spent_on(field(answer, "usage"), request_id))
        if spent.cost_usd is not None:
            return spent
        return replace(spent, cost_usd=self._price(answer, call.profile.model))

    def _price(self, answer: Any, model: str) -> float | None:
        """Return the cost by the library's price list, or None for a model it does not list."""
        try:
            return float(self._library.completion_cost(answer, model=model))
        except Exception:
            # It raises a bare Exception for a model without a price.
            return None


def _options_sent(sent: Mapping[str, Any]) -> dict[str, Any]:
    """What of a request may be an option of a profile."""
    return {name: value for name, value in sent.items() if name not in _OF_LIBRARY}


def _marked(messages: Sequence[PromptMessage]) -> list[dict[str, Any]]:
    """The messages, with marks up to which a provider shall keep what it has read.

    The instructions never change, and all but the newest words stand in every later prompt too.
    """
    marked: list[dict[str, Any]] = [dict(message) for message in messages]
    for n in {0, len(marked) - 2} & set(range(len(marked))):
        text = {"type": "text", "text": marked[n]["content"]}
        marked[n]["content"] = [text | {"cache_control": {"type": "ephemeral"}}]
    return marked
