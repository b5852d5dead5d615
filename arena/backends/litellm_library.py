"""litellm itself, loaded when it is first needed, made to keep quiet and out of the rooms' way."""

import asyncio
import contextlib
import functools
import importlib
import logging
import os
import threading
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

T = TypeVar("T")

#: Prices from the copy in the package instead of a download, and no `.env` file read on the way.
_BEFORE_IMPORT = {"LITELLM_LOCAL_MODEL_COST_MAP": "True", "LITELLM_MODE": "PRODUCTION"}


class Library:
    """litellm on an event loop and in a thread of its own.

    It works for tens of milliseconds on a call, without a pause: on the loop that serves the rooms
    all of them would wait for it.
    """

    def __init__(self) -> None:
        self.module = load()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._serve, name="litellm", daemon=True)
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._rehearse(), self._loop).result()

    async def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Return what `work` returns in that thread; cancelled, it cancels the work."""
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work, self._loop))

    async def close(self) -> None:
        """Close every connection, forget the clients, and end the thread."""
        await self.run(self.module.close_litellm_async_clients())
        self.module.in_memory_llm_clients_cache.flush_cache()
        self._loop.call_soon_threadsafe(self._loop.stop)
        await asyncio.to_thread(self._thread.join)

    async def _rehearse(self) -> None:
        """Have built what the first call would wait for, by one that reaches nobody."""
        with contextlib.suppress(Exception):
            await self.module.acompletion(
                model="openai/none",
                messages=[{"role": "user", "content": "hi"}],
                api_base="http://127.0.0.1:1/v1",
                api_key="none",
                max_retries=0,
                timeout=5,
            )

    def _serve(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_forever()
        finally:
            left = asyncio.all_tasks(self._loop)
            for task in left:
                task.cancel()
            self._loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
            self._loop.run_until_complete(self._loop.shutdown_asyncgens())
            self._loop.close()


def load() -> Any:
    """Return the library; the first call takes seconds."""
    os.environ.update(_BEFORE_IMPORT)
    litellm: Any = importlib.import_module("litellm")
    # Its own lines go to standard error; what a call did is in the log of its room.
    logging.getLogger("LiteLLM").setLevel(logging.ERROR)
    litellm.telemetry = False
    litellm.suppress_debug_info = True
    # httpx instead of aiohttp: its clients close without leaving sessions behind.
    litellm.disable_aiohttp_transport = True
    # Tokenizers that are not in the package are not fetched either.
    litellm.disable_hf_tokenizer_download = True
    _bound_answers()
    # Its types are built on first use, and warn; at this point its own warning filter is still on.
    litellm.ModelResponse()
    return litellm


def _bound_answers() -> None:
    """Bound what is read of an answer, in whichever of its two ways the library makes a client."""
    from litellm.llms.custom_httpx.http_handler import AsyncHTTPHandler
    from litellm.llms.openai.common_utils import BaseOpenAILLM

    from arena.backends.answer_size import bound

    def bounded(make: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(make)
        def made(*args: Any, **kwargs: Any) -> Any:
            return bound(make(*args, **kwargs))

        return made

    if not hasattr(AsyncHTTPHandler.create_client, "__wrapped__"):
        handler: Any = AsyncHTTPHandler
        handler.create_client = bounded(AsyncHTTPHandler.create_client)
        library: Any = BaseOpenAILLM
        library._get_async_http_client = staticmethod(bounded(BaseOpenAILLM._get_async_http_client))
