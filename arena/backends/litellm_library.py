"""litellm itself, loaded when it is first needed and made to keep quiet."""

import functools
import importlib
import logging
import os
from collections.abc import Callable
from typing import Any

#: Prices from the copy in the package instead of a download, and no `.env` file read on the way.
_BEFORE_IMPORT = {"LITELLM_LOCAL_MODEL_COST_MAP": "True", "LITELLM_MODE": "PRODUCTION"}


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
