"""Any provider that litellm knows, named as litellm names its models ("anthropic/claude-…").

The library is imported when a reply is first asked for: it costs seconds and 200 MB.
"""

import asyncio
import dataclasses
import re
from collections.abc import Mapping
from typing import Any, ClassVar

from arena.backends import litellm_library
from arena.backends.attempts import persist
from arena.backends.base import Conversation, Profile, Reply
from arena.backends.chat_options import CHAT_OPTIONS, ChatOptions, no_key, read_key
from arena.backends.completion import read_reply, spent_on
from arena.backends.failure import BackendError, ErrorKind, Spent
from arena.backends.option import Option, Text
from arena.backends.prompting import prompt
from arena.backends.provider_errors import failure

_KEY = re.compile(r"missing [^.]*(credentials|api[_ ]key)", re.IGNORECASE)


class LiteLLM:
    """Asks a model through litellm, with the provider's key under its usual name."""

    OPTIONS: ClassVar[Mapping[str, Option[Any]]] = {
        **CHAT_OPTIONS,
        "api_base": Text(
            meaning="The address of the provider's server; left out, the provider's own.",
            pattern=r"https?://\S+",
            shape="an address that begins with http:// or https://",
        ),
    }
    MODELS: ClassVar[tuple[str, ...] | None] = None

    def __init__(self) -> None:
        self._library: Any = None

    async def reply(self, conversation: Conversation, *, profile: Profile, seed: int) -> Reply:
        """Return the model's next message."""
        options = ChatOptions.of(profile.options)
        sent = self._sent(conversation, profile, options=options, seed=seed)
        # The import takes seconds: not on the loop that serves the rooms.
        self._library = self._library or await asyncio.to_thread(litellm_library.load)

        async def ask() -> Reply:
            response = await self._completion(sent)
            spent = self._spent(response, profile.model, options)
            return read_reply(response, model=profile.model, spent=spent)

        maker = profile.model.partition("/")[0] if "/" in profile.model else ""
        provider = (maker, sent.get("api_base"), sent.get("api_key"))
        return await persist(ask, options, provider=provider)

    async def close(self) -> None:
        """Close every connection of the library and forget it, so that none is used again."""
        if self._library is not None:
            await self._library.close_litellm_async_clients()
            self._library.in_memory_llm_clients_cache.flush_cache()

    def _sent(
        self, conversation: Conversation, profile: Profile, *, options: ChatOptions, seed: int
    ) -> dict[str, Any]:
        sent: dict[str, Any] = {
            "model": profile.model,
            "messages": list(prompt(conversation, profile)),
            "max_tokens": options.max_tokens,
            "timeout": options.timeout_s,
            "max_retries": 0,
            "num_retries": 0,
            **options.sampling(seed),
        }
        if options.key_env:
            sent["api_key"] = read_key(options.key_env)
        if api_base := self.OPTIONS["api_base"].read(profile.options, "api_base"):
            sent["api_base"] = api_base
        return sent

    async def _completion(self, sent: Mapping[str, Any]) -> Any:
        try:
            return await self._library.acompletion(**sent)
        except Exception as error:
            # The library lets errors of its own dependencies through; none may end the room.
            raise self._named(failure(error), sent) from error

    def _named(self, failed: BackendError, sent: Mapping[str, Any]) -> BackendError:
        """Return the failure, with the variable's name where it is that a key is not set."""
        # A key that is not set comes as status 401 or 500, depending on the provider.
        if "api_key" in sent or not (failed.kind == ErrorKind.NO_KEY or _KEY.search(str(failed))):
            return failed
        missing = self._library.validate_environment(sent["model"])["missing_keys"]
        return no_key(" or ".join(missing)) if missing else failed

    def _spent(self, response: Any, model: str, options: ChatOptions) -> Spent:
        headers = getattr(response, "_response_headers", None) or {}
        request_id = headers.get("x-request-id") or getattr(response, "id", None)
        spent = spent_on(response, options, request_id)
        if spent.cost_usd is not None:
            return spent
        return dataclasses.replace(spent, cost_usd=self._price(response, model))

    def _price(self, response: Any, model: str) -> float | None:
        """Return the cost by the library's price list, or None for a model it does not list."""
        try:
            return float(self._library.completion_cost(response, model=model))
        except Exception:
            # It raises a bare Exception for a model without a price.
            return None
